"""Latency: one message at a time to 500 readers, until all of them have it.

    python benchmarks/latency.py [--quick] [--rounds N] [--only NAME ...]

The next message is sent when the last reader has the one before: nothing can be joined with
another, so this is what one message costs. All servers run at the same time and are asked in turn,
message by message, so whatever else the machine does it does to all of them.
"""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

from load import Crowd, raise_file_limit
from report import heading, options, percentile, table
from rivals import Chatctl, Limit, Nats, Ngircd, Redis, Rival

READERS = 500
MESSAGES = 1_000
SIZE = 100

RIVALS: dict[str, Callable[[], Rival]] = {
    "chatctl, memory": lambda: Chatctl("--no-history"),
    "chatctl, SQLite": lambda: Chatctl("--history", "history.db"),
    "redis": Redis,
    "nats": Nats,
    "ngircd": Ngircd,
    "limit": Limit,
}
TARGET = 1.15


class Room:
    """A rival that runs, and a crowd in one room of it."""

    def __init__(self, rival: Rival) -> None:
        self._crowd = Crowd(rival.address)
        self._crowd.join(rival.reader(number) for number in range(READERS))
        (self._writer,) = self._crowd.join([rival.writer(0)])
        self._crowd.settle()
        self._message = rival.say("x" * SIZE)
        self._crowd.learn(self._writer, self._message)
        self.took: list[float] = []

    def measure(self) -> None:
        """Note the milliseconds that one message takes to its last reader."""
        self._crowd.expect(lambda size: size)
        start = time.perf_counter()
        self._crowd.send(self._writer, self._message)
        self.took.append((self._crowd.wait() - start) * 1e3)


def main() -> int:
    """Print the table; return 1 where the target is missed."""
    chosen = options(__doc__)
    raise_file_limit()
    names = [name for name in RIVALS if not chosen.only or name in chosen.only]
    names = [name for name in names if RIVALS[name]().installed]
    messages = MESSAGES // 10 if chosen.quick else MESSAGES
    with ExitStack() as running:
        rooms = {name: Room(running.enter_context(RIVALS[name]())) for name in names}
        for _ in range(messages * chosen.rounds):
            for room in rooms.values():
                room.measure()
    took = {name: room.took for name, room in rooms.items()}
    heading(f"One message at a time to {READERS} readers, {messages * chosen.rounds:,} times")
    middles = {name: percentile(took[name], 0.5) for name in names}
    rows = [[n, f"{middles[n]:.2f}", f"{percentile(took[n], 0.99):.2f}"] for n in names]
    table(["server", "p50, ms", "p99, ms"], rows)
    if not {"chatctl, memory", "ngircd"} <= middles.keys():
        return 0
    ratio = middles["chatctl, memory"] / middles["ngircd"]
    print(f"\np50 of chatctl, memory is {ratio:.2f} of ngircd's; wanted: at most {TARGET}")
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main())
