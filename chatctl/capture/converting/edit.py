"""Small changes to captures on their way: a slice of time, another clock, a mark, a split."""

from collections.abc import Iterable, Iterator

from chatctl.capture.config import parse_duration
from chatctl.capture.converting.present import Present
from chatctl.capture.record import Kind, Record
from chatctl.errors import UsageError

Span = tuple[float, float]


def parse_span(text: str) -> Span:
    """Return the seconds after the start that *text* spans: ``5s..20s``, ``..1min``, ``30s..``.

    Raises:
        UsageError: it spans none.
    """
    first, dots, last = text.partition("..")
    if not dots:
        raise UsageError(f"not a span of time: {text!r} (try 5s..20s)")
    begin = parse_duration(first.lstrip("+")) if first else 0.0
    end = parse_duration(last.lstrip("+")) if last else float("inf")
    if end < begin:
        raise UsageError(f"a span that ends before it begins: {text!r}")
    return begin, end


def parse_shift(text: str) -> int:
    """Return the nanoseconds that *text* shifts by: ``+2s``, ``-150ms``.

    Raises:
        UsageError: it is no duration.
    """
    sign = -1 if text.startswith("-") else 1
    return sign * int(parse_duration(text.lstrip("+-")) * 1e9)


def parse_mark(text: str) -> tuple[int, str]:
    """Return the number and the words of ``12:bug here``.

    Raises:
        UsageError: it has no number.
    """
    number, colon, words = text.partition(":")
    if not colon or not number.isdecimal():
        raise UsageError(f"not a mark: {text!r} (try '12:look here')")
    return int(number), words


def sliced(batches: Iterable[list[Record]], span: Span, start: int = -1) -> Iterator[list[Record]]:
    """Yield the records of *span*; connections open at its begin are joined there, nicks known.

    *start* is when the capture began, nanoseconds since 1970; by default, with its first record.
    """
    present = Present()
    shown: set[int] = set()
    for batch in batches:
        if start < 0 and batch:
            start = batch[0].at
        present.see(record for record in batch if (record.at - start) / 1e9 < span[0])
        kept: list[Record] = []
        for record in batch:
            seconds = (record.at - start) / 1e9
            if seconds > span[1]:
                yield kept
                return
            if seconds < span[0]:
                continue
            if record.conn not in shown:
                shown.add(record.conn)
                if record.kind is not Kind.OPEN:
                    kept.append(present.joined(record))
            kept.append(record)
        yield kept
