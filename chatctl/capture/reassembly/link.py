"""From a captured packet to the TCP segment in it, through every link layer tcpdump may write.

A segment's key is its addresses and ports as they are in the packet, sender first: twelve octets
for IPv4, thirty-six for IPv6. Reversed, it is the key of the other direction.
"""

from ipaddress import ip_address
from struct import Struct

from msgspec import Struct as Value

from chatctl.capture.reassembly.findings import Findings

NULL, ETHERNET, RAW_BSD, LOOP, RAW = 0, 1, 12, 108, 101
RAW_OPENBSD, SLL, IPV4, IPV6, USER0, UPPER_PDU, SLL2 = 14, 113, 228, 229, 147, 252, 276
PACKET_SOCKET_HEADERS = {SLL: (14, 16), SLL2: (0, 20)}

_ETHER_IPV4, _ETHER_IPV6 = b"\x08\x00", b"\x86\xdd"
PLAIN_HEADS = {
    **dict.fromkeys((RAW, RAW_BSD, RAW_OPENBSD, IPV4), (0, 0, b"")),
    **dict.fromkeys((NULL, LOOP), (4, 0, b"")),
    **{
        linktype: (size, place, _ETHER_IPV4)
        for linktype, (place, size) in {ETHERNET: (12, 14), **PACKET_SOCKET_HEADERS}.items()
    },
}
"""Octets before IPv4 by link type; where in them its EtherType stands, and it; without tags."""

_VLAN = (b"\x81\x00", b"\x88\xa8", b"\x91\x00")
_TCP = 6
_EXTENSION_HEADERS = (0, 43, 60)
_FRAGMENT_HEADER = 44
_TCP_HEAD = Struct(">HHIIBB").unpack_from


class Segment(Value, frozen=True, gc=False):
    """A TCP segment.

    Attributes:
        key: addresses and ports, sender first.
        seq: the number of its first octet.
        ack: the next octet expected from the other side; meaningless without the flag.
        flags: FIN 1, SYN 2, RST 4, PSH 8, ACK 16.
        data: the octets it carries, as far as they were captured.
        cut: how many more it carried.
    """

    key: bytes
    seq: int
    ack: int
    flags: int
    data: bytes
    cut: int = 0


def reverse(key: bytes) -> bytes:
    """Return the key of the other direction."""
    half = (len(key) - 4) // 2
    return key[half : 2 * half] + key[:half] + key[-2:] + key[-4:-2]


def ends(key: bytes) -> tuple[str, str]:
    """Return sender and receiver as text, ``127.0.0.1:50312`` or ``[::1]:50312``."""
    half = (len(key) - 4) // 2
    return _end(key[:half], key[-4:-2]), _end(key[half : 2 * half], key[-2:])


def ports(key: bytes) -> tuple[int, int]:
    """Return the sender's and the receiver's port."""
    return int.from_bytes(key[-4:-2], "big"), int.from_bytes(key[-2:], "big")


def segment_of(linktype: int, data: bytes, findings: Findings) -> Segment | None:
    """Return the TCP segment that a captured packet carries, None if it carries none."""
    start = ip_start(linktype, data)
    if start < 0 or start >= len(data):
        return None
    version = data[start] >> 4
    if version == 4:
        return _from_ipv4(data, start, findings)
    return _from_ipv6(data, start, findings) if version == 6 else None


def ip_start(linktype: int, data: bytes) -> int:
    """Return where the IP packet in *data* begins, -1 if there is none."""
    if linktype in (RAW, RAW_BSD, RAW_OPENBSD, IPV4, IPV6):
        return 0
    if linktype == ETHERNET:
        return _after_ethertype(data, 12)
    if linktype in (NULL, LOOP):
        return 4
    if linktype in PACKET_SOCKET_HEADERS:
        place, size = PACKET_SOCKET_HEADERS[linktype]
        return (
            size
            if data[place : place + 2] in (_ETHER_IPV4, _ETHER_IPV6)
            else _vlan(data, place, size)
        )
    return -1


def known(linktype: int) -> bool:
    """Return whether packets of *linktype* can be read at all."""
    return linktype in (RAW, RAW_BSD, RAW_OPENBSD, IPV4, IPV6, ETHERNET, NULL, LOOP, SLL, SLL2)


def _vlan(data: bytes, place: int, size: int) -> int:
    return _after_ethertype(data, size + 2) if data[place : place + 2] in _VLAN else -1


def _after_ethertype(data: bytes, place: int) -> int:
    """Return where IP begins after the type at *place*, over any VLAN tags; -1 if it does not."""
    while data[place : place + 2] in _VLAN:
        place += 4
    return place + 2 if data[place : place + 2] in (_ETHER_IPV4, _ETHER_IPV6) else -1


def _from_ipv4(data: bytes, start: int, findings: Findings) -> Segment | None:
    if len(data) < start + 20 or data[start + 9] != _TCP:
        return None
    if int.from_bytes(data[start + 6 : start + 8], "big") & 0x3FFF:
        findings.fragments += 1
        return None
    tcp = start + (data[start] & 15) * 4
    # A total length of 0 means that the card was to cut the packet: what was captured is all.
    total = int.from_bytes(data[start + 2 : start + 4], "big") or len(data) - start
    return _from_tcp(data, data[start + 12 : start + 20], tcp, start + total, findings)


def _from_ipv6(data: bytes, start: int, findings: Findings) -> Segment | None:
    if len(data) < start + 40:
        return None
    size = int.from_bytes(data[start + 4 : start + 6], "big")
    end = start + 40 + size if size else len(data)
    kind, place = data[start + 6], start + 40
    while kind in _EXTENSION_HEADERS and place + 2 <= len(data):
        kind, place = data[place], place + 8 + data[place + 1] * 8
    if kind == _FRAGMENT_HEADER:
        findings.fragments += 1
    if kind != _TCP:
        return None
    return _from_tcp(data, data[start + 8 : start + 40], place, end, findings)


def _from_tcp(
    data: bytes, addresses: bytes, tcp: int, end: int, findings: Findings
) -> Segment | None:
    if len(data) < tcp + 20:
        return None
    _, _, seq, ack, offset, flags = _TCP_HEAD(data, tcp)
    begin = tcp + (offset >> 4) * 4
    if begin < tcp + 20 or begin > end:
        return None
    body = data[begin:end]
    cut = max(0, end - max(begin, len(data)))
    findings.cut += cut > 0
    return Segment(addresses + data[tcp : tcp + 4], seq, ack, flags, body, cut)


def _end(address: bytes, port: bytes) -> str:
    number = int.from_bytes(port, "big")
    if len(address) == 4:
        return f"{'.'.join(map(str, address))}:{number}"
    return f"[{ip_address(address)}]:{number}"
