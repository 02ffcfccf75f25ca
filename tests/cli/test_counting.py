"""Progress is for people who wait, and leaves nothing behind."""

import io
from itertools import count

import pytest

from chatctl.cli import counting
from chatctl.cli.counting import counted, shows_progress


class Stream(io.StringIO):
    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


@pytest.mark.parametrize(
    ("out", "err", "quiet", "shown"),
    [
        (True, True, True, True),
        (True, True, False, False),
        (False, True, False, True),
        (False, False, True, False),
    ],
)
def test_who_sees_it(out, err, quiet, shown):
    assert shows_progress(Stream(out), Stream(err), quiet=quiet) is shown


def test_a_long_read_is_counted_and_the_line_wiped(monkeypatch):
    ticks = count(0.0, 0.6)
    monkeypatch.setattr(counting.time, "monotonic", lambda: next(ticks))
    stream = Stream(True)

    assert sum(map(len, counted(iter([[0] * 2000] * 3), stream))) == 6000

    assert "4,000 packets" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_a_short_read_says_nothing():
    stream = Stream(True)
    assert list(counted(iter([[1, 2], [3]]), stream)) == [[1, 2], [3]]
    assert stream.getvalue() == ""
