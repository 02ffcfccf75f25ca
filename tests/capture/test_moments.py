"""Times as people write them, against captures that begin at any."""

import time
from math import inf

import pytest

from chatctl.capture.moments import Moment, Since, parse_moment, parse_span
from chatctl.errors import UsageError

SECOND = 1_000_000_000


@pytest.fixture(autouse=True)
def _vienna(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Vienna")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(text: str) -> int:
    """Return the nanoseconds since 1970 of a local time."""
    return int(time.mktime(time.strptime(text, "%Y-%m-%d %H:%M"))) * SECOND


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("+5s", Moment(Since.BEGIN, 5 * SECOND)),
        ("29999ms", Moment(Since.BEGIN, 29_999_000_000)),
        ("1.000000001s", Moment(Since.BEGIN, 1_000_000_001)),
        ("10min", Moment(Since.BEGIN, 600 * SECOND)),
        ("9:30", Moment(Since.MIDNIGHT, 34_200 * SECOND)),
        ("00:00:01.5", Moment(Since.MIDNIGHT, 1_500_000_000)),
        ("1970-01-01T00:00:01.000000002Z", Moment(Since.EPOCH, 1_000_000_002)),
        ("1970-01-01 02:00", Moment(Since.EPOCH, 3600 * SECOND)),
    ],
)
def test_moments(text, moment):
    assert parse_moment(text) == moment


@pytest.mark.parametrize("text", ["", "soon", "25:00:00", "10:60", "-5s", "0001-01-01", "5 parsec"])
def test_no_moments(text):
    with pytest.raises(UsageError):
        parse_moment(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("5s..20s", 5, 20),
        ("..1min", 0, 60),
        ("30s..", 30, inf),
        ("+1s..+2s", 1, 2),
        ("2s..2s", 2, 2),
    ],
)
def test_spans_after_the_begin(text, first, last):
    assert parse_span(text).within(SECOND) == ((first + 1) * SECOND, (last + 1) * SECOND)


@pytest.mark.parametrize(
    ("text", "begin", "first", "last"),
    [
        ("10:00..11:00", "2026-11-22 09:59", "2026-11-22 10:00", "2026-11-22 11:00"),
        ("10:00..11:00", "2026-11-22 10:30", "2026-11-22 10:00", "2026-11-22 11:00"),
        ("10:00..11:00", "2026-11-22 12:00", "2026-11-23 10:00", "2026-11-23 11:00"),
        ("23:00..01:00", "2026-11-22 22:00", "2026-11-22 23:00", "2026-11-23 01:00"),
        ("00:10..00:20", "2026-12-31 23:50", "2027-01-01 00:10", "2027-01-01 00:20"),
        ("..00:10", "2026-11-22 23:50", "2026-11-22 23:50", "2026-11-23 00:10"),
        ("00:10..", "2026-11-22 23:50", "2026-11-23 00:10", ""),
        ("10:00..", "2026-11-22 10:05", "2026-11-22 10:00", ""),
        ("10:00..", "2026-03-29 01:00", "2026-03-29 10:00", ""),
        ("2026-11-22T10:00..10:05", "2026-11-20 11:00", "2026-11-22 10:00", "2026-11-22 10:05"),
    ],
)
def test_spans_of_the_day(text, begin, first, last):
    assert parse_span(text).within(at(begin)) == (at(first), at(last) if last else inf)


@pytest.mark.parametrize("text", ["5s", "9s..5s", "a..b", "", "24:00..", "5s..1s"])
def test_no_spans(text):
    with pytest.raises(UsageError):
        parse_span(text)


def test_a_time_that_no_calendar_has_is_of_no_day():
    moment = parse_moment("10:00")

    assert moment.measured(1 << 90, 0) == -1
    assert parse_span("10:00..11:00").within(1 << 90)
