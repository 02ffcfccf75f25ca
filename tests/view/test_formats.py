"""Lines of a shape of one's own."""

import pytest

from chatctl.capture.filtering.fields import Begin
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.record import Kind, Record
from chatctl.errors import UsageError
from chatctl.view.formats import Shape
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Direction, Say

SAID = encode_frame(Say(message="hi\x1b[2J {n}"))
START = 1_790_000_000_000_000_000


@pytest.fixture
def shape():
    begin = Begin()
    begin.see(START)
    return Shape(begin)


def item():
    record = Record(START + 1_500_000_000, 1, Kind.DATA, Direction.TO_SERVER, SAID)
    return Dissector().take([record])[0]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{n} {t} {type}", "1 1.500000 chat"),
        ("{.message}", r"hi\x1b[2J {n}"),
        (r"{n}\t{conn}\n", "1\t1\n"),
        ('{{"n":{n}}}', '{"n":1}'),
        ("{{n}}", "{n}"),
        ("a } b", "a } b"),
        ("", ""),
    ],
)
def test_lines(shape, text, line):
    assert shape.line(text)(item()) == line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "'{' is not closed at character 1"),
        ("{n} {.message", "'{' is not closed at character 5"),
        ("{n{t}", "'{' is not closed at character 1"),
        ("{nic}", "no field 'nic'"),
        ("{}", "no field ''"),
    ],
)
def test_what_is_no_shape_is_refused(shape, text, says):
    with pytest.raises(UsageError) as caught:
        shape.line(text)

    assert says in str(caught.value)


def test_rows(shape):
    assert shape.row("n, type,room")(item()) == "1\tchat\tlobby"
