"""One capture into several: a file for each connection, or one after the other.

Nothing is kept but what the recorders of the open parts know, so what grows is with the number of
connections that are open at a time, never with the length of the capture.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from chatctl.capture.config import RecordConfig, parse_nanoseconds, parse_size
from chatctl.capture.converting.copy import Copy, Origin
from chatctl.capture.converting.present import Present
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Batch, Kind, Record
from chatctl.capture.writing.sink import Occasional, Parts
from chatctl.errors import UsageError

Batches = Iterable[Batch[Record]]

MAX_IDLE = 64
"""Parts of connections that have ended which are still open for marks."""


def _accept(_: Path) -> None:
    """Let a part have any name."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """The parts to be: ``talk.pcapng`` stands for ``talk-conn1.pcapng`` or ``talk-00001.pcapng``.

    Attributes:
        path: what they are named after.
        config: how they are recorded; its own path does not matter.
        findings: of the reading that their records come from.
        check: called with the name of each part before it is begun; raises where it must not be,
            since a part may have the name of what is being read.
    """

    path: Path
    config: RecordConfig
    findings: Findings = field(default_factory=Findings)
    check: Callable[[Path], None] = _accept

    def one(self, name: str, first: Record) -> Copy:
        """Begin the part of this *name*, with the *first* record that is to be in it."""
        return Copy(Occasional(self._named(name)), self.config, Origin.of(self.findings, first))

    def series(self, first: Record) -> Copy:
        """Begin a numbered series with its *first* record."""
        sink = Parts(lambda number: self._named(f"{number:05}"))
        return Copy(sink, self.config, Origin.of(self.findings, first), began=first.at)

    def _named(self, name: str) -> Path:
        suffix = self.path.suffix or ".pcapng"
        part = self.path.with_name(f"{self.path.stem}-{name}{suffix}")
        self.check(part)
        return part


def parse_split(by: str) -> Callable[[Batches, Outputs], None]:
    """Return what splits by ``conn``, ``time=10s`` or ``size=1M``; it may raise OSError.

    Raises:
        UsageError: *by* is none of these.
    """
    kind, _, value = by.partition("=")
    if kind == "conn" and not value:
        return _by_conn
    if kind == "time" and value and (width := parse_nanoseconds(value)) > 0:
        return lambda batches, outputs: _in_turn(batches, outputs, _Slices(width).over)
    if kind == "size" and value and (size := parse_size(value)) > 0:
        return lambda batches, outputs: _in_turn(batches, outputs, _Sizes(size).over)
    raise UsageError(f"cannot split by {by!r} (use conn, time=10s or size=1M)")


class _Connections:
    """The parts of a capture by its connections.

    Those that have ended are kept for a while, for a mark may stand behind the end.
    """

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self._parts: dict[int, Copy] = {}
        self._times: Counter[int] = Counter()
        self._idle: deque[int] = deque()

    def take(self, records: Iterable[Record]) -> None:
        """Put *records* where they belong."""
        touched = {}
        for conn, group in groupby(records, key=lambda record: record.conn):
            some = list(group)
            touched[conn] = part = self._part(some[0])
            part.take(some)
        for conn, part in touched.items():
            part.flush()
            if part.idle and conn not in self._idle:
                self._idle.append(conn)
        while len(self._idle) > MAX_IDLE:
            self._close(self._idle[0])

    def close(self) -> None:
        """End all parts."""
        for conn in list(self._parts):
            self._close(conn)

    def _part(self, record: Record) -> Copy:
        conn = record.conn
        if conn in self._idle and record.kind is not Kind.MARK:
            self._close(conn)
        if conn not in self._parts:
            self._times[conn] += 1
            again = f"-{self._times[conn]}" if self._times[conn] > 1 else ""
            self._parts[conn] = self._outputs.one(f"conn{conn}{again}", record)
        return self._parts[conn]

    def _close(self, conn: int) -> None:
        if conn in self._idle:
            self._idle.remove(conn)
        self._parts.pop(conn).close()


def _by_conn(batches: Batches, outputs: Outputs) -> None:
    parts = _Connections(outputs)
    for records in batches:
        parts.take(records)
    parts.close()


class _Slices:
    """Says when a slice of time is over."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._end = -1

    def over(self, record: Record) -> bool:
        """Return whether *record* begins another slice."""
        if self._end < 0:
            self._end = record.at + self._width
        if record.at < self._end:
            return False
        self._end += self._width * ((record.at - self._end) // self._width + 1)
        return True


class _Sizes:
    """Says when enough octets have gone by."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._octets = 0

    def over(self, record: Record) -> bool:
        """Return whether *record* comes behind enough."""
        full = self._octets >= self._size
        self._octets = len(record.data) + (0 if full else self._octets)
        return full


def _in_turn(batches: Batches, outputs: Outputs, over: Callable[[Record], bool]) -> None:
    """Write a series, going on in its next file before each record of which *over* is true."""
    present = Present()
    series: Copy | None = None
    for records in map(list, filter(None, batches)):
        series = series or outputs.series(records[0])
        begin = 0
        for place, record in enumerate(records):
            if over(record):
                series.take(records[begin:place])
                present.see(records[begin:place])
                series.turn(record.at, present.nick)
                begin = place
        series.take(records[begin:])
        present.see(records[begin:])
        series.flush()
    if series is not None:
        series.close()
