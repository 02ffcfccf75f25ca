"""Recordings made of older ones: their records written anew, at the times they had."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Self

from chatctl.capture.config import Addresses, RecordConfig
from chatctl.capture.reassembly.findings import (
    Findings,
    has_virtual_addresses,
    joint_profile,
    redacted_in,
)
from chatctl.capture.reassembly.tcp import MIDSTREAM
from chatctl.capture.record import Batch, Kind, Record
from chatctl.capture.writing.rewriter import Rewriter
from chatctl.capture.writing.sink import Sink, open_sink

MAX_ENDED = 1024
"""Connections that are remembered to have ended; a mark behind its end opens none of them anew."""


@dataclass(slots=True)
class _Now:
    """The clock of a recording made from an older one."""

    at: int = 0

    def __call__(self) -> int:
        return self.at


@dataclass(frozen=True, slots=True)
class Origin:
    """What a copy tells of the capture that it is made of.

    Attributes:
        side: who recorded it.
        listen: the server's address.
        redacted: the members that were disguised in it.
        addresses: whether they are the real ones; of virtual ones it tells the nicks, too.
    """

    side: str = "tap"
    listen: str = ""
    redacted: tuple[str, ...] = ()
    addresses: Addresses = Addresses.REAL

    @classmethod
    def of(cls, findings: Findings, first: Record | None) -> Self:
        """Return what is known once the *first* record has come."""
        told = joint_profile(findings.profiles or [findings.profile])
        listen = str(told.get("listen", "")) or (first.server if first is not None else "")
        addresses = Addresses.VIRTUAL if has_virtual_addresses(told) else Addresses.REAL
        return cls(str(told.get("side", "tap")), listen, tuple(redacted_in(told)), addresses)


class Copy:
    """A recording that is being made.

    Attributes:
        count: records taken.
    """

    def __init__(
        self, sink: Sink, config: RecordConfig, origin: Origin = Origin(), *, began: int = 0
    ) -> None:
        """Write to *sink*.

        Where *sink* is several files, *began* is the time of the first record: it tells a reader
        that they belong together.
        """
        self.count = 0
        self._clock = _Now(began)
        redaction = replace(config.redaction, before=origin.redacted)
        config = replace(config, redaction=redaction, addresses=origin.addresses)
        self._recorder = Rewriter(
            sink, config, side=origin.side, listen=origin.listen, clock=self._clock
        )
        self._open: dict[int, int] = {}
        self._ended: OrderedDict[int, None] = OrderedDict()

    @property
    def idle(self) -> bool:
        """Whether none of its connections is open."""
        return not self._open

    def take(self, records: Iterable[Record]) -> None:
        """Write *records*.

        Raises:
            OSError: the disk is full, or the reader of a pipe gone.
        """
        recorder = self._recorder
        for record in records:
            self._clock.at = record.at
            if record.conn not in self._open and not self._marks_an_end(record):
                self._begin(record)
            if record.nick:
                recorder.known(record.conn, record.nick)
            if record.kind is not Kind.DATA:
                self._tell(record)
            elif record.note:
                recorder.annotated(record.conn, record.direction, record.data, record.note)
            else:
                recorder.crossed(record.conn, record.direction, record.data)
            self.count += 1

    def flush(self) -> None:
        """Hand what was taken to the system.

        Raises:
            OSError: see ``take``.
        """
        self._recorder.flush()
        self._check()

    def turn(self, at: int, nick: Callable[[int], str]) -> None:
        """Go on in the sink's next file, which begins *at*; *nick* tells who is there.

        Raises:
            OSError: see ``take``.
        """
        self._recorder.flush()
        self._clock.at = at
        self._recorder.turn(nick)
        self._check()

    def close(self) -> None:
        """End the file in good order.

        Raises:
            OSError: see ``take``.
        """
        self._recorder.close()
        self._check()

    def _check(self) -> None:
        if self._recorder.error is not None:
            raise self._recorder.error

    def _marks_an_end(self, record: Record) -> bool:
        return record.kind is Kind.MARK and record.conn in self._ended

    def _begin(self, record: Record) -> None:
        self._open[record.conn] = 2
        self._ended.pop(record.conn, None)
        ends = record.client, record.server
        if record.kind is Kind.OPEN and record.note.startswith(MIDSTREAM):
            self._recorder.joined(record.conn, *ends, record.nick)
        else:
            self._recorder.opened(record.conn, *ends, record.nick)

    def _tell(self, record: Record) -> None:
        conn = record.conn
        if record.kind is Kind.CLOSE:
            self._recorder.closed(conn, record.direction, record.note, reset=record.reset)
            self._open[conn] -= 2 if record.reset else 1
            if self._open[conn] <= 0:
                del self._open[conn]
                self._ends(conn)
        elif record.kind is Kind.MARK:
            self._recorder.marked(conn, record.note)
        elif record.kind is Kind.GAP:
            self._recorder.missed(conn, record.direction, record.missing)

    def _ends(self, conn: int) -> None:
        self._ended[conn] = None
        if len(self._ended) > MAX_ENDED:
            self._ended.popitem(last=False)


def write_copy(batches: Iterable[Batch[Record]], config: RecordConfig, findings: Findings) -> int:
    """Write the records of *batches* to the path of *config*; return how many there were.

    *findings* are those of the reading that *batches* come from.

    Raises:
        OSError: it cannot be opened or written.
    """
    batches = iter(batches)
    first: Batch[Record] = next(filter(None, batches), [])
    origin = Origin.of(findings, next(iter(first), None))
    copy = Copy(open_sink(config, copy=True), config, origin)
    for records in chain((first,), batches):
        copy.take(records)
        copy.flush()
    copy.close()
    return copy.count
