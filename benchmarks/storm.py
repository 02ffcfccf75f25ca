"""A join storm: 2,000 clients come into one room as fast as they can.

    python benchmarks/storm.py [--quick] [--only NAME ...]

Everybody is told of everybody, so a room of n costs each join n notices; what has to stay flat is
the time of one notice. Clients come in groups of 250; each group's time is until nobody is told
anything any more.
"""

import sys
import time
from collections.abc import Callable

from load import Crowd, raise_file_limit
from report import heading, options, table
from rivals import Chatctl, Ngircd, Rival

GROUP = 250
GROUPS = 8
QUIET = 0.25

RIVALS: dict[str, Callable[[], Rival]] = {
    "chatctl": lambda: Chatctl("--no-history"),
    "ngircd": Ngircd,
}


def storm(rival: Rival, groups: int) -> list[float]:
    """Return for each group the milliseconds that one of its joins took."""
    took = []
    with rival:
        crowd = Crowd(rival.address)
        for group in range(groups):
            start = time.perf_counter()
            crowd.join(rival.reader(n) for n in range(group * GROUP, (group + 1) * GROUP))
            crowd.settle(QUIET)
            took.append((time.perf_counter() - start - QUIET) / GROUP * 1e3)
        crowd.close()
    return took


def main() -> int:
    """Print the table; return 1 where joins get dearer faster than the room grows."""
    chosen = options(__doc__)
    raise_file_limit()
    groups = 3 if chosen.quick else GROUPS
    names = [name for name in RIVALS if not chosen.only or name in chosen.only]
    took = {name: storm(RIVALS[name](), groups) for name in names if RIVALS[name]().installed}
    heading(f"{groups * GROUP:,} clients join one room in groups of {GROUP}: ms a join")
    sizes = [(group + 1) * GROUP for group in range(groups)]
    table(
        ["room", *took], [[s, *(f"{t[i]:.2f}" for t in took.values())] for i, s in enumerate(sizes)]
    )
    if "chatctl" not in took:
        return 0
    growth = took["chatctl"][-1] / took["chatctl"][0]
    print(f"\nchatctl: the room grew {groups} times, the time of a join {growth:.1f} times")
    return int(growth > groups)


if __name__ == "__main__":
    sys.exit(main())
