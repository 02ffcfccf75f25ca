"""The one door into captures: whatever a file is, an iterator of records comes out.

``read_records`` yields everything sound before it raises, so that a damaged capture shows what is
left of it. Memory stays flat whatever the size. docs/capture-format.md, "Reading".
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import BinaryIO, TypeVar

from msgspec.structs import replace

from chatctl.capture.reading.blocks import Captured, read_pcapng
from chatctl.capture.reading.dumps import read_hex, read_socat
from chatctl.capture.reading.express import express
from chatctl.capture.reading.frames import read_frames
from chatctl.capture.reading.jsonl import read_jsonl
from chatctl.capture.reading.pcap import read_pcap
from chatctl.capture.reading.sniff import Form, looks_like, sniff
from chatctl.capture.reading.sources import Source, open_source
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.link import Segment, known, ports, segment_of
from chatctl.capture.reassembly.streams import Chooser, looks_framed
from chatctl.capture.reassembly.tcp import Assembler
from chatctl.capture.record import Record
from chatctl.errors import CaptureDamaged, NotACapture

DEFAULT_PORT = 3490
Place = Path | BinaryIO | str | Source
T = TypeVar("T")
R = TypeVar("R", Captured, Record)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    Attributes:
        port: the server's port; only its connections are read. 0: those that look like chat, in
            a capture of ours all.
        form: what the source is, where that should not be told from its beginning.
        salvage: whether to go on behind damage in a pcapng file.
        follow: whether to wait for more at the end, as of a file that is being written.
        shift: nanoseconds to move the times of the last place by; the clocks of two machines
            never agree.
    """

    port: int = 0
    form: Form | None = None
    salvage: bool = False
    follow: bool = False
    shift: int = 0


def read_records(
    place: Place | list[Place] | tuple[Place, ...],
    options: ReadOptions = ReadOptions(),
    findings: Findings | None = None,
) -> Iterator[Record]:
    """Yield the records of the capture at *place*: a path, a binary stream, ``-`` for stdin.

    Several places are merged by time; packet captures packet by packet, so that a connection may
    begin in one file and end in another.

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
    places = list(place) if isinstance(place, list | tuple) else [place]
    opened = [_open(each, options) for each in places]
    findings.format = ", ".join(sorted({form.value for _, form in opened}))
    damages: list[CaptureDamaged] = []
    if _alike(opened):
        packets = [
            _patient(_packets(source, form, options, findings), source, damages)
            for source, form in opened
        ]
        if options.shift:
            packets[-1] = (_moved(packet, options.shift) for packet in packets[-1])
        yield from _from_packets(_merged_packets(packets), options, findings)
    else:
        readers = [_records(source, form, options, damages) for source, form in opened]
        if options.shift:
            readers[-1] = (_moved(record, options.shift) for record in readers[-1])
        yield from _merged(readers)
    if damages:
        raise damages[0]


def _alike(opened: list[tuple[Source, Form]]) -> bool:
    """Return whether the sources can be merged packet by packet.

    A recording of ours numbers octets from 0, so it and tcpdump's of the same connection do not
    fit together; they are merged as two.
    """
    if not all(form in _PACKETS for _, form in opened):
        return False
    return len(opened) == 1 or len({b"chatctl " in source.head(512) for source, _ in opened}) == 1


def _open(place: Place, options: ReadOptions) -> tuple[Source, Form]:
    source = place if isinstance(place, Source) else open_source(place, follow=options.follow)
    form = options.form or _sniffed(source)
    if form is None:
        source.check()
        raise NotACapture(f"{source.name} is not a capture: {looks_like(source.head())}")
    return source, form


def _sniffed(source: Source) -> Form | None:
    """Return the form of *source*, told from as little as will do: it may be a live pipe."""
    quick = sniff(source.head(4))
    return quick if quick in (*_PACKETS, Form.RAW) else sniff(source.head())


def _patient(items: Iterator[T], source: Source, damages: list[CaptureDamaged]) -> Iterator[T]:
    """Yield *items*; keep what ends them early for later, when the sound rest has been seen."""
    try:
        yield from items
    except CaptureDamaged as damage:
        damages.append(_with_place(damage, source))


def _moved(item: R, nanoseconds: int) -> R:
    return replace(item, at=max(0, item.at + nanoseconds))


def _with_place(damage: CaptureDamaged, source: Source) -> CaptureDamaged:
    text = f"{source.name} is damaged at octet {damage.offset}: {damage}"
    return CaptureDamaged(text, damage.offset)


def _packets(
    source: Source, form: Form, options: ReadOptions, findings: Findings
) -> Iterator[Captured]:
    if form is Form.PCAP:
        return read_pcap(source)
    return read_pcapng(source, findings, salvage=options.salvage)


def _merged_packets(packets: Sequence[Iterator[Captured]]) -> Iterator[Captured]:
    if len(packets) == 1:
        return packets[0]
    return heapq.merge(*packets, key=lambda packet: packet.at)


def _records(
    source: Source, form: Form, options: ReadOptions, damages: list[CaptureDamaged]
) -> Iterator[Record]:
    if form in _PACKETS:
        packets = _patient(_packets(source, form, options, findings := Findings()), source, damages)
        return _from_packets(packets, options, findings)
    return _patient(_READERS[form](source), source, damages)


def _merged(readers: Iterable[Iterator[Record]]) -> Iterator[Record]:
    """Merge by time; each source's connections get numbers of their own."""
    readers = list(readers)
    if len(readers) == 1:
        yield from readers[0]
        return
    numbers: dict[tuple[int, int], int] = {}
    marked = [zip(reader, repeat(place)) for place, reader in enumerate(readers)]
    for record, place in heapq.merge(*marked, key=lambda pair: pair[0].at):
        conn = numbers.setdefault((place, record.conn), len(numbers) + 1)
        yield record if conn == record.conn else replace(record, conn=conn)


def _from_packets(
    packets: Iterator[Captured], options: ReadOptions, findings: Findings
) -> Iterator[Record]:
    records = _assembled(packets, options.port, findings)
    first = next(records, None)
    if first is None:
        return
    records = chain((first,), records)
    ours = bool(findings.profile)
    yield from records if ours or options.port else Chooser(findings).choose(records)


def _assembled(packets: Iterator[Captured], port: int, findings: Findings) -> Iterator[Record]:
    assembler = Assembler(findings, _client_guess(port))
    out = assembler.out
    quick = express(assembler)
    latest = 0
    for packet in packets:
        findings.packets += 1
        if packet.at < latest:
            findings.backwards += 1
            packet = replace(packet, at=latest)
        latest = packet.at
        if (record := quick(packet)) is not None:
            yield record
            continue
        _general(packet, port, assembler)
        if out:
            yield from out
            out.clear()
    assembler.end()
    yield from out


def _general(packet: Captured, port: int, assembler: Assembler) -> None:
    """Take a packet that is not plain data: of an unknown connection, with options, or not TCP."""
    findings = assembler.findings
    segment = segment_of(packet.linktype, packet.data, findings)
    if segment is None:
        _count_foreign(packet, findings)
    elif port and port not in ports(segment.key):
        findings.foreign += 1
    else:
        assembler.segment(packet.at, segment, packet.comment)


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


_PACKETS = frozenset({Form.PCAPNG, Form.PCAP})
_READERS: dict[Form, Callable[[Source], Iterator[Record]]] = {
    Form.RAW: read_frames,
    Form.JSONL: read_jsonl,
    Form.HEX: read_hex,
    Form.SOCAT: read_socat,
}
