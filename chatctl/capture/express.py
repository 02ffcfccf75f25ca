"""The express lane of reading: a plain data segment becomes a record at once.

Nearly every packet of a capture is the same: IPv4 and TCP without options, data, in order, whole,
no comment. Those are recognised by a few comparisons; all others take the general way through
``link`` and ``tcp``, and the outcome is the same. A test reads captures both ways.
"""

from collections.abc import Callable
from struct import Struct

from chatctl.capture.blocks import Captured
from chatctl.capture.link import ETHERNET, RAW
from chatctl.capture.record import Kind, Record
from chatctl.capture.stream import MASK
from chatctl.capture.tcp import Assembler

_IP = Struct(">HH").unpack_from
_TCP = Struct(">IIH").unpack_from
_NO_OPTIONS = (0x5018, 0x5010)
_DATA = Kind.DATA
_ETHERTYPE_IPV4 = b"\x08\x00"


def express(assembler: Assembler) -> Callable[[Captured], Record | None]:
    """Return what turns a captured packet into a record of *assembler*, None if it is not plain.

    After None the packet has to be given to the assembler.
    """
    halves = assembler.halves

    def quick(packet: Captured) -> Record | None:
        data = packet.data
        size = len(data)
        start = 0 if packet.linktype == RAW else 14 if packet.linktype == ETHERNET else -1
        if packet.comment or start < 0 or size != packet.size or size < start + 41:
            return None
        if start and data[12:14] != _ETHERTYPE_IPV4:
            return None
        version, total = _IP(data, start)
        if version & 0xFF00 != 0x4500 or total != size - start or data[start + 9] != 6:
            return None
        half = halves.get(data[start + 12 : start + 24])
        if half is None:
            return None
        seq, ack, flags = _TCP(data, start + 24)
        conn, stream, peer = half
        if (
            flags not in _NO_OPTIONS
            or data[start + 6] & 0x3F
            or seq != stream.next
            or stream.pieces
            or stream.fin is not None
            or peer.pieces
            or stream.over
        ):
            return None
        peer.acked = ack
        body = data[start + 40 :]
        length = len(body)
        stream.position += length
        stream.next = (seq + length) & MASK
        at = assembler.at = packet.at
        return Record(at, conn.number, _DATA, stream.direction, body, conn.client, conn.server)

    return quick
