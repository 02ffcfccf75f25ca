"""Latency: one message at a time to 500 readers, until all of them have it.

    python benchmarks/latency.py [--quick] [--rounds N] [--only NAME ...]

The next message is sent when the last reader has the one before: nothing can be joined with
another, so this is what one message costs.
"""

import sys
import time
from collections.abc import Callable

from load import Crowd, raise_file_limit
from report import heading, options, percentile, rounds, table
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


def latencies(rival: Rival, messages: int) -> list[float]:
    """Return the milliseconds that each message took to its last reader."""
    took = []
    with rival:
        crowd = Crowd(rival.address)
        crowd.join(rival.reader(number) for number in range(READERS))
        (writer,) = crowd.join([rival.writer(0)])
        crowd.settle()
        message = rival.say("x" * SIZE)
        crowd.learn(writer, message)
        for _ in range(messages):
            crowd.expect(lambda size: size)
            start = time.perf_counter()
            crowd.send(writer, message)
            took.append((crowd.wait() - start) * 1e3)
        crowd.close()
    return took


def main() -> int:
    """Print the table; return 1 where the target is missed."""
    chosen = options(__doc__)
    raise_file_limit()
    names = [name for name in RIVALS if not chosen.only or name in chosen.only]
    names = [name for name in names if RIVALS[name]().installed]
    messages = MESSAGES // 10 if chosen.quick else MESSAGES
    tails: dict[str, float] = {}

    def median_of(name: str) -> float:
        took = latencies(RIVALS[name](), messages)
        tails[name] = percentile(took, 0.99)
        return percentile(took, 0.5)

    middles = rounds(names, chosen.rounds, median_of)
    heading(f"One message at a time to {READERS} readers, {messages:,} times")
    rows = [[name, f"{middles[name]:.2f}", f"{tails[name]:.2f}"] for name in names]
    table(["server", "p50, ms", "p99 of the last round, ms"], rows)
    if not {"chatctl, memory", "ngircd"} <= middles.keys():
        return 0
    ratio = middles["chatctl, memory"] / middles["ngircd"]
    print(f"\np50 of chatctl, memory is {ratio:.2f} of ngircd's; wanted: at most {TARGET}")
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main())
