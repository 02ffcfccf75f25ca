"""TCP segments made up for recorded chunks, so that every packet tool can read a recording.

Each connection has two sides, one per direction. A side knows its addresses and how many octets
have gone its way; sequence numbers start at 0, so that ``tcp.seq - 1`` is the octet's place in the
stream. Checksums are left 0: Wireshark does not check them, and computing them doubles the cost.
"""

from struct import Struct

from chatctl.capture import pcapng
from chatctl.capture.writing.redact import Redacted

FIN = 0x01
SYN = 0x02
RST = 0x04
PSH = 0x08
ACK = 0x10

MAX_DATA = 0xFFFF - 40
"""The most a segment carries; an IPv4 packet ends at 65,535 octets."""

ACK_EVERY_OCTETS = 32 * 1024
"""Without acknowledgements Wireshark's analysis takes minutes on a long one-way stream."""

_SEGMENT_COUNTS = ACK_EVERY_OCTETS // 64
"""A segment counts for this much besides its data, so one in 64 is acknowledged at least."""

_MASK = 0xFFFFFFFF
_WINDOW_SCALE = b"\x01\x03\x03\x0e"
_V4 = Struct(">BBHHHBBH8sHHIIBBHHH").pack
_V6 = Struct(">IHBB32sHHIIBBHHH").pack
_V4_DATA = Struct(">HHxxHI").pack
_V6_DATA = Struct(">IHH").pack
_SEQS = Struct(">II").pack
_DATA_FOLLOWS = b"\x50\x18\xff\xff\0\0\0\0"  # PSH and ACK, the whole window, no checksum
_PORTS = Struct(">HH").pack
_BLOCK = Struct("<IIIIIII").pack
_U32 = Struct("<I").pack
_TAILS = tuple(pcapng.PADDING[-size & 3] for size in range(4))


class Side:
    """One direction of a connection: where it goes and how far it has come."""

    __slots__ = (
        "addresses", "ends", "from_port", "is_v4", "peer", "redacted", "seq", "to_port", "unacked",
    )  # fmt: skip

    peer: "Side"

    def __init__(self, addresses: bytes, from_port: int, to_port: int) -> None:
        self.addresses = addresses
        self.from_port = from_port
        self.to_port = to_port
        self.seq = 0
        self.is_v4 = len(addresses) == 8
        self.ends = addresses + _PORTS(from_port, to_port)
        self.unacked = 0
        self.redacted: Redacted | None = None

    def ip(self, flags: int, data: bytes = b"", tcp_options: bytes = b"") -> bytes:
        """Return an IP packet with one segment of this side; *data* is at most ``MAX_DATA``."""
        offset = 0x50 + (len(tcp_options) << 2)
        acked = self.peer.seq if flags & ACK else 0
        size = 20 + len(tcp_options) + len(data)
        ports = self.from_port, self.to_port, self.seq, acked, offset, flags, 0xFFFF, 0, 0
        if self.is_v4:
            head = _V4(0x45, 0, 20 + size, 0, 0x4000, 64, 6, 0, self.addresses, *ports)
        else:
            head = _V6(0x60000000, size, 6, 64, self.addresses, *ports)
        self.seq = (self.seq + len(data) + (flags & (SYN | FIN) != 0)) & _MASK
        return head + tcp_options + data

    def count(self, octets: int) -> None:
        """Count a segment of *octets* as not acknowledged; it acknowledges the peer's."""
        self.unacked += octets + _SEGMENT_COUNTS
        self.peer.unacked = 0

    def skip(self, octets: int) -> None:
        """Go on *octets* further, which are not known."""
        self.seq = (self.seq + octets) & _MASK

    def data_block(self, at: int, data: bytes) -> bytes:
        """Return the pcapng block for *data*: what ``pcapng.packet(at, self.ip(...))`` would."""
        before, after = around_v4(at, data) if self.is_v4 else around_v6(at, data)
        return self.block_within(before, after, len(data))

    def block_within(self, before: bytes, after: bytes, size: int) -> bytes:
        """Return the block of which only the octets *before* and *after* this side's are known.

        The hot path of recording. The stream is *size* octets longer; ``unacked`` grows, the
        peer's is reset.
        """
        seq, peer = self.seq, self.peer
        peer.unacked = 0
        self.unacked += size + _SEGMENT_COUNTS
        self.seq = (seq + size) & _MASK
        return before + self.ends + _SEQS(seq, peer.seq) + after


def around_v4(at: int, data: bytes) -> tuple[bytes, bytes]:
    """Return what comes before and after a side's own octets in the IPv4 block for *data*.

    A side's own are its addresses, ports and numbers: a chunk written to many is laid out once.
    """
    total = len(data) + 40
    length = 35 + total & ~3
    return (
        _BLOCK(6, length, 0, at >> 32, at & _MASK, total, total)
        + _V4_DATA(0x4500, total, 0x4000, 0x40060000),
        _DATA_FOLLOWS + data + _TAILS[total & 3] + _U32(length),
    )


def around_v6(at: int, data: bytes) -> tuple[bytes, bytes]:
    """Return what ``around_v4`` does, for IPv6."""
    total = len(data) + 60
    length = 35 + total & ~3
    return (
        _BLOCK(6, length, 0, at >> 32, at & _MASK, total, total)
        + _V6_DATA(0x60000000, len(data) + 20, 0x0640),
        _DATA_FOLLOWS + data + _TAILS[total & 3] + _U32(length),
    )
