"""Idle connections: what 9,000 clients that are in the room and say nothing cost the server.

    python benchmarks/idle.py [--quick] [--only NAME ...]

Measured is the growth of the server's resident memory from 100 clients on (so that what is set up
once does not count), after everything has been said about their joins.
"""

import sys
from collections.abc import Callable

from load import Crowd, raise_file_limit
from report import heading, options, rounds, table
from rivals import Chatctl, Nats, Ngircd, Redis, Rival

CLIENTS = 9_000
FIRST = 100
TARGET = 6.0

RIVALS: dict[str, Callable[[], Rival]] = {
    "chatctl": lambda: Chatctl("--no-history"),
    "redis": Redis,
    "nats": Nats,
    "ngircd": Ngircd,
}


def memory_each(rival: Rival, clients: int) -> float:
    """Return the KiB of memory that each connection beyond the first hundred costs."""
    with rival:
        crowd = Crowd(rival.address)
        crowd.join(rival.reader(number) for number in range(FIRST))
        crowd.settle(1)
        before = rival.memory()
        crowd.join(rival.reader(number) for number in range(FIRST, clients))
        crowd.settle(2, at_most=600)
        after = rival.memory()
        crowd.close()
    return (after - before) / 1024 / (clients - FIRST)


def main() -> int:
    """Print the table; return 1 where the target is missed."""
    chosen = options(__doc__)
    raise_file_limit()
    names = [name for name in RIVALS if not chosen.only or name in chosen.only]
    names = [name for name in names if RIVALS[name]().installed]
    clients = CLIENTS // 10 if chosen.quick else CLIENTS
    costs = rounds(names, 1, lambda name: memory_each(RIVALS[name](), clients))
    heading(f"{clients:,} idle clients in one room")
    table(["server", "KiB each"], [[name, f"{costs[name]:.1f}"] for name in names])
    return int(costs.get("chatctl", 0) > TARGET)


if __name__ == "__main__":
    sys.exit(main())
