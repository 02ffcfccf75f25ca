"""The one door into captures: whatever a file is, an iterator of records comes out.

``read_records`` yields everything sound before it raises, so that a damaged capture shows what is
left of it. Memory stays flat whatever the size. docs/capture-format.md, "Reading".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chatctl.capture.blocks import Captured, read_pcapng
from chatctl.capture.findings import Findings
from chatctl.capture.frames import read_frames
from chatctl.capture.link import Segment, known, ports, segment_of
from chatctl.capture.pcap import read_pcap
from chatctl.capture.record import Record
from chatctl.capture.sniff import Form, looks_like, sniff
from chatctl.capture.sources import Source, open_source
from chatctl.capture.streams import Chooser, looks_framed
from chatctl.capture.tcp import Assembler
from chatctl.errors import CaptureDamaged, NotACapture

DEFAULT_PORT = 3490


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    Attributes:
        port: the server's port; only its connections are read. 0: those that look like chat, in
            a capture of ours all.
        form: what the source is, where that should not be told from its beginning.
    """

    port: int = 0
    form: Form | None = None


def read_records(
    place: Path | BinaryIO | str,
    options: ReadOptions = ReadOptions(),
    findings: Findings | None = None,
) -> Iterator[Record]:
    """Yield the records of the capture at *place*: a path, a binary stream, ``-`` for stdin.

    Args:
        place: where it is; gzip and zstd are unpacked on the way.
        options: how to read it.
        findings: filled in on the way, complete when the iterator ends.

    Raises:
        UsageError: it cannot be opened.
        NotACapture: it is something else.
        CaptureDamaged: after everything that was sound.
    """
    findings = findings if findings is not None else Findings()
    source = open_source(place)
    form = options.form or sniff(source.head())
    if form is None:
        raise NotACapture(f"{source.name} is not a capture: {looks_like(source.head())}")
    findings.format = form.value
    yield from _READERS[form](source, options, findings)


def _from_packets(source: Source, options: ReadOptions, findings: Findings) -> Iterator[Record]:
    form = Form(findings.format)
    packets = read_pcapng(source, findings) if form is Form.PCAPNG else read_pcap(source)
    records = _assembled(packets, options.port, findings)
    first = next(records, None)
    if first is None:
        return
    ours = bool(findings.profile)
    records = _chained(first, records)
    yield from records if ours or options.port else Chooser(findings).choose(records)


def _chained(first: Record, rest: Iterator[Record]) -> Iterator[Record]:
    yield first
    yield from rest


def _assembled(packets: Iterator[Captured], port: int, findings: Findings) -> Iterator[Record]:
    assembler = Assembler(findings, _client_guess(port))
    out = assembler.out
    damage: CaptureDamaged | None = None
    try:
        for packet, segment in _segments(packets, findings):
            if port and port not in ports(segment.key):
                findings.foreign += 1
                continue
            assembler.segment(packet.at, segment, packet.comment)
            if out:
                yield from out
                out.clear()
    except CaptureDamaged as error:
        damage = error
    assembler.end()
    yield from out
    if damage is not None:
        raise damage


def _segments(
    packets: Iterator[Captured], findings: Findings
) -> Iterator[tuple[Captured, Segment]]:
    latest = 0
    for packet in packets:
        findings.packets += 1
        segment = segment_of(packet.linktype, packet.data, findings)
        if segment is None:
            _count_foreign(packet, findings)
            continue
        if packet.at < latest:
            findings.backwards += 1
            packet = Captured(latest, packet.linktype, packet.data, packet.size, packet.comment)
        latest = packet.at
        yield packet, segment


def _count_foreign(packet: Captured, findings: Findings) -> None:
    findings.foreign += 1
    warning = f"packets of link type {packet.linktype} cannot be read"
    if not known(packet.linktype) and warning not in findings.warnings:
        findings.warnings.append(warning)


def _client_guess(port: int) -> Callable[[Segment], bool]:
    """Return what tells whether a connection's first captured segment came from its client."""
    servers = {port or DEFAULT_PORT}

    def from_client(segment: Segment) -> bool:
        sender, receiver = ports(segment.key)
        if (sender in servers) != (receiver in servers):
            return receiver in servers
        if looks_framed(segment.data) and b'"hello"' in segment.data[:128]:
            return True
        return sender >= receiver

    return from_client


_READERS: dict[Form, Callable[[Source, ReadOptions, Findings], Iterator[Record]]] = {
    Form.PCAPNG: _from_packets,
    Form.PCAP: _from_packets,
    Form.RAW: lambda source, _options, _findings: read_frames(source),
}
