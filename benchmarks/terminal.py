"""How fast the full screen answers keys while words pour in, in a real pseudo terminal.

    python benchmarks/terminal.py [--rate 2000] [--seconds 10] [--rows 100000]

A server of a few lines floods ``chatctl connect`` with base packets; every 50 ms a letter that
stands nowhere else is typed, and the time is taken until the terminal shows it. Then the client
is loaded with a long scrollback, paged and resized. Prints the figures; status 1 where a target of
the design is missed by more than 2.5 times, which is what noise on a small machine can do.
"""

import argparse
import asyncio
import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass, field
from pathlib import Path

from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Join

KEY_EVERY = 0.05
SLACK = 2.5
LETTERS = [chr(code) for code in range(0x4E00, 0x9FA0)]


# ---------------------------------------------------------------- the server


async def flood(rate: int, seconds: float, rows: int) -> None:
    """Serve one client: *rows* at once, then on SIGUSR1 *rate* a second for *seconds*."""
    go = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, go.set)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(encode_frame(Join("bench")))
        number = 0
        while number < rows:
            writer.write(b"".join(said(number + n) for n in range(500)))
            number += 500
            await writer.drain()
        writer.write(said(number, "LOADED"))
        await go.wait()
        start = time.perf_counter()
        sent = 0
        while (passed := time.perf_counter() - start) < seconds:
            due = int(passed * rate) - sent
            writer.write(b"".join(said(sent + n) for n in range(due)))
            sent += due
            await writer.drain()
            await asyncio.sleep(0.005)
        print(time.time(), sent, flush=True)
        writer.write(said(sent, "FLOODED"))
        await reader.read()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


def said(number: int, text: str = "") -> bytes:
    """Return the frame of message *number*."""
    words = text or f"message {number} with a few words in it, as people write them"
    return encode_frame(Chat(f"nick{number % 50}", words))


# ---------------------------------------------------------------- the terminal


@dataclass
class Terminal:
    """``chatctl connect`` in a pseudo terminal, and what it has drawn so far."""

    pid: int
    fd: int
    seen: bytearray = field(default_factory=bytearray)

    @classmethod
    def start(cls, port: int, size: tuple[int, int]) -> "Terminal":
        """Run the client at *size*, columns and rows."""
        pid, fd = pty.fork()
        if pid == 0:
            os.environ |= {"TERM": "xterm-256color", "CHATCTL_CONFIG": os.devnull}
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
            command = [sys.executable, "-m", "chatctl", "connect", "bench", "-s", f":{port}"]
            os.execv(sys.executable, command)
        terminal = cls(pid, fd)
        terminal.resize(*size)
        return terminal

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def pump(self, until: float) -> None:
        """Read what is drawn until the moment *until*."""
        while (left := until - time.perf_counter()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                self.seen += os.read(self.fd, 1 << 16)

    def wait_for(self, text: str, patience: float) -> float:
        """Read until *text* is drawn; return the seconds that took."""
        start, wanted, mark = time.perf_counter(), text.encode(), 0
        while wanted not in self.seen[mark:]:
            mark = max(0, len(self.seen) - len(wanted))
            left = start + patience - time.perf_counter()
            if left <= 0:
                raise TimeoutError(f"{text!r} was not drawn in {patience} s")
            if select.select([self.fd], [], [], left)[0]:
                self.seen += os.read(self.fd, 1 << 16)
        return time.perf_counter() - start

    def key(self, text: str, wanted: str | None = None, patience: float = 20.0) -> float:
        """Press *text*; return the seconds until *wanted*, by default itself, is drawn."""
        self.seen.clear()
        start = time.perf_counter()
        os.write(self.fd, text.encode())
        self.wait_for(wanted or text, patience)
        return time.perf_counter() - start

    def settle(self, quiet: float = 0.15, patience: float = 10.0) -> float:
        """Read until nothing was drawn for *quiet* seconds; return when drawing ended."""
        start = last = time.perf_counter()
        while time.perf_counter() - last < quiet and time.perf_counter() - start < patience:
            if select.select([self.fd], [], [], 0.02)[0]:
                try:
                    self.seen += os.read(self.fd, 1 << 16)
                except OSError:  # what Linux says of a terminal whose program has ended
                    break
                last = time.perf_counter()
        return last - start

    def usage(self) -> tuple[float, float]:
        """Return seconds of processor time and MB of memory the client has used."""
        proc = Path(f"/proc/{self.pid}")
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        found = re.search(r"VmRSS:\s+(\d+)", (proc / "status").read_text())
        return ticks / os.sysconf("SC_CLK_TCK"), int(found[1]) / 1024 if found else 0.0


# ---------------------------------------------------------------- the measurements


class Report:
    """The figures, each with its target."""

    def __init__(self) -> None:
        self.missed = False

    def add(self, what: str, value: float, target: float, unit: str) -> None:
        """Print one figure."""
        self.missed |= value > target * SLACK
        verdict = "ok" if value <= target else "over" if value <= target * SLACK else "MISSED"
        print(f"{what:<42} {value:8.1f} {unit:<3} target {target:g}   {verdict}")


def percentile(values: list[float], part: float) -> float:
    """Return the value below which *part* of *values* lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def measure_flood(options: argparse.Namespace, report: Report) -> None:
    """Measure keys during the flood."""
    with serving(options.rate, options.seconds, 0) as (server, port):
        start = time.perf_counter()
        terminal = Terminal.start(port, (120, 40))
        terminal.wait_for("LOADED", 20)
        report.add("first words on the screen", (time.perf_counter() - start) * 1e3, 1900, "ms")
        terminal.settle()
        cpu, memory = terminal.usage()
        letters = iter(LETTERS)
        server.send_signal(signal.SIGUSR1)
        took, end = [], time.perf_counter() + options.seconds - 0.3
        while time.perf_counter() < end:
            due = time.perf_counter() + KEY_EVERY
            took.append(terminal.key(next(letters)) * 1e3)
            terminal.pump(due)
        terminal.seen.clear()
        terminal.wait_for("FLOODED", 30)
        shown = time.time()
        assert server.stdout is not None
        ended, sent = server.stdout.readline().split()
        after, grown = terminal.usage()
        report.add(f"key p50 at {options.rate}/s", statistics.median(took), 40, "ms")
        report.add(f"key p99 at {options.rate}/s", percentile(took, 0.99), 100, "ms")
        report.add(f"last of {sent} shown after", (shown - float(ended)) * 1e3, 500, "ms")
        report.add("processor", 100 * (after - cpu) / options.seconds, 50, "%")
        report.add("memory grown by", grown - memory, 60, "MB")
        stop(terminal)


def measure_scrollback(options: argparse.Namespace, report: Report) -> None:
    """Measure paging and resizing in a long scrollback."""
    with serving(1, 1, options.rows) as (_, port):
        terminal = Terminal.start(port, (120, 40))
        start = time.perf_counter()
        terminal.wait_for("LOADED", 120)
        print(f"{options.rows} rows loaded in {time.perf_counter() - start:.1f} s")
        terminal.settle()
        report.add("memory", terminal.usage()[1], 120, "MB")
        pages = []
        for _ in range(20):
            terminal.seen.clear()
            os.write(terminal.fd, b"\x1b[5~")
            drawn = terminal.wait_for("message", 10)
            pages.append((drawn + terminal.settle(0.05)) * 1e3)
        report.add("page up, median", statistics.median(pages), 100, "ms")
        sizes = []
        for size in ((200, 50), (40, 10), (80, 24), (120, 40)):
            terminal.resize(*size)
            sizes.append(terminal.settle() * 1e3)
        report.add("resize settled, worst", max(sizes), 300, "ms")
        stop(terminal)


class serving:  # noqa: N801 - reads as a function
    """Runs the flooding server while the block runs."""

    def __init__(self, rate: int, seconds: float, rows: int) -> None:
        arguments = ["--flood", "--rate", str(rate), "--seconds", str(seconds), "--rows", str(rows)]
        command = [sys.executable, __file__, *arguments]
        self._server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> tuple["subprocess.Popen[str]", int]:
        assert self._server.stdout is not None
        return self._server, int(self._server.stdout.readline())

    def __exit__(self, *_: object) -> None:
        self._server.kill()
        self._server.wait()


def stop(terminal: Terminal) -> None:
    """End the client."""
    os.kill(terminal.pid, signal.SIGTERM)
    terminal.settle(0.3)
    os.close(terminal.fd)
    os.waitpid(terminal.pid, 0)


def main() -> int:
    """Measure; return 1 where a target is missed by far."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--flood", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.flood:
        asyncio.run(flood(options.rate, options.seconds, options.rows))
        return 0
    report = Report()
    measure_flood(options, report)
    measure_scrollback(options, report)
    return int(report.missed)


if __name__ == "__main__":
    sys.exit(main())
