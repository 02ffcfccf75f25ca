"""The one door into captures: whatever a file is, an iterator of records comes out.

``read_records`` yields everything sound before it raises, so that a damaged capture shows what is
left of it. Memory stays flat whatever the size. docs/capture-format.md, "Reading".

Inside, what is at hand goes on together, a list at a time: that is quicker than one by one, and a
live source is still shown as it comes.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import BinaryIO, TypeVar

from msgspec.structs import replace

from chatctl.capture.reading.captured import Captured
from chatctl.capture.reading.dumps import read_hex, read_socat
from chatctl.capture.reading.frames import read_frames
from chatctl.capture.reading.intake import Intake
from chatctl.capture.reading.jsonl import read_jsonl
from chatctl.capture.reading.pcap import read_pcap
from chatctl.capture.reading.sections import read_pcapng
from chatctl.capture.reading.sniff import Form, looks_like, sniff
from chatctl.capture.reading.sources import Source, open_source
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.streams import Chooser
from chatctl.capture.record import Record
from chatctl.errors import CaptureDamaged, NotACapture

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
    return chain.from_iterable(read_batches(place, options, findings))


def read_batches(
    place: Place | list[Place] | tuple[Place, ...],
    options: ReadOptions = ReadOptions(),
    findings: Findings | None = None,
) -> Iterator[list[Record]]:
    """Yield what ``read_records`` does, as many records together as are at hand.

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
            packets[-1] = _moved(packets[-1], options.shift)
        yield from _from_packets(_merged_packets(packets), options, findings)
    else:
        readers = [_records(source, form, options, damages) for source, form in opened]
        if options.shift:
            readers[-1] = _moved(readers[-1], options.shift)
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


def _moved(batches: Iterator[list[R]], nanoseconds: int) -> Iterator[list[R]]:
    for batch in batches:
        yield [replace(item, at=max(0, item.at + nanoseconds)) for item in batch]


def _with_place(damage: CaptureDamaged, source: Source) -> CaptureDamaged:
    text = f"{source.name} is damaged at octet {damage.offset}: {damage}"
    return CaptureDamaged(text, damage.offset)


def _packets(
    source: Source, form: Form, options: ReadOptions, findings: Findings
) -> Iterator[list[Captured]]:
    if form is Form.PCAP:
        return read_pcap(source)
    return read_pcapng(source, findings, salvage=options.salvage)


def _merged_packets(places: Sequence[Iterator[list[Captured]]]) -> Iterator[list[Captured]]:
    if len(places) == 1:
        return places[0]
    packets = map(chain.from_iterable, places)
    return ([packet] for packet in heapq.merge(*packets, key=lambda packet: packet.at))


def _records(
    source: Source, form: Form, options: ReadOptions, damages: list[CaptureDamaged]
) -> Iterator[list[Record]]:
    if form in _PACKETS:
        packets = _patient(_packets(source, form, options, findings := Findings()), source, damages)
        return _from_packets(packets, options, findings)
    return ([record] for record in _patient(_READERS[form](source), source, damages))


def _merged(readers: Sequence[Iterator[list[Record]]]) -> Iterator[list[Record]]:
    """Merge by time; each source's connections get numbers of their own."""
    if len(readers) == 1:
        yield from readers[0]
        return
    numbers: dict[tuple[int, int], int] = {}
    records = map(chain.from_iterable, readers)
    marked = [zip(reader, repeat(place)) for place, reader in enumerate(records)]
    for record, place in heapq.merge(*marked, key=lambda pair: pair[0].at):
        conn = numbers.setdefault((place, record.conn), len(numbers) + 1)
        yield [record if conn == record.conn else replace(record, conn=conn)]


def _from_packets(
    packets: Iterator[list[Captured]], options: ReadOptions, findings: Findings
) -> Iterator[list[Record]]:
    batches = _assembled(packets, options.port, findings)
    first = next(batches, None)
    if first is None:
        return
    batches = chain((first,), batches)
    ours = bool(findings.profile)
    yield from batches if ours or options.port else Chooser(findings).choose(batches)


def _assembled(
    batches: Iterator[list[Captured]], port: int, findings: Findings
) -> Iterator[list[Record]]:
    intake = Intake(findings, port)
    for packets in batches:
        findings.packets += len(packets)
        if records := intake.take(packets):
            yield records
    if records := intake.end():
        yield records


_PACKETS = frozenset({Form.PCAPNG, Form.PCAP})
_READERS: dict[Form, Callable[[Source], Iterator[Record]]] = {
    Form.RAW: read_frames,
    Form.JSONL: read_jsonl,
    Form.HEX: read_hex,
    Form.SOCAT: read_socat,
}
