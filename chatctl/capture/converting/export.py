"""Captures written anew: from records or items, in each form that can be read again.

``pcapng-json`` is the exception: packets as Wireshark's own exported PDUs, which a Wireshark
without any plugin shows as JSON, but which hold no connections any more.
"""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from itertools import chain
from struct import Struct

from msgspec.structs import replace

from chatctl.capture import pcapng
from chatctl.capture.config import RecordConfig
from chatctl.capture.items.item import Item, What
from chatctl.capture.reading.jsonl import Writer
from chatctl.capture.record import REDACTED, Batch, Kind, Record
from chatctl.capture.writing.sink import open_sink
from chatctl.wire.framing import frame
from chatctl.wire.packets import Direction

Batches = Iterable[Batch[Item]]

LINKTYPE_UPPER_PDU = 252
_TAG = Struct(">HH").pack
_U32 = Struct(">I").pack
_DISSECTOR, _V4_FROM, _V4_TO, _V6_FROM, _V6_TO = 12, 20, 21, 22, 23
_PORT_TYPE, _PORT_FROM, _PORT_TO, _PROTOCOL = 24, 25, 26, 33


def json_lines(batches: Batches) -> Iterator[bytes]:
    """Yield items as JSON lines."""
    return map(Writer().lines, batches)


def frames(batches: Batches) -> Iterator[bytes]:
    """Yield the frames of packets, nothing else."""
    for items in batches:
        yield b"".join(frame(item.payload) for item in items if item.packet is not None)


def exported(batches: Batches) -> Iterator[bytes]:
    """Yield a pcapng file of packets as exported PDUs of Wireshark's JSON dissector."""
    yield pcapng.section_header("chatctl", b"") + pcapng.interface("chat", LINKTYPE_UPPER_PDU)
    for items in batches:
        yield b"".join(
            pcapng.packet(item.record.at, _pdu(item))
            for item in items
            if item.packet is not None or item.what is What.MALFORMED
        )


def write(pieces: Iterator[bytes], path: str) -> None:
    """Write *pieces* to *path*, ``-`` for standard output, which is opened for the first of them.

    Raises:
        OSError: it cannot be opened or written.
    """
    first = next(pieces, b"")
    sink = open_sink(RecordConfig(path), copy=True)
    for piece in chain((first,), pieces):
        sink.write(piece)
    sink.close()


def records_of(items: Iterable[Item]) -> list[Record]:
    """Return records that hold the frames of *items* and the events among them.

    Each has the nick of its time: the packet that told it may not be among *items*.
    """
    records = []
    for item in items:
        record = item.record
        if item.what in (What.OPEN, What.CLOSE, What.GAP):
            records.append(record)
        elif item.what is What.MARK:
            records.append(
                replace(record, kind=Kind.MARK, data=b"", note=item.note, nick=item.nick)
            )
        elif item.what in (What.PACKET, What.MALFORMED, What.TRUNCATED):
            data = item.payload if item.what is What.TRUNCATED else frame(item.payload)
            note = record.note if record.note.startswith(REDACTED) else ""
            records.append(replace(record, kind=Kind.DATA, data=data, note=note, nick=item.nick))
    return records


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
