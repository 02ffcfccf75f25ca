"""Captured packets into records: an express lane for nearly all of them, and the general way.

A plain packet is IPv4 and TCP, whole, without a comment, of a connection in which nothing waits or
has ended, and carries that connection's next data or none. It becomes a record after a few
comparisons. All others go through ``link`` and ``tcp``, which would make the same of the plain
ones, at thrice the cost; tests read captures both ways.
"""

from collections.abc import Callable
from struct import Struct

from msgspec.structs import replace

from chatctl.capture.reading.captured import Captured, CapturedRun, in_runs
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.link import PLAIN_HEADS, Segment, known, ports, segment_of
from chatctl.capture.reassembly.stream import MASK
from chatctl.capture.reassembly.streams import looks_framed
from chatctl.capture.reassembly.tcp import ACK, PSH, Assembler
from chatctl.capture.record import Batch, Record, RecordRun, ports_of

DEFAULT_PORT = 3490

_FIELDS = Struct(">BxHxxHxBxx12sIIH").unpack_from
"""Version, length, fragment, protocol; addresses and ports as in a key; seq, ack, flags."""

_HEADS = {
    words << 12 | flags: 20 + 4 * words for words in range(5, 16) for flags in (ACK, PSH | ACK)
}
"""Octets of both heads, IPv4's and TCP's, by what TCP's says of its length and flags."""

_SMALLEST = min(_HEADS.values())
_IPV4 = 0x45
_TCP = 6


class Intake:
    """Takes a capture's packets, oldest first, and gives its records."""

    def __init__(self, findings: Findings, port: int) -> None:
        """Count in *findings*; take only connections of the server *port*, of all if it is 0."""
        self._findings = findings
        self._port = port
        self._assembler = Assembler(findings, _client_guess(port, findings))
        self._latest = 0

    def take(self, packets: Batch[Captured]) -> list[Batch[Record]]:
        """Return the records that *packets* complete."""
        out: list[Batch[Record]] = []
        for some in in_runs(packets):
            if isinstance(some, CapturedRun):
                self._express(some, out)
            else:
                for packet in some:
                    _append(self._general(packet), out)
        return out

    def turn(self) -> list[Record]:
        """Return what is left to say of all connections, before another recording begins."""
        self._assembler.abandon()
        return self._assembler.taken()

    def end(self) -> list[Record]:
        """Return what is left to say when nothing more will come."""
        self._assembler.end()
        return self._assembler.taken()

    def _express(self, run: CapturedRun, out: list[Batch[Record]]) -> None:
        """Take *run*; append what comes of it to *out*."""
        records = RecordRun([], [], [])
        octets, latest, find = run.octets, self._latest, self._assembler.plain.get
        skip, place, ethertype = PLAIN_HEADS.get(run.linktype, (len(octets), 0, b""))
        for at, begin, end in zip(run.at, run.begins, run.ends, strict=True):
            ip = begin + skip
            if ip + _SMALLEST <= end:
                version, total, fragment, protocol, key, seq, ack, flags = _FIELDS(octets, ip)
                plain, heads = find(key), _HEADS.get(flags)
                if (
                    plain is not None
                    and heads is not None
                    and (seq == plain[0].next or total == heads)
                    and heads <= total == end - ip
                    and version == _IPV4
                    and protocol == _TCP
                    and not fragment & 0x3FFF
                    and at >= latest
                    and (not ethertype or octets.startswith(ethertype, begin + place))
                ):
                    stream, peer, lane = plain
                    peer.acked, latest = ack, at
                    if total > heads:
                        stream.position += total - heads
                        stream.next = (seq + total - heads) & MASK
                        records.at.append(at)
                        records.lanes.append(lane)
                        records.data.append(octets[ip + heads : end])
                    continue
            self._latest = latest
            if events := self._general(run.packet(at, begin, end)):
                records = _append(records, out)
                _append(events, out)
            latest = self._latest
        _append(records, out)
        self._latest = self._assembler.at = latest

    def _general(self, packet: Captured) -> list[Record]:
        """Take any packet; return what comes of it."""
        findings = self._findings
        if packet.at < self._latest:
            findings.backwards += 1
            packet = replace(packet, at=self._latest)
        self._latest = packet.at
        segment = segment_of(packet.linktype, packet.data, findings)
        if segment is None:
            _count_foreign(packet, findings)
        elif self._port and self._port not in ports(segment.key):
            findings.foreign += 1
        else:
            self._assembler.segment(packet.at, segment, packet.comment)
        return self._assembler.taken()


def _append(records: Batch[Record], out: list[Batch[Record]]) -> RecordRun:
    """Put *records* behind those in *out*; return an empty run for what comes next."""
    if records:
        if isinstance(records, list) and out and isinstance(out[-1], list):
            out[-1] += records
        else:
            out.append(records)
    return RecordRun([], [], [])


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
