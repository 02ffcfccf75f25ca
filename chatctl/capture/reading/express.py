"""The express lane of reading: a plain data segment becomes a record at once.

Nearly every packet of a capture is the same: IPv4 and TCP without options, data, in order, whole,
no comment. Those are recognised by a few comparisons; all others take the general way through
``link`` and ``tcp``, and the outcome is the same. A test reads captures both ways.
"""

from collections.abc import Callable
from struct import Struct

from chatctl.capture.reading.blocks import Captured
from chatctl.capture.reassembly.link import ETHERNET, RAW
from chatctl.capture.reassembly.stream import MASK
from chatctl.capture.reassembly.tcp import Assembler
from chatctl.capture.record import Kind, Record

_HEADS = Struct(">HHxxHxBxx12sIIH").unpack_from
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
        linktype = packet.linktype
        start = 0 if linktype == RAW else 14 if linktype == ETHERNET else -1
        size = len(data) - start
        if start < 0 or size < 41 or (start and data[12:14] != _ETHERTYPE_IPV4):
            return None
        version, total, fragment, protocol, key, seq, ack, flags = _HEADS(data, start)
        half = halves.get(key)
        if (
            half is None
            or total != size
            or size != packet.size - start
            or version & 0xFF00 != 0x4500
            or protocol != 6
            or fragment & 0x3FFF
            or flags not in _NO_OPTIONS
            or packet.comment
        ):
            return None
        conn, stream, peer = half
        if seq != stream.next or stream.pieces or peer.pieces or stream.fin or stream.over:
            return None
        peer.acked = ack
        body = data[start + 40 :]
        stream.position += size - 40
        stream.next = (seq + size - 40) & MASK
        at = assembler.at = packet.at
        return Record(at, conn.number, _DATA, stream.direction, body, conn.client, conn.server)

    return quick
