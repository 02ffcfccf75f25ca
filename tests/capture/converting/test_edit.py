"""A slice of time stands for itself."""

import pytest
from msgspec.structs import replace

from chatctl.capture.converting.edit import parse_mark, parse_shift, sliced
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.moments import parse_span
from chatctl.errors import UsageError
from tests.capture.converting.test_split import SECOND, START, talk


def test_a_slice_joins_who_is_there_with_their_nicks():
    (items,) = [
        list(
            Dissector().dissect(r for batch in sliced(talk(), parse_span("4s..5s")) for r in batch)
        )
    ]

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
    records = [record for batch in sliced(talk(), parse_span("0s..1s")) for record in batch]

    assert [record.kind for record in records].count("open") == 2


@pytest.mark.parametrize("text", ["29999ms..30s", "29.999s..30s", "29999000us..30s"])
def test_a_slice_begins_at_the_very_nanosecond(text):
    record = next(r for batch in talk() for r in batch)
    late = replace(record, at=record.at + 29_999_000_000)

    (kept,) = sliced([[record, late]], parse_span(text))

    assert kept[-1] == late


def test_shifts_and_marks():
    assert parse_shift("-150ms") == -150_000_000
    assert parse_mark("12:look: here") == (12, "look: here")
    with pytest.raises(UsageError):
        parse_mark("look here")
