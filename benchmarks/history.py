"""A long history: 1,000,000 messages in one room; pages from anywhere, and the time to start.

    python benchmarks/history.py [--quick]

Each page is asked for over a socket, as a client does, 200 times; the median counts.
"""

import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from report import heading, options, table
from rivals import Chatctl

from chatctl.log.sqlite import SqliteLog
from chatctl.session.entries import Draft, EntryKind
from chatctl.wire.codec import decode_to_client, encode_frame
from chatctl.wire.framing import Deframer
from chatctl.wire.packets import AskHistory, Hello, History, Packet, Unknown

BATCH = 10_000
ASKED = 200


def fill(path: Path, messages: int) -> None:
    """Put *messages* into the history *path*, through the log itself."""
    done = threading.Semaphore(0)
    log = SqliteLog(path, lambda call: call())
    time_ms = int(time.time() * 1000) - messages * 100  # ten a second
    for start in range(0, messages, BATCH):
        log.append(
            [
                Draft(
                    "lobby",
                    EntryKind.CHAT,
                    "alice",
                    f"message {n} ".ljust(100, "."),
                    time_ms + n * 100,
                )
                for n in range(start, start + BATCH)
            ],
            lambda _: done.release(),
        )
        done.acquire()
    log.close()


class Reader:
    """A client that asks for pages, one after the other."""

    def __init__(self, port: int) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._sock.sendall(encode_frame(Hello("reader", 1)))
        self._deframer = Deframer()

    def page(self, before: int) -> float:
        """Return the milliseconds the page before *before* took."""
        start = time.perf_counter()
        self._sock.sendall(encode_frame(AskHistory(before=before, id="h")))
        page = next(packet for packet in self._packets() if isinstance(packet, History))
        assert page.entries[-1].seq == before - 1
        return (time.perf_counter() - start) * 1e3

    def _packets(self) -> Iterator[Packet | Unknown]:
        while data := self._sock.recv(65536):
            yield from map(decode_to_client, self._deframer.feed(data))

    def close(self) -> None:
        """Leave."""
        self._sock.close()


def main() -> int:
    """Print the table; return 1 where pages get dearer or the start takes a second."""
    messages = 100_000 if options(__doc__).quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        fill(path, messages)
        with Chatctl("--no-history") as rival:
            empty = rival.started
        with Chatctl("--history", str(path)) as rival:
            reader = Reader(rival.port)
            places = {"the beginning": 1_000, "the middle": messages // 2, "the end": messages + 1}
            took = {
                name: statistics.median(reader.page(before - n) for n in range(ASKED))
                for name, before in places.items()
            }
            reader.close()
            more = rival.started - empty
    heading(f"{messages:,} messages of 100 octets in one room")
    table(["a page of 200 from", "ms"], [[name, f"{ms:.2f}"] for name, ms in took.items()])
    print(f"\nstart-up: {more * 1e3:.0f} ms more than a server without a history")
    return int(max(took.values()) > 2 * took["the end"] or more > 1)


if __name__ == "__main__":
    sys.exit(main())
