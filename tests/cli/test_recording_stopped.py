"""Every command whose recording cannot be written goes on, and says in the end what it misses."""

import re
import subprocess

import pytest

from tests.peers.programs import CHATCTL, environment, server

MANY = b"".join(b"line %d\n" % number for number in range(300))
LIMITED = ("bash", "-c", 'ulimit -f 4; exec "$@"', "-")  # a file ends at 4 KiB
STOPPED = "the recording has stopped: File too large"
MISSED = re.compile(r"warning: the recording misses ([\d,]+) reads and writes or more")


@pytest.fixture(scope="module")
def address():
    with server() as (where, _):
        yield where


def limited(*args, given=MANY):
    """Return the status, and what was said: connect tells of the stop in the talk."""
    command = [*LIMITED, *CHATCTL, *map(str, args)]
    done = subprocess.run(command, input=given, capture_output=True, timeout=60, env=environment())
    return done.returncode, (done.stdout + done.stderr).decode()


def assert_told(said):
    found = MISSED.findall(said)

    assert said.count(STOPPED) == 1, said
    assert len(found) == 1, said
    assert int(found[0].replace(",", "")) > 0
    assert said.index(STOPPED) < said.index("misses")


@pytest.mark.parametrize("how", [["send", "-n", "al"], ["connect", "bo"], ["connect", "--json"]])
def test_of_a_client(tmp_path, address, how):
    given = MANY if "--json" not in how else b'{"type":"chat","message":"hi"}\n' * 300
    status, said = limited(*how, "-s", address, "--record", tmp_path / "x", given=given)

    assert status == 0, said
    assert_told(said)


def test_of_a_replay(tmp_path, address):
    status, said = limited(
        "replay", record(tmp_path, address), "--to", address, "-r", tmp_path / "x"
    )

    assert status == 0, said
    assert_told(said)


def test_of_a_tap(tmp_path, address):
    command = [*CHATCTL, "tap", "--listen", "127.0.0.1:0", "--to", address, "--record"]
    with subprocess.Popen(
        [*LIMITED, *command, str(tmp_path / "x")],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as tap:
        where = tap.stderr.readline().split()[1].rstrip(",")
        send = [*CHATCTL, "send", "-n", "cy", "-s", where]
        subprocess.run(send, input=MANY, check=True, timeout=60, env=environment())
        tap.terminate()
        said = tap.stderr.read()

    assert tap.returncode == 0, said
    assert_told(said)


def record(tmp_path, address):
    path = tmp_path / "talk.pcapng"
    command = [*CHATCTL, "send", "-n", "di", "-s", address, "--record", str(path)]
    subprocess.run(command, input=MANY, check=True, timeout=60, env=environment())
    return path
