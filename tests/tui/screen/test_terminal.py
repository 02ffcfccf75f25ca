"""The thread that writes: it never makes anybody wait, and survives the terminal."""

import os
import threading

import pytest

from chatctl.tui.screen import terminal
from chatctl.tui.screen.terminal import Output, Terminal


@pytest.fixture
def pipe():
    ends = list(os.pipe())
    yield ends
    for end in ends:
        os.close(end)


def started(descriptor, gone=lambda: None):
    output = Output(descriptor, gone)
    output.start()
    return output


def test_everything_is_written_in_its_order(pipe):
    output = started(pipe[1])
    for number in range(100):
        output.put(f"{number},")
    output.finish()
    assert os.read(pipe[0], 4096).decode() == "".join(f"{number}," for number in range(100))
    assert output.behind == 0


def test_a_terminal_that_does_not_read_holds_nobody_up(pipe, monkeypatch):
    monkeypatch.setattr(terminal, "PATIENCE", 0.01)
    output = started(pipe[1])
    for _ in range(100):
        output.put("x" * 10_000)
    output.finish()
    assert output.is_alive()
    assert output.behind > 0

    while output.is_alive() or output.behind:
        os.read(pipe[0], 1 << 16)
        output.join(0.001)
    assert output.behind == 0


def test_one_that_has_gone_is_told_of_once_and_the_rest_is_dropped(pipe):
    os.close(pipe.pop(0))
    gone = []
    output = started(pipe[0], lambda: gone.append(threading.current_thread()))
    for _ in range(10):
        output.put("x")
    output.finish()
    assert gone == [output]
    assert not output.is_alive()


def test_a_terminal_that_was_not_given_back_is_not_taken_again(monkeypatch):
    taken = []
    for how in ("start_application_mode", "stop_application_mode", "close"):
        monkeypatch.setattr(Terminal, how, lambda _, how=how: taken.append(how))
    driver = Terminal.__new__(Terminal)
    driver._auto_restart = True
    driver._suspended = False
    driver._sigcont_application()
    assert taken == []
    driver.suspend_application_mode()
    driver._sigcont_application()
    driver._sigcont_application()
    assert taken == ["stop_application_mode", "close", "start_application_mode"]
