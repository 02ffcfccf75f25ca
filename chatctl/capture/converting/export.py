"""Captures written anew: from records or items, in each form that can be read again.

``pcapng-json`` is the exception: packets as Wireshark's own exported PDUs, which a Wireshark
without any plugin shows as JSON, but which hold no connections any more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from struct import Struct

from chatctl.capture import pcapng
from chatctl.capture.config import RecordConfig
from chatctl.capture.items.dissect import Item, What
from chatctl.capture.reading.jsonl import Writer
from chatctl.capture.reassembly.tcp import MIDSTREAM
from chatctl.capture.record import Kind, Record
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import Sink, open_sink
from chatctl.wire.framing import frame
from chatctl.wire.packets import Direction

LINKTYPE_UPPER_PDU = 252
_TAG = Struct(">HH").pack
_U32 = Struct(">I").pack
_DISSECTOR, _V4_FROM, _V4_TO, _V6_FROM, _V6_TO = 12, 20, 21, 22, 23
_PORT_TYPE, _PORT_FROM, _PORT_TO, _PROTOCOL = 24, 25, 26, 33


@dataclass(slots=True)
class _Now:
    """The clock of a recording made from an older one."""

    at: int = 0

    def __call__(self) -> int:
        return self.at


@dataclass(slots=True)
class Written:
    """What an export has written: how many records or items."""

    count: int = 0
    _clock: _Now = field(default_factory=_Now)

    def pcapng(
        self, records: Iterable[Record], config: RecordConfig, side: str, key: bytes = b""
    ) -> None:
        """Write *records* as a capture of ours; *key* keys its pseudonyms, a new one by default.

        Raises:
            OSError: the file cannot be written.
        """
        sink = open_sink(config, copy=True)
        recorder = Recorder(sink, config, side=side, clock=self._clock)
        if key:
            recorder.pseudonyms_by(key)
        seen: set[int] = set()
        for record in records:
            self._clock.at = record.at
            if record.conn not in seen:
                seen.add(record.conn)
                midway = record.kind is Kind.OPEN and record.note.startswith(MIDSTREAM)
                begin = recorder.joined if midway else recorder.opened
                begin(record.conn, record.client, record.server)
            _tell(recorder, record)
            self.count += 1
            if self.count % 512 == 0:
                recorder.flush()
            if recorder.error is not None:
                break
        recorder.close()
        if recorder.error is not None:
            raise recorder.error

    def lines(self, items: Iterable[Item], sink: Sink) -> None:
        """Write *items* as JSON lines."""
        line = Writer().line
        self._batches(map(line, items), sink)

    def frames(self, items: Iterable[Item], sink: Sink) -> None:
        """Write the frames of *items*, nothing else."""
        self._batches((frame(item.payload) for item in items if item.packet is not None), sink)

    def exported(self, items: Iterable[Item], sink: Sink) -> None:
        """Write packets as exported PDUs of Wireshark's JSON dissector."""
        sink.write(
            pcapng.section_header("chatctl", b"") + pcapng.interface("chat", LINKTYPE_UPPER_PDU)
        )
        self._batches(
            (
                pcapng.packet(item.record.at, _pdu(item))
                for item in items
                if item.packet is not None or item.what is What.MALFORMED
            ),
            sink,
        )

    def _batches(self, pieces: Iterable[bytes], sink: Sink) -> None:
        batch: list[bytes] = []
        for piece in pieces:
            batch.append(piece)
            self.count += 1
            if len(batch) >= 512:
                sink.write(b"".join(batch))
                batch.clear()
        sink.write(b"".join(batch))
        sink.close()


def records_of(items: Iterable[Item]) -> Iterator[Record]:
    """Yield records that hold the frames of *items* and the events among them."""
    kinds = {What.OPEN: Kind.OPEN, What.CLOSE: Kind.CLOSE, What.MARK: Kind.MARK}
    for item in items:
        record = item.record
        if item.what in kinds:
            yield record
        elif item.payload:
            data = item.payload if item.what is What.TRUNCATED else frame(item.payload)
            ends = record.client, record.server
            yield Record(record.at, record.conn, Kind.DATA, record.direction, data, *ends)


def _tell(recorder: Recorder, record: Record) -> None:
    match record.kind:
        case Kind.DATA:
            recorder.crossed(record.conn, record.direction, record.data)
        case Kind.CLOSE:
            recorder.closed(record.conn, record.direction, record.note, reset=record.reset)
        case Kind.MARK:
            recorder.marked(record.conn, record.note)
        case Kind.GAP:
            recorder.missed(record.conn, record.direction, record.missing)
        case Kind.OPEN:
            pass


def _pdu(item: Item) -> bytes:
    record = item.record
    up = record.direction is Direction.TO_SERVER
    ends = (record.client, record.server) if up else (record.server, record.client)
    tags = [_tag(_DISSECTOR, b"json")]
    for text, v4, v6, port in zip(
        ends, (_V4_FROM, _V4_TO), (_V6_FROM, _V6_TO), (_PORT_FROM, _PORT_TO), strict=True
    ):
        host, _, number = text.rpartition(":")
        try:
            packed = ip_address(host.strip("[]")).packed
            tags.append(_tag(v4 if len(packed) == 4 else v6, packed))
            tags.append(_tag(port, _U32(int(number))))
        except ValueError:
            continue
    tags.append(_tag(_PORT_TYPE, _U32(2)))
    tags.append(_tag(_PROTOCOL, b"CHATCTL"))
    return b"".join(tags) + b"\0\0\0\0" + item.payload


def _tag(kind: int, value: bytes) -> bytes:
    value += pcapng.PADDING[-len(value) & 3]
    return _TAG(kind, len(value)) + value


def plain_sink(path: str) -> Sink:
    """Return a sink for *path*, ``-`` for standard output.

    Raises:
        OSError: it cannot be opened.
    """
    return open_sink(RecordConfig(path), copy=True)
