"""Recording on against off: 1,000 messages a second to 100 readers.

    python benchmarks/recording.py [--quick] [--rounds N]

Every message is counted again in the recording: 101 frames each, the one in and those out.
"""

import subprocess
import sys
from pathlib import Path

from load import raise_file_limit
from paced import Pace, talk
from report import heading, options, percentile, table
from rivals import Chatctl

FILE = "chat.pcapng"
TARGET = 1.3


def chats_in(capture: Path) -> int:
    """Return how many chat packets ``chatctl decode`` finds in *capture*."""
    command = [sys.executable, "-m", "chatctl", "decode", "--json", str(capture)]
    decoded = subprocess.run(command, check=True, capture_output=True).stdout
    return decoded.count(b'"message":"T')


def main() -> int:
    """Print the table; return 1 where a record is missing or delivery suffers."""
    chosen = options(__doc__)
    raise_file_limit()
    pace = Pace(100, 1, 1_000, 2 if chosen.quick else 10)
    rows, tails, lost = [], {"off": [0.0][:0], "on": [0.0][:0]}, 0
    for _ in range(chosen.rounds):
        for record in ("off", "on"):
            with Chatctl("--no-history", *(["--record", FILE] if record == "on" else [])) as rival:
                out = talk(rival, pace)
                tails[record].append(percentile(out.latencies, 0.99))
                missing = 0
                if record == "on":
                    wanted = (pace.messages + 1) * (pace.readers + 2)
                    missing = wanted - chats_in(rival.folder / FILE)
                    lost += abs(missing)
            middle = percentile(out.latencies, 0.5)
            cells = [f"{middle:.2f}", f"{tails[record][-1]:.2f}", f"{out.cpu * 100:.0f} %"]
            rows.append([record, *cells, missing])
    heading(f"1,000 messages a second to 100 readers for {pace.seconds:g} s, recorded or not")
    table(["recording", "p50, ms", "p99, ms", "processor", "packets missing"], rows)
    half = chosen.rounds // 2
    ratio = sorted(tails["on"])[half] / sorted(tails["off"])[half]
    print(f"\np99 with recording is {ratio:.2f} of that without; wanted: at most {TARGET}")
    return int(ratio > TARGET or lost > 0)


if __name__ == "__main__":
    sys.exit(main())
