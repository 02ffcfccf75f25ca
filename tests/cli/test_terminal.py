"""Who gets colour."""

import io

import pytest

from chatctl.cli.terminal import Color, choose, colored, paint


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("env", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": ""}, False, False),
    ],
)
def test_colour(monkeypatch, env, terminal, pipe):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"TERM": "xterm"} | env).items():
        monkeypatch.setenv(name, value)
    assert colored(Terminal()) is terminal
    assert colored(io.StringIO()) is pipe
    assert colored(None) is False


@pytest.mark.parametrize(
    ("color", "pipe", "terminal"),
    [(Color.ALWAYS, True, True), (Color.NEVER, False, False), (Color.AUTO, False, True)],
)
def test_the_option_wins_over_the_environment(monkeypatch, color, pipe, terminal):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.setenv("FORCE_COLOR", "")
    choose(color)
    assert (colored(io.StringIO()), colored(Terminal())) == (pipe, terminal)


def test_paint():
    assert paint("x", "green", color=True) == "\x1b[1;32mx\x1b[0m"
    assert paint("x", "green", color=False) == "x"
