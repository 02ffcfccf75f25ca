"""Full screen or lines."""

import io
import sys

import pytest

from chatctl.tui.choice import worth_drawing


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("term", ["", "dumb", "unknown"])
def test_not_on_what_cannot_draw(monkeypatch, term):
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, Terminal())
    monkeypatch.setenv("TERM", term)
    assert not worth_drawing()
    monkeypatch.setenv("TERM", "xterm")
    assert worth_drawing()


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_not_if_any_stream_is_no_terminal(monkeypatch, name, stream):
    for each in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, each, Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, name, stream)
    assert not worth_drawing()
