"""One capture into several: a file for each connection, or one after the other.

Nothing is kept but what the recorders of the open parts know, so what grows is with the number of
connections that are open at a time, never with the length of the capture.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from chatctl.capture.config import parse_duration, parse_size
from chatctl.capture.converting.copy import Copy
from chatctl.capture.converting.present import Present
from chatctl.capture.record import Kind, Record
from chatctl.errors import UsageError

Batches = Iterable[Sequence[Record]]
Begin = Callable[[str], Copy]
"""Begins the part of this name."""


def parse_split(by: str) -> Callable[[Batches, Begin], None]:
    """Return what splits by ``conn``, ``time=10s`` or ``size=1M``; it may raise OSError.

    Raises:
        UsageError: *by* is none of these.
    """
    kind, _, value = by.partition("=")
    if kind == "conn" and not value:
        return by_conn
    if kind == "time" and value and (width := int(parse_duration(value) * 1e9)) > 0:
        return lambda batches, begin: _in_turn(batches, begin, _Slices(width).full)
    if kind == "size" and value and (size := parse_size(value)) > 0:
        return lambda batches, begin: _in_turn(batches, begin, lambda _, part: part.octets >= size)
    raise UsageError(f"cannot split by {by!r} (use conn, time=10s or size=1M)")


def by_conn(batches: Batches, begin: Begin) -> None:
    """Write each connection into a part of its own, ``conn1`` and so on.

    Raises:
        OSError: see ``Copy``.
    """
    parts: dict[int, Copy] = {}
    times: dict[int, int] = {}
    for records in batches:
        touched: dict[int, Copy] = {}
        for conn, some in groupby(records, key=lambda record: record.conn):
            part = parts.get(conn)
            if part is None:
                times[conn] = again = times.get(conn, 0) + 1
                part = parts[conn] = begin(f"conn{conn}" + (f"-{again}" if again > 1 else ""))
            part.take(some)
            touched[conn] = part
        for conn, part in touched.items():
            if part.idle:
                parts.pop(conn).close()
            else:
                part.flush()
    for part in parts.values():
        part.close()


class _Slices:
    """Says when a slice of time is over."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._end = -1

    def full(self, record: Record, part: Copy) -> bool:
        """Return whether *record* belongs behind *part*."""
        if self._end < 0:
            self._end = record.at + self._width
        if record.at < self._end or not part.count:
            return False
        self._end += self._width * ((record.at - self._end) // self._width + 1)
        return True


def _in_turn(batches: Batches, begin: Begin, full: Callable[[Record, Copy], bool]) -> None:
    """Write parts ``00001`` and so on, one after the other; a new one where the last is *full*."""
    number = 1
    part = begin(f"{number:05}")
    present = Present()
    joined: set[int] = set()
    for records in batches:
        for record in records:
            if full(record, part):
                part.close()
                number += 1
                part = begin(f"{number:05}")
                joined.clear()
            if record.conn not in joined:
                joined.add(record.conn)
                if number > 1 and record.kind is not Kind.OPEN:
                    part.take((present.joined(record),))
            part.take((record,))
            present.see((record,))
        part.flush()
    part.close()
