"""Every example capture replays against our server; equal seeds give equal octets."""

import socket
from pathlib import Path

import pytest

from tests.peers.programs import run, server

EXAMPLES = Path(__file__).parents[2] / "examples" / "captures"
CAPTURES = sorted(
    path.name for path in EXAMPLES.iterdir() if path.suffix in (".pcapng", ".pcap", ".bin")
)


def replay(name, target, *options):
    return run("replay", EXAMPLES / name, "--to", target, *options, NO_COLOR="1")


@pytest.mark.parametrize("speed", ["20", "max"])
@pytest.mark.parametrize("name", CAPTURES)
def test_an_example_comes_back_as_recorded(name, speed):
    with server() as (target, _):
        done = replay(name, target, "--expect", "recorded", "--speed", speed)

    assert done.returncode == (5 if "truncated" in name else 0), done.stdout


def test_equal_inputs_and_an_equal_seed_give_equal_recordings(tmp_path):
    """The seed gives ids, tokens and times, so a recording of the server needs no masks."""
    files = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for turn, seed in enumerate(("7", "7", "8")):
        path = tmp_path / f"{turn}.pcapng"
        record = ["--record", str(path), "--record-addresses", "virtual"]
        with server("--deterministic", seed, *record, port=port) as (target, _):
            done = replay("three-people.pcapng", target, "--speed", "max", "--expect", "recorded")
        assert done.returncode == 0, done.stdout
        files.append(path.read_bytes())

    assert files[0]
    assert files[0] == files[1]
    assert files[0] != files[2]
