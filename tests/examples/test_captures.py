"""Every capture of examples/captures decodes to what is written down for it."""

import subprocess
from pathlib import Path

import pytest

from tests.peers.programs import CHATCTL

CAPTURES = Path(__file__).parents[2] / "examples" / "captures"

CASES = {
    "three-people.pcapng": (0, []),
    "three-people-tcpdump.pcap": (0, []),
    "malformed.pcapng": (0, []),
    "truncated.pcapng": (5, ["is damaged at octet", "cut short"]),
    "capture.bin": (0, []),
}


def decode(*args: str) -> subprocess.CompletedProcess[str]:
    command = [*CHATCTL, "decode", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=CAPTURES)


def test_every_capture_is_tried():
    kept = {path.name for path in CAPTURES.iterdir() if path.suffix in (".pcapng", ".pcap", ".bin")}
    assert kept == set(CASES)
    assert all(name in (CAPTURES / "README.md").read_text() for name in kept)


@pytest.mark.parametrize("name", CASES)
def test_capture_decodes_as_expected(name):
    status, said = CASES[name]

    done = decode("--utc", name)

    assert done.stdout == (CAPTURES / "expected" / f"{name}.txt").read_text()
    assert done.returncode == status
    assert all(words in done.stderr for words in said)
    assert bool(done.stderr) == bool(said)


def test_the_transcript_is_the_same_from_either_recorder():
    ours = decode("--chat", "three-people.pcapng").stdout
    theirs = decode("--chat", "three-people-tcpdump.pcap").stdout

    assert ours == theirs == (CAPTURES / "expected" / "three-people.chat.txt").read_text()


def test_nothing_a_peer_sent_steers_the_terminal():
    for options in ([], ["-v"], ["-x"], ["--chat"], ["--json"], ["--stats"]):
        shown = decode(*options, "malformed.pcapng").stdout
        assert not [char for char in shown if not char.isprintable() and char != "\n"]
