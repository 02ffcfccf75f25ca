"""How long a command takes to start, against ``python -c "import typer"`` in the same run.

    python benchmarks/startup.py [ROUNDS]

Rounds are interleaved, so that a noisy neighbour slows every case alike; medians are compared.
Exit status 1 where a target of the design is missed.
"""

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

MEASURE = [sys.executable, "-c", "import typer"]
CASES = {
    "--version": (["--version"], 0.5),
    "--help": (["--help"], 1.4),
    "send": (["send", "hi", "--once", "--nick", "bench"], 1.8),
}


def main() -> int:
    """Print the table; return 1 where a target is missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    commands = {name: [sys.executable, "-m", "chatctl", *args] for name, (args, _) in CASES.items()}
    commands["import typer"] = MEASURE
    with serving() as address:
        commands["send"] += ["--server", address]
        took = measure(commands, rounds)
    unit = statistics.median(took["import typer"])
    print(f"import typer {unit * 1e3:6.0f} ms   median of {rounds}")
    missed = False
    for name, (_, target) in CASES.items():
        ratio = statistics.median(took[name]) / unit
        missed |= ratio > target
        verdict = "ok" if ratio <= target else "MISSED"
        print(f"{name:<12} {ratio * unit * 1e3:6.0f} ms   {ratio:.2f} of {target}   {verdict}")
    return int(missed)


@contextmanager
def serving() -> Iterator[str]:
    """Run a server of ours on a free port while the block runs; yield its address."""
    command = [sys.executable, "-m", "chatctl", "serve", "--port", "0", "--no-history"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        for line in server.stderr:
            if " server.listening " in line:
                break
        threading.Thread(target=server.stderr.read, daemon=True).start()
        try:
            yield line.rpartition("address=")[2].strip()
        finally:
            server.terminate()


def measure(commands: dict[str, list[str]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds each command took, *rounds* times, after one unmeasured round."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    took: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=environment)
            if number:
                took[name].append(time.perf_counter() - start)
    return took


if __name__ == "__main__":
    sys.exit(main())
