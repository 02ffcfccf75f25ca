"""A busy room: 100 writers at 10 messages a second each, in a room of 1,000.

    python benchmarks/busy.py [--quick] [--only NAME ...]

Reported are the delivery times and the server's processor share. A reader that was dropped would
end the run with an error. Every message is heard a thousand times: a million deliveries a second.
"""

import sys
from collections.abc import Callable

from load import raise_file_limit
from paced import Outcome, Pace, talk
from report import heading, options, percentile, table
from rivals import Chatctl, Nats, Redis, Rival

RIVALS: dict[str, Callable[[], Rival]] = {
    "chatctl, memory": lambda: Chatctl("--no-history"),
    "chatctl, SQLite": lambda: Chatctl("--history", "history.db"),
    "redis": Redis,
    "nats": Nats,
}


def main() -> int:
    """Print the table."""
    chosen = options(__doc__)
    raise_file_limit()
    pace = Pace(200, 20, 10, 3) if chosen.quick else Pace(900, 100, 10, 10)
    names = [name for name in RIVALS if not chosen.only or name in chosen.only]
    results: dict[str, Outcome] = {}
    for name in names:
        rival = RIVALS[name]()
        if rival.installed:
            with rival:
                results[name] = talk(rival, pace)
    heading(
        f"{pace.writers} writers at {pace.rate:g} messages a second, {pace.seconds:g} s, "
        f"heard by {pace.readers + pace.writers}"
    )
    rows = [
        [
            name,
            *(f"{percentile(out.latencies, share):.1f}" for share in (0.5, 0.99)),
            f"{out.cpu * 100:.0f} %",
        ]
        for name, out in results.items()
    ]
    table(["server", "p50, ms", "p99, ms", "processor"], rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
