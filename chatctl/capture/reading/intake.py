"""Captured packets into records: an express lane for nearly all of them, and the general way.

A plain packet is IPv4 and TCP without options, whole, without a comment, and carries the next data
of a connection in which nothing waits or has ended. It becomes a record after a few comparisons.
All others go through ``link`` and ``tcp``, which would make the same of the plain ones, at thrice
the cost; tests read captures both ways.
"""

from collections.abc import Callable, Iterable
from struct import Struct

from msgspec.structs import replace

from chatctl.capture.reading.captured import Captured
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.link import ETHERNET, RAW, Segment, known, ports, segment_of
from chatctl.capture.reassembly.stream import MASK
from chatctl.capture.reassembly.streams import looks_framed
from chatctl.capture.reassembly.tcp import Assembler
from chatctl.capture.record import Kind, Record, ports_of

DEFAULT_PORT = 3490

_HEADS = 40
"""Octets of both heads, IPv4's and TCP's."""

_FIELDS = Struct(">BxHxxHxBxx12sIIH").unpack_from
"""Version, length, fragment, protocol; addresses and ports as in a key; seq, ack, flags."""

_NO_OPTIONS = (0x5018, 0x5010)
_IPV4 = 0x45
_TCP = 6
_ETHERNET_HEAD = 14
_DATA = Kind.DATA
_ETHERTYPE_IPV4 = b"\x08\x00"


class Intake:
    """Takes a capture's packets, oldest first, and gives its records."""

    def __init__(self, findings: Findings, port: int) -> None:
        """Count in *findings*; take only connections of the server *port*, of all if it is 0."""
        self._findings = findings
        self._port = port
        self._assembler = Assembler(findings, _client_guess(port, findings))
        self._latest = 0

    def take(self, packets: Iterable[Captured]) -> list[Record]:
        """Return the records that *packets* complete."""
        assembler = self._assembler
        out = assembler.out = []
        find, latest = assembler.plain.get, self._latest
        for packet in packets:
            data = packet.data
            ip = 0 if packet.linktype == RAW else _ETHERNET_HEAD
            size = len(data) - ip
            if size > _HEADS:
                version, total, fragment, protocol, key, seq, ack, flags = _FIELDS(data, ip)
                if (lane := find(key)) is not None:
                    stream, peer, number, direction, client, server = lane
                    at = packet.at
                    if (
                        seq == stream.next
                        and total == size
                        and version == _IPV4
                        and protocol == _TCP
                        and flags in _NO_OPTIONS
                        and not fragment & 0x3FFF
                        and at >= latest
                        and packet.size == len(data)
                        and not packet.comment
                        and (not ip or _is_ethernet(packet))
                    ):
                        peer.acked = ack
                        stream.position += size - _HEADS
                        stream.next = (seq + size - _HEADS) & MASK
                        latest = assembler.at = at
                        body = data[ip + _HEADS :]
                        out.append(Record(at, number, _DATA, direction, body, client, server))
                        continue
            latest = self._general(packet, latest)
        self._latest = latest
        return out

    def end(self) -> list[Record]:
        """Return what is left to say when nothing more will come."""
        self._assembler.out = []
        self._assembler.end()
        return self._assembler.out

    def _general(self, packet: Captured, latest: int) -> int:
        """Take any packet, the one before it stamped *latest*; return its own stamp."""
        findings = self._findings
        if packet.at < latest:
            findings.backwards += 1
            packet = replace(packet, at=latest)
        segment = segment_of(packet.linktype, packet.data, findings)
        if segment is None:
            _count_foreign(packet, findings)
        elif self._port and self._port not in ports(segment.key):
            findings.foreign += 1
        else:
            self._assembler.segment(packet.at, segment, packet.comment)
        return packet.at


def _is_ethernet(packet: Captured) -> bool:
    return packet.linktype == ETHERNET and packet.data[12:14] == _ETHERTYPE_IPV4


def _count_foreign(packet: Captured, findings: Findings) -> None:
    findings.foreign += 1
    warning = f"packets of link type {packet.linktype} cannot be read"
    if not known(packet.linktype) and warning not in findings.warnings:
        findings.warnings.append(warning)


def _client_guess(port: int, findings: Findings) -> Callable[[Segment], bool]:
    """Return what tells whether a connection's first captured segment came from its client.

    The server's port is *port*, or what the recording says in the header that was read last.
    """

    def from_client(segment: Segment) -> bool:
        sender, receiver = ports(segment.key)
        told = ports_of(str(findings.profile.get("listen", "")))
        servers = [port] if port else told or [DEFAULT_PORT]
        if (sender in servers) != (receiver in servers):
            return receiver in servers
        if looks_framed(segment.data) and b'"hello"' in segment.data[:128]:
            return True
        return sender >= receiver

    return from_client
