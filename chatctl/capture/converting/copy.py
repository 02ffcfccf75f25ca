"""Recordings made of older ones: their records written anew, at the times they had."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chatctl.capture.config import RecordConfig
from chatctl.capture.reassembly.tcp import MIDSTREAM
from chatctl.capture.record import Kind, Record
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import Sink, open_sink


@dataclass(slots=True)
class _Now:
    """The clock of a recording made from an older one."""

    at: int = 0

    def __call__(self) -> int:
        return self.at


class Copy:
    """A recording that is being made.

    Attributes:
        count: records taken.
    """

    def __init__(
        self, sink: Sink, config: RecordConfig, side: str, key: bytes = b"", *, began: int = 0
    ) -> None:
        """Write to *sink*; *key* keys pseudonyms, a new one by default.

        Where *sink* is several files, *began* is the time of the first record: it tells a reader
        that they belong together.
        """
        self.count = 0
        self._clock = _Now(began)
        self._recorder = Recorder(sink, config, side=side, clock=self._clock)
        if key:
            self._recorder.pseudonyms_by(key)
        self._open: dict[int, int] = {}

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
            if record.conn not in self._open:
                self._begin(record)
            if record.kind is Kind.DATA:
                recorder.crossed(record.conn, record.direction, record.data)
            else:
                self._tell(record)
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

    def _begin(self, record: Record) -> None:
        self._open[record.conn] = 2
        ends = record.client, record.server
        if record.kind is Kind.OPEN and record.note.startswith(MIDSTREAM):
            self._recorder.joined(record.conn, *ends, record.nick)
        else:
            self._recorder.opened(record.conn, *ends)

    def _tell(self, record: Record) -> None:
        conn = record.conn
        if record.kind is Kind.CLOSE:
            self._recorder.closed(conn, record.direction, record.note, reset=record.reset)
            self._open[conn] -= 2 if record.reset else 1
            if self._open[conn] <= 0:
                del self._open[conn]
        elif record.kind is Kind.MARK:
            self._recorder.marked(conn, record.note)
        elif record.kind is Kind.GAP:
            self._recorder.missed(conn, record.direction, record.missing)


def write_copy(
    batches: Iterable[Iterable[Record]], config: RecordConfig, side: str, key: bytes = b""
) -> int:
    """Write the records of *batches* to the path of *config*; return how many there were.

    Raises:
        OSError: it cannot be opened or written.
    """
    copy = Copy(open_sink(config, copy=True), config, side, key)
    for records in batches:
        copy.take(records)
        copy.flush()
    copy.close()
    return copy.count
