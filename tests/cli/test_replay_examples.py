"""Every example capture replays against our server; equal seeds give equal octets."""

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from chatctl.capture.reader import read_records
from chatctl.capture.record import Kind
from chatctl.wire.packet import Direction

CHATCTL = [sys.executable, "-m", "chatctl"]
EXAMPLES = Path(__file__).parents[2] / "examples" / "captures"
CAPTURES = sorted(
    path.name for path in EXAMPLES.iterdir() if path.suffix in (".pcapng", ".pcap", ".bin")
)


@contextlib.contextmanager
def serving(*options):
    """The real server in a process of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
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


def said(path):
    """Return what the server said on each connection, octet for octet, in order."""
    streams = {}
    for record in read_records(path):
        if record.kind is Kind.DATA and record.direction is Direction.TO_CLIENT:
            streams[record.conn] = streams.get(record.conn, b"") + record.data
    return streams


def test_equal_inputs_and_an_equal_seed_give_equal_octets(tmp_path):
    streams = []
    for turn in range(2):
        path = tmp_path / f"{turn}.pcapng"
        with serving(
            "--deterministic", "7", "--record", str(path), "--record-redact", "none"
        ) as to:
            done = replay("three-people.pcapng", to, "--speed", "max", "--expect", "recorded")
        assert done.returncode == 0, done.stdout.decode()
        streams.append(said(path))

    assert streams[0]
    assert streams[0] == streams[1]
