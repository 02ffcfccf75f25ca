"""Writing and reading captures, side by side with tshark in one run.

    python benchmarks/capture.py [PACKETS]

Makes a capture of PACKETS chat packets (a million unless told otherwise), then reports the CPU
time that a packet costs the recorder; what ``decode`` takes for its figures, JSON lines and table;
what tshark takes for ``-T fields``; the memory of decode on a hundredth of the capture and on all
of it; and a seek by time. docs/performance.md says what was aimed at.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chatctl.capture.config import RecordConfig
from chatctl.capture.converting.edit import sliced
from chatctl.capture.reading.reader import read_batches, read_records
from chatctl.capture.reading.seek import open_at
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import Sink
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction

PEERS = 10
WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "we", "talk")


def frames(count: int) -> list[bytes]:
    """Return frames of about a hundred octets."""
    rng = random.Random(1)
    return [
        encode_frame(
            Chat(nick=f"peer{n % PEERS}", message=" ".join(rng.choices(WORDS, k=11)), seq=n + 1)
        )
        for n in range(count)
    ]


def write(path: Path, packets: int) -> float:
    """Record *packets*, ten for each saying; return the CPU seconds that each took."""
    talk = frames(packets // PEERS + 1)
    recorder = Recorder(Sink(path), RecordConfig(str(path)), side="server")
    for conn in range(PEERS):
        recorder.opened(conn, f"127.0.0.1:{50_000 + conn}", "127.0.0.1:3490")
    down = Direction.TO_CLIENT
    begin = time.process_time()
    for number in range(packets):
        recorder.crossed(number % PEERS, down, talk[number // PEERS])
        if number % 50 == 0:
            recorder.flush()
    spent = time.process_time() - begin
    recorder.close()
    return spent / packets


def run(*command: str) -> tuple[float, int]:
    """Return the CPU seconds of *command* and the most memory it had, in KiB."""
    with Path(os.devnull).open("wb") as nothing:
        process = subprocess.Popen(command, stdout=nothing, stderr=nothing)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def seek(path: Path) -> float:
    """Return the seconds to the first record half way into *path*."""
    begin = next(read_records(path)).at
    span = max(1e-3, (path.stat().st_mtime_ns - begin) / 1e9 / 2)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        found = open_at(path, span)
        if found is None:
            return 0.0
        batches = read_batches(found.source)
        next(filter(None, sliced(batches, (span, float("inf")), found.begin)), None)
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    """Run it all and print a table."""
    packets = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder, "large.pcapng"), Path(folder, "small.pcapng")
        cost = write(large, packets)
        write(small, max(1, packets // 100))
        megabytes = large.stat().st_size / 1e6
        print(f"{packets:,} packets, {megabytes:.0f} MB, Python {sys.version.split()[0]}")
        print(f"{'write':<24}{cost * 1e6:8.2f} µs a packet")
        decode = (sys.executable, "-m", "chatctl", "decode")
        theirs = 0.0
        if shutil.which("tshark"):
            spent, _ = run("tshark", "-r", str(large), "-T", "fields", "-e", "frame.number")
            theirs = spent / packets
            print(f"{'tshark -T fields':<24}{theirs * 1e6:8.2f} µs a packet")
        for name, options in (("stats", ["--stats"]), ("json", ["--json"]), ("table", [])):
            spent, memory = run(*decode, *options, str(large))
            _, little = run(*decode, *options, str(small))
            own = spent / packets
            ratio = f"{theirs / own:6.1f} times tshark" if theirs else ""
            growth = f"memory {memory / 1024:.0f} MiB, {memory / little:.2f} times that of 1 %"
            print(f"{'decode --' + name:<24}{own * 1e6:8.2f} µs a packet {ratio}, {growth}")
        print(f"{'seek to the middle':<24}{seek(large) * 1000:8.2f} ms")


if __name__ == "__main__":
    main()
