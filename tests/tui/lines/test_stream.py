import pytest

from chatctl.errors import UsageError
from chatctl.tui.lines.stream import LONGEST, Lines

INPUT = b"one\r\n\nzwei \xc3\xa4\nbad \xff\nlast"


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_survive_any_chunking(size):
    lines = Lines()
    got = [line for i in range(0, len(INPUT), size) for line in lines.feed(INPUT[i : i + size])]
    assert got + lines.end() == ["one", "", "zwei ä", "bad \ufffd", "last"]
    assert lines.end() == []


def test_a_line_without_end_is_refused():
    with pytest.raises(UsageError):
        Lines().feed(b"x" * (LONGEST + 1))
