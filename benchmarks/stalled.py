"""Stalled readers: a room of 200 with 20 that do not read, against the same room without them.

    python benchmarks/stalled.py [--quick] [--rounds N]

The others' delivery times should not change, nor should the server's memory grow with what the
stalled ones have not read.
"""

import sys

from load import raise_file_limit
from paced import Pace, talk
from report import heading, options, percentile, table
from rivals import Chatctl


def main() -> int:
    """Print the table; return 1 where the others suffer."""
    chosen = options(__doc__)
    raise_file_limit()
    seconds = 3 if chosen.quick else 8
    rows = []
    tails: dict[int, list[float]] = {0: [], 20: []}
    for _ in range(chosen.rounds):
        for stalled in (0, 20):
            with Chatctl("--no-history") as rival:
                out = talk(rival, Pace(200 - stalled, 1, 1_000, seconds, stalled))
            tails[stalled].append(percentile(out.latencies, 0.99))
            middle = percentile(out.latencies, 0.5)
            cells = [f"{middle:.2f}", f"{tails[stalled][-1]:.2f}", f"{out.grown:.0f}"]
            rows.append([stalled, *cells, f"{out.cpu * 100:.0f} %"])
    heading(f"1,000 messages a second for {seconds} s to 200 readers, some of them stalled")
    table(["stalled", "p50, ms", "p99, ms", "memory grown, KiB", "processor"], rows)
    ratio = sorted(tails[20])[chosen.rounds // 2] / sorted(tails[0])[chosen.rounds // 2]
    print(f"\np99 with stalled readers is {ratio:.2f} of that without")
    return int(ratio > 1.5)


if __name__ == "__main__":
    sys.exit(main())
