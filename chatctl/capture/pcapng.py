"""Blocks of a pcapng file, as we write them: little-endian, one interface of link type RAW.

    +------------+--------------+------ ... ------+--------------+
    | block type | total length |      body       | total length |   all 32-bit, body padded to 4
    +------------+--------------+------ ... ------+--------------+

Only standard blocks, because Wireshark shows Custom Blocks as packets. docs/capture-format.md.
"""

from collections.abc import Iterable
from struct import Struct

SECTION_HEADER = 0x0A0D0D0A
INTERFACE = 1
OLD_PACKET = 2
SIMPLE_PACKET = 3
NAME_RESOLUTION = 4
STATISTICS = 5
ENHANCED_PACKET = 6
DECRYPTION_SECRETS = 10
BYTE_ORDER_MAGIC = 0x1A2B3C4D
LINKTYPE_RAW = 101

END_OF_OPTIONS = 0
COMMENT = 1
USER_APPLICATION = 4
INTERFACE_NAME = 2
TIME_RESOLUTION = 9
TIME_OFFSET = 14
RECEIVED = 4
DROPPED = 5

PADDING = (b"", b"\0", b"\0\0", b"\0\0\0")

_U16_U16 = Struct("<HH").pack
_U32_U32 = Struct("<II").pack
_U32 = Struct("<I").pack
_U64 = Struct("<Q").pack
_PACKET_HEADER = Struct("<IIIIIII").pack
_SECTION_BODY = Struct("<IHHq").pack

Option = tuple[int, bytes]


def block(kind: int, body: bytes) -> bytes:
    """Return a block of type *kind* round *body*, padded."""
    body += PADDING[-len(body) & 3]
    length = len(body) + 12
    return _U32_U32(kind, length) + body + _U32(length)


def options(pairs: Iterable[Option]) -> bytes:
    """Return the option list *pairs* with its end mark; empty when there are none.

    A value over 65,535 octets is cut, which only a comment can reach.
    """
    parts = []
    for code, value in pairs:
        value = value[:0xFFFF]
        parts.append(_U16_U16(code, len(value)) + value + PADDING[-len(value) & 3])
    return b"".join(parts) + b"\0\0\0\0" if parts else b""


def section_header(application: str, comment: bytes) -> bytes:
    """Return the block that begins a section of unknown length."""
    body = _SECTION_BODY(BYTE_ORDER_MAGIC, 1, 0, -1)
    return block(
        SECTION_HEADER,
        body + options([(USER_APPLICATION, application.encode()), (COMMENT, comment)]),
    )


def interface(name: str, linktype: int = LINKTYPE_RAW) -> bytes:
    """Return the description of an interface whose times are nanoseconds and packets whole."""
    body = _U16_U16(linktype, 0) + _U32(0)
    return block(
        INTERFACE, body + options([(INTERFACE_NAME, name.encode()), (TIME_RESOLUTION, b"\x09")])
    )


def packet(at: int, data: bytes, comments: Iterable[str] = ()) -> bytes:
    """Return an Enhanced Packet Block: *data*, seen *at* nanoseconds, on interface 0."""
    size = len(data)
    body = data + PADDING[-size & 3] + options([(COMMENT, text.encode()) for text in comments])
    length = 32 + len(body)
    header = _PACKET_HEADER(
        ENHANCED_PACKET, length, 0, at >> 32 & 0xFFFFFFFF, at & 0xFFFFFFFF, size, size
    )
    return header + body + _U32(length)


def statistics(at: int, received: int, dropped: int, comment: str) -> bytes:
    """Return an Interface Statistics Block; Wireshark counts it and never shows it as a row."""
    body = _U32(0) + _U32_U32(at >> 32 & 0xFFFFFFFF, at & 0xFFFFFFFF)
    pairs = [
        (COMMENT, comment.encode()),
        (RECEIVED, _U64(received)),
        (DROPPED, _U64(dropped)),
    ]
    return block(STATISTICS, body + options(pairs))


def name_resolution(address: bytes, name: str) -> bytes:
    """Return a block that names *address* (4 or 16 octets) in Wireshark's address columns."""
    value = address + name.encode() + b"\0"
    kind = 1 if len(address) == 4 else 2
    record = _U16_U16(kind, len(value)) + value + PADDING[-len(value) & 3]
    return block(NAME_RESOLUTION, record + b"\0\0\0\0")
