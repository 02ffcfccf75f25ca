"""Every example capture replays against our server; equal seeds give equal octets."""

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

CHATCTL = [sys.executable, "-m", "chatctl"]
EXAMPLES = Path(__file__).parents[2] / "examples" / "captures"
CAPTURES = sorted(
    path.name for path in EXAMPLES.iterdir() if path.suffix in (".pcapng", ".pcap", ".bin")
)


@contextlib.contextmanager
def serving(*options, port=0):
    """The real server in a process of its own; its address."""
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    args = [*CHATCTL, "serve", "--port", str(port), "--no-history", *options]
    with subprocess.Popen(args, stderr=subprocess.PIPE) as process:
        process.stderr.readline()
        yield f"127.0.0.1:{port}"
        process.terminate()


def replay(name, target, *options):
    env = {**os.environ, "NO_COLOR": "1"}
    args = [*CHATCTL, "replay", str(EXAMPLES / name), "--to", target, *options]
    return subprocess.run(args, capture_output=True, timeout=60, env=env, check=False)


@pytest.mark.parametrize("speed", ["20", "max"])
@pytest.mark.parametrize("name", CAPTURES)
def test_an_example_comes_back_as_recorded(name, speed):
    with serving() as target:
        done = replay(name, target, "--expect", "recorded", "--speed", speed)

    assert done.returncode == (5 if "truncated" in name else 0), done.stdout.decode()


def test_equal_inputs_and_an_equal_seed_give_equal_recordings(tmp_path):
    """The seed gives ids, tokens and times, so a recording of the server needs no masks."""
    files = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for turn, seed in enumerate(("7", "7", "8")):
        path = tmp_path / f"{turn}.pcapng"
        record = ["--record", str(path), "--record-addresses", "virtual"]
        with serving("--deterministic", seed, *record, port=port) as target:
            done = replay("three-people.pcapng", target, "--speed", "max", "--expect", "recorded")
        assert done.returncode == 0, done.stdout.decode()
        files.append(path.read_bytes())

    assert files[0]
    assert files[0] == files[1]
    assert files[0] != files[2]
