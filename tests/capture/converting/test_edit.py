"""A slice of time stands for itself."""

import pytest

from chatctl.capture.converting.edit import parse_mark, parse_shift, parse_span, sliced
from chatctl.capture.items.dissect import Dissector
from chatctl.errors import UsageError
from tests.capture.converting.test_split import SECOND, START, talk


def test_a_slice_joins_who_is_there_with_their_nicks():
    (items,) = [list(Dissector().dissect(r for batch in sliced(talk(), (4, 5)) for r in batch))]

    assert [
        (i.what.value, i.record.conn, i.nick, (i.record.at - START) // SECOND) for i in items
    ] == [
        ("open", 1, "al", 4),
        ("packet", 1, "al", 4),
        ("open", 2, "bo", 4),
        ("packet", 2, "bo", 4),
        ("close", 1, "al", 4),
        ("close", 1, "al", 4),
        ("packet", 2, "bo", 5),
    ]
    assert items[0].note == "already open when the capture began"


def test_a_slice_from_the_beginning_opens_nothing_twice():
    records = [record for batch in sliced(talk(), (0, 1)) for record in batch]

    assert [record.kind for record in records].count("open") == 2


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("5s..20s", (5, 20)),
        ("..1min", (0, 60)),
        ("30s..", (30, float("inf"))),
        ("+1s..+2s", (1, 2)),
    ],
)
def test_spans(text, span):
    assert parse_span(text) == span


@pytest.mark.parametrize("text", ["5s", "9s..5s", "a..b", ""])
def test_no_span(text):
    with pytest.raises(UsageError):
        parse_span(text)


def test_shifts_and_marks():
    assert parse_shift("-150ms") == -150_000_000
    assert parse_mark("12:look: here") == (12, "look: here")
    with pytest.raises(UsageError):
        parse_mark("look here")
