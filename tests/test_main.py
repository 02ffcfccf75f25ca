"""The command itself: what holds before any of its commands is known."""

import os
import subprocess
from pathlib import Path

import pytest

from chatctl import __version__
from tests.peers.programs import CHATCTL

EXAMPLE = Path(__file__).parents[1] / "examples" / "captures" / "three-people.pcapng"


def chatctl(*arguments, closed=(), **how):
    def close():
        for number in closed:
            os.close(number)

    command = [*CHATCTL, *arguments]
    return subprocess.run(command, capture_output=True, check=False, preexec_fn=close, **how)


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(option):
    result = chatctl(option)
    assert (result.returncode, result.stdout.decode()) == (0, f"chatctl {__version__}\n")


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["decode", str(EXAMPLE)], 0), (["decode", "/nowhere"], 6), (["--version"], 0), (["-h"], 0)],
    ids=["decode", "decode nothing", "version", "help"],
)
def test_a_closed_stream_is_an_empty_one(arguments, status, closed):
    result = chatctl(*arguments, closed=closed)

    assert result.returncode == status
    assert b"fault" not in result.stderr
    assert bool(result.stdout) == (status == 0 and 1 not in closed)
