"""Times as people write them: so long after a capture began, of the day, or once and for all."""

import re
import time
from dataclasses import dataclass
from enum import Enum, auto
from math import inf

from chatctl.capture.config import is_duration, parse_nanoseconds
from chatctl.errors import UsageError

NANO = 1_000_000_000
HALF_A_DAY = 43_200 * NANO

_CLOCK = re.compile(r"(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?")
_FRACTION = re.compile(r"\.(\d{1,9})")


class Since(Enum):
    """What a moment is counted from."""

    BEGIN = auto()
    MIDNIGHT = auto()
    EPOCH = auto()


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, *nanoseconds* since something; midnights are local ones."""

    since: Since
    nanoseconds: int

    def measured(self, at: int, begin: int) -> int:
        """Return *at* counted from where this moment is, in a capture that began at *begin*.

        Both are nanoseconds since 1970. -1 is a time that no day has.
        """
        if self.since is Since.BEGIN:
            return at - begin
        return at if self.since is Since.EPOCH else _of_day(at)

    def on(self, day: int, days: int, begin: int) -> int:
        """Return when it is, in a capture that began at *begin*: nanoseconds since 1970.

        A time of the day is so many *days* after the one that *day* is in.
        """
        if self.since is Since.BEGIN:
            return begin + self.nanoseconds
        return self.nanoseconds if self.since is Since.EPOCH else self._of_day_of(day, days)

    def _of_day_of(self, at: int, days: int) -> int:
        seconds, rest = divmod(self.nanoseconds, NANO)
        minutes, second = divmod(seconds, 60)
        clock = (*divmod(minutes, 60), second)
        try:
            local = time.localtime(at // NANO)
            day = (local.tm_year, local.tm_mon, local.tm_mday + days)
            return int(time.mktime((*day, *clock, 0, 0, -1))) * NANO + rest
        except (OverflowError, ValueError, OSError):
            return at


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another, both within; None is the begin of a capture, and its end."""

    first: Moment | None = None
    last: Moment | None = None

    def within(self, begin: int) -> tuple[int, float]:
        """Return when it begins and ends in a capture that began at *begin*: ns since 1970.

        Times of the day are of the day on which the capture began; of the next one where they
        were over by then, and where one without an end had come half a day before.
        """
        first, last = self._on(0, begin)
        over = last if last < inf else first + HALF_A_DAY
        return (first, last) if over >= begin else self._on(1, begin)

    def _on(self, days: int, begin: int) -> tuple[int, float]:
        first = self.first.on(begin, days, begin) if self.first else begin
        if self.last is None:
            return first, inf
        if self.first is None or self.last.since is not Since.MIDNIGHT:
            return first, self.last.on(begin, days, begin)
        last = self.last.on(first, 0, begin)
        return first, last if last >= first else self.last.on(first, 1, begin)


def parse_moment(text: str) -> Moment:
    """Return the moment that *text* says: ``+5s``, ``10:31:00``, ``2026-11-22T10:31:00Z``.

    Raises:
        UsageError: it says none.
    """
    duration = text.removeprefix("+")
    if is_duration(duration):
        return Moment(Since.BEGIN, parse_nanoseconds(duration))
    if found := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
        if hours > 23 or minutes > 59 or seconds > 59:
            raise UsageError(f"no time of the day: {text!r}")
        second = (hours * 60 + minutes) * 60 + seconds
        return Moment(Since.MIDNIGHT, second * NANO + _nanoseconds(found[4]))
    return Moment(Since.EPOCH, _dated(text))


def parse_span(text: str) -> Span:
    """Return the span that *text* says: ``5s..20s``, ``..1min``, ``10:00..10:05``.

    Raises:
        UsageError: it says none.
    """
    first, dots, last = text.partition("..")
    if not dots:
        raise UsageError(f"not a span of time: {text!r} (try 5s..20s or 10:00..10:05)")
    span = Span(*(parse_moment(end) if end else None for end in (first, last)))
    if span.first and span.last and not _in_order(span.first, span.last):
        raise UsageError(f"a span that ends before it begins: {text!r}")
    return span


def _in_order(first: Moment, last: Moment) -> bool:
    alike = first.since is last.since and first.since is not Since.MIDNIGHT
    return not alike or first.nanoseconds <= last.nanoseconds


def _of_day(at: int) -> int:
    try:
        local = time.localtime(at // NANO)
    except (OverflowError, ValueError, OSError):
        return -1
    return ((local.tm_hour * 60 + local.tm_min) * 60 + local.tm_sec) * NANO + at % NANO


def _dated(text: str) -> int:
    from datetime import UTC, datetime, timedelta

    fraction = _FRACTION.search(text)
    whole = text.replace(fraction[0], "", 1) if fraction else text
    try:
        since = datetime.fromisoformat(whole).astimezone() - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        known = "try +5s, 10:31:00 or 2026-11-22T10:31:00Z"
        raise UsageError(f"not a time: {text!r} ({known})") from None
    return since // timedelta(seconds=1) * NANO + _nanoseconds(fraction and fraction[1])


def _nanoseconds(fraction: str | None) -> int:
    return int((fraction or "0").ljust(9, "0"))
