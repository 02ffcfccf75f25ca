"""What ends a full-screen program, and with which status."""

import os
import signal

import pytest

from chatctl.tui.screen.program import FAULT, Program
from chatctl.tui.screen.watching import Show, Watching


@pytest.fixture
async def running():
    program = Program(Watching(Show([], "alice", 0.0)))
    async with program.run_test() as pilot:
        yield program, pilot


@pytest.mark.parametrize(
    ("name", "status"), [("TERM", 143), ("HUP", 129), ("INT", 130), ("QUIT", 131)]
)
async def test_a_signal_ends_it_with_its_status(running, name, status):
    program, pilot = running
    os.kill(os.getpid(), getattr(signal, f"SIG{name}"))
    while program.return_value is None:
        await pilot.pause()
    assert program.status == status


async def test_an_end_without_a_word_is_good_and_one_with_a_traceback_is_not(running):
    program, _ = running
    program.exit()
    assert program.status == 0
    program.exit(return_code=1)
    assert program.status == FAULT
