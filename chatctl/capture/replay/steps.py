"""Records read as steps: what each connection did, packet by packet, in the capture's order.

A step keeps a packet's octets as recorded, so that replaying never re-encodes what it does not
have to change, and its JSON value as plain objects, so that packets of other programs, with
members and types we do not know, are compared and substituted like our own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chatctl.capture.record import Kind, Record
from chatctl.errors import MalformedPayload
from chatctl.wire import codec
from chatctl.wire.framing import Deframer, frame
from chatctl.wire.packet import Direction

REMEMBERED = 4096


class Act(StrEnum):
    """What a step does."""

    OPEN = "open"
    PACKET = "packet"
    JUNK = "junk"
    CLOSE = "close"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a connection did.

    Attributes:
        index: its place in the capture, from 0, over all connections.
        at: nanoseconds since 1970-01-01T00:00:00Z.
        conn: the connection, as numbered by the capture.
        act: what was done.
        direction: which way; of OPEN always to the server.
        payload: PACKET: the payload. JUNK: octets that never became a frame.
        value: PACKET: the payload's JSON object; None where it is not one.
        nick: OPEN: who it is, of a connection that is joined midway and was seen before.
    """

    index: int
    at: int
    conn: int
    act: Act
    direction: Direction
    payload: bytes = b""
    value: dict[str, Any] | None = None
    nick: str = ""

    @property
    def type(self) -> str:
        """The packet's ``type``; empty where it has none."""
        return type_of(self.value)

    @property
    def wire(self) -> bytes:
        """The octets as they cross a socket."""
        return self.payload if self.act is Act.JUNK else frame(self.payload)


@dataclass(slots=True)
class Steps:
    """All steps of a capture and what could not be read as one.

    Attributes:
        steps: in the capture's order.
        holes: octets the capture lacks, or that were skipped because of a hole.
        cut: octets of frames that the capture ends in.
    """

    steps: list[Step] = field(default_factory=list)
    holes: int = 0
    cut: int = 0


def read_value(payload: bytes) -> dict[str, Any] | None:
    """Return the JSON object *payload* is; None where it is not one."""
    try:
        value = codec.read_json(payload)
    except MalformedPayload:
        return None
    return value if isinstance(value, dict) else None


def type_of(value: dict[str, Any] | None) -> str:
    """Return the ``type`` of a packet's value; empty where there is none."""
    kind = value.get("type") if value else None
    return kind if isinstance(kind, str) else ""


def read_steps(records: Iterable[Record]) -> Steps:
    """Return the steps that *records* hold.

    A connection whose first records are missing is opened by its first packet. Octets left over
    when a connection closes are kept as junk: the peer did send them.
    """
    reader = _Reader()
    for record in records:
        reader.take(record)
    return reader.finish()


class _Reader:
    def __init__(self) -> None:
        self._out = Steps()
        self._deframers: dict[tuple[int, Direction], Deframer] = {}
        self._broken: set[tuple[int, Direction]] = set()
        self._open: set[int] = set()
        self._values: dict[bytes, dict[str, Any] | None] = {}

    def take(self, record: Record) -> None:
        if record.kind is Kind.OPEN:
            self._opened(record)
        elif record.kind is Kind.DATA:
            self._opened(record)
            self._data(record)
        elif record.kind is Kind.GAP:
            self._hole(record)
        elif record.kind is Kind.CLOSE and record.conn in self._open:
            self._closed(record)

    def finish(self) -> Steps:
        self._out.cut = sum(deframer.pending for deframer in self._deframers.values())
        return self._out

    def _opened(self, record: Record) -> None:
        if record.conn not in self._open:
            self._open.add(record.conn)
            self._add(record, Act.OPEN, direction=Direction.TO_SERVER)

    def _data(self, record: Record) -> None:
        for payload in self._payloads(record):
            self._add(record, Act.PACKET, payload, self._value(payload))

    def _value(self, payload: bytes) -> dict[str, Any] | None:
        """Return the value of *payload*, read once for all the copies of a broadcast."""
        try:
            return self._values[payload]
        except KeyError:
            if len(self._values) >= REMEMBERED:
                self._values.clear()
            self._values[payload] = value = read_value(payload)
            return value

    def _payloads(self, record: Record) -> Iterator[bytes]:
        key = (record.conn, record.direction)
        data = record.data
        if key in self._broken:
            start = find_frame(data)
            self._out.holes += len(data) if start is None else start
            if start is None:
                return
            self._broken.discard(key)
            data = data[start:]
        yield from self._deframers.setdefault(key, Deframer()).feed(data)

    def _hole(self, record: Record) -> None:
        key = (record.conn, record.direction)
        lost = self._deframers.pop(key, Deframer())
        self._out.holes += record.missing + lost.pending
        self._broken.add(key)

    def _closed(self, record: Record) -> None:
        left = self._deframers.pop((record.conn, record.direction), Deframer()).rest
        if left:
            self._add(record, Act.JUNK, left)
        self._add(record, Act.RESET if record.reset else Act.CLOSE)

    def _add(
        self,
        record: Record,
        act: Act,
        payload: bytes = b"",
        value: dict[str, Any] | None = None,
        *,
        direction: Direction | None = None,
    ) -> None:
        steps = self._out.steps
        way = direction or record.direction
        at, conn, nick = record.at, record.conn, record.nick
        steps.append(Step(len(steps), at, conn, act, way, payload, value, nick))


def find_frame(data: bytes) -> int | None:
    """Return where in *data* the first whole frame with a JSON object begins; None for nowhere."""
    start = data.find(b"{", 2)
    while start >= 0:
        end = start + int.from_bytes(data[start - 2 : start], "big")
        if end <= len(data) and read_value(data[start:end]) is not None:
            return start - 2
        start = data.find(b"{", start + 1)
    return None
