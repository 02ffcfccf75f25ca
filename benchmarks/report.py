"""What the benchmarks share in saying their results: options, medians, ratios, the machine."""

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def options(doc: str | None) -> argparse.Namespace:
    """Return ``--quick`` (a tenth of the work, once), ``--rounds`` and ``--only NAME``."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, once")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many (default 3)")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this server")
    parsed = parser.parse_args()
    if parsed.quick:
        parsed.rounds = 1
    return parsed


def machine() -> str:
    """Return one line about where this ran."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return (
        f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that *share* (0 to 1) of *values* do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def rounds(names: Sequence[str], count: int, measure: Callable[[str], float]) -> dict[str, float]:
    """Measure each of *names* in turn, *count* times over; return the medians.

    In turn, so that a machine that gets slower meanwhile does so for all of them.
    """
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(count):
        for name in names:
            taken[name].append(measure(name))
            print(f"  round {number + 1}  {name:<22} {taken[name][-1]:,.3f}", file=sys.stderr)
    return {name: statistics.median(values) for name, values in taken.items()}


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table in Markdown, as docs/performance.md holds it."""
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")


def heading(title: str) -> None:
    """Print what was measured, by which command, where."""
    command = " ".join(["python", *sys.argv])
    print(f"\n{title}\n\n`{command}` on {machine()}\n")
