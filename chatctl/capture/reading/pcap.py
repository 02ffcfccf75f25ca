"""Packets out of a classic pcap file, as tcpdump writes it: micro- or nanoseconds, either order."""

from collections.abc import Iterator
from struct import Struct

from chatctl.capture.reading.blocks import Captured
from chatctl.capture.reading.sources import Source
from chatctl.errors import CaptureDamaged

MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""The file's first four octets: byte order, and nanoseconds in a unit of the stamps' fraction."""

MAX_PACKET = 16 << 20


def read_pcap(source: Source) -> Iterator[Captured]:
    """Yield the packets of *source*, a pcap file.

    Raises:
        CaptureDamaged: after the last sound packet.
    """
    head = source.head(24)
    if head[:4] not in MAGICS:
        raise CaptureDamaged("it does not begin as a pcap file does", 0)
    mark, nanoseconds = MAGICS[head[:4]]
    if len(head) < 24:
        raise CaptureDamaged("cut short in the file's head", 0)
    linktype = Struct(mark + "I").unpack_from(head, 20)[0] & 0x0FFFFFFF
    record = Struct(mark + "IIII")
    source.take(24)
    buffer, start, offset = b"", 0, 24
    while True:
        while (need := _need(record, buffer, start, offset)) > len(buffer) - start:
            more = source.chunk()
            if not more:
                _end(len(buffer) - start, need, offset + start)
                return
            buffer, start, offset = buffer[start:] + more, 0, offset + start
        seconds, fraction, kept, size = record.unpack_from(buffer, start)
        data = buffer[start + 16 : start + 16 + kept]
        yield Captured(seconds * 1_000_000_000 + fraction * nanoseconds, linktype, data, size)
        start += 16 + kept


def _need(record: Struct, buffer: bytes, start: int, offset: int) -> int:
    """Return how many octets the record at *start* takes, or 16 while that is not known."""
    if len(buffer) - start < 16:
        return 16
    kept: int = record.unpack_from(buffer, start)[2]
    if kept > MAX_PACKET:
        raise CaptureDamaged(f"a packet cannot be {kept} octets long", offset + start)
    return 16 + kept


def _end(have: int, need: int, offset: int) -> None:
    if have > 0:
        raise CaptureDamaged(f"cut short: the last packet has {have} octets of {need}", offset)
