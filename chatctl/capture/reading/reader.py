"""The one door into captures: whatever a file is, an iterator of records comes out.

``read_records`` yields everything sound before it raises, so that a damaged capture shows what is
left of it. Memory stays flat whatever the size. docs/capture-format.md, "Reading".

Inside, what is at hand goes on together, a list at a time: that is quicker than one by one, and a
live source is still shown as it comes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TypeVar

from chatctl.capture.reading.captured import Captured
from chatctl.capture.reading.dumps import read_hex, read_socat
from chatctl.capture.reading.frames import read_frames
from chatctl.capture.reading.intake import Intake
from chatctl.capture.reading.jsonl import read_jsonl
from chatctl.capture.reading.merging import (
    PACKETS,
    Opened,
    listed,
    merged_packets,
    merged_records,
    moved,
    together,
)
from chatctl.capture.reading.pcap import read_pcap
from chatctl.capture.reading.sections import read_pcapng
from chatctl.capture.reading.sniff import Form, looks_like, settled, sniff
from chatctl.capture.reading.sources import Source, open_source
from chatctl.capture.reassembly.findings import Findings, joint_profile
from chatctl.capture.reassembly.streams import Chooser
from chatctl.capture.record import Batch, Kind, Lanes, Record, RecordRun
from chatctl.errors import CaptureDamaged, NotACapture

Place = Path | BinaryIO | str | Source
T = TypeVar("T")


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

    Several places are merged by time, see ``merging``.

    Args:
        place: where it is; gzip and zstd are unpacked on the way.
        options: how to read it.
        findings: filled in on the way, complete when the iterator ends.

    Raises:
        CaptureError: it cannot be opened.
        NotACapture: it is something else.
        CaptureDamaged: after everything that was sound.
    """
    return chain.from_iterable(read_batches(place, options, findings))


def read_batches(
    place: Place | list[Place] | tuple[Place, ...],
    options: ReadOptions = ReadOptions(),
    findings: Findings | None = None,
) -> Iterator[Batch[Record]]:
    """Yield what ``read_records`` does, as many records together as are at hand.

    Raises:
        CaptureError: it cannot be opened.
        NotACapture: it is something else.
        CaptureDamaged: after everything that was sound.
    """
    findings = findings if findings is not None else Findings()
    places = list(place) if isinstance(place, list | tuple) else [place]
    opened = [_open(each, options) for each in places]
    if options.shift:
        opened[-1] = replace(opened[-1], shift=options.shift)
    findings.whole = False
    findings.format = ", ".join(sorted({each.form.value for each in opened}))
    live = any(each.source.live for each in opened)
    groups = together(opened)
    found = [Findings() for _ in groups] if len(groups) > 1 else [findings]
    damages: list[CaptureDamaged] = []
    lanes = Lanes()
    readers = [
        _records(group, options, its, damages, live=live)
        for group, its in zip(groups, found, strict=True)
    ]
    for batch in merged_records(readers, live=live):
        if not findings.profile:
            findings.profile = joint_profile(its.profile for its in found)
        if isinstance(batch, RecordRun):
            yield batch
        else:
            yield from lanes.runs(batch)
    if len(groups) > 1:
        for its in found:
            findings.absorb(its)
    findings.whole = True
    findings.warnings += map(str, damages[1:])
    if damages:
        raise damages[0]


def _open(place: Place, options: ReadOptions) -> Opened:
    source = place if isinstance(place, Source) else open_source(place, follow=options.follow)
    form = options.form or _sniffed(source)
    if form is None:
        try:
            source.check()
        except CaptureDamaged as damage:
            raise _with_place(damage, source) from None
        head = source.beginning(settled)
        raise NotACapture(f"{source.name} is not a capture: {looks_like(head)}")
    return Opened(source, form)


def _sniffed(source: Source) -> Form | None:
    """Return the form of *source*, told from as little as will do: it may be a live pipe."""
    quick = sniff(source.head(4))
    return quick if quick in (*PACKETS, Form.RAW) else sniff(source.beginning(settled))


def _patient(items: Iterator[T], source: Source, damages: list[CaptureDamaged]) -> Iterator[T]:
    """Yield *items*; keep what ends them early for later, when the sound rest has been seen."""
    try:
        yield from items
    except CaptureDamaged as damage:
        damages.append(_with_place(damage, source))


def _with_place(damage: CaptureDamaged, source: Source) -> CaptureDamaged:
    text = f"{source.name} is damaged at octet {damage.offset}: {damage}"
    return CaptureDamaged(text, damage.offset)


def _records(
    group: list[Opened],
    options: ReadOptions,
    findings: Findings,
    damages: list[CaptureDamaged],
    *,
    live: bool,
) -> Iterator[Batch[Record]]:
    """Return the records of places that belong together."""
    if group[0].form not in PACKETS:
        (place,) = group
        records = _patient(_READERS[place.form](place.source), place.source, damages)
        return moved(listed(_holes_counted(records, findings), live=live), place.shift)
    packets = [
        moved(_patient(_packets(place, options, findings), place.source, damages), place.shift)
        for place in group
    ]
    return _from_packets(merged_packets(packets, live=live), options, findings)


def _holes_counted(records: Iterator[Record], findings: Findings) -> Iterator[Record]:
    """Yield *records*, which tell of holes themselves."""
    for record in records:
        if record.kind is Kind.GAP:
            findings.gaps += 1
            findings.missing += record.missing
        yield record


def _packets(place: Opened, options: ReadOptions, findings: Findings) -> Iterator[Batch[Captured]]:
    if place.form is Form.PCAP:
        return read_pcap(place.source)
    return read_pcapng(place.source, findings, salvage=options.salvage)


def _from_packets(
    packets: Iterator[Batch[Captured]], options: ReadOptions, findings: Findings
) -> Iterator[Batch[Record]]:
    batches = _assembled(packets, options.port, findings)
    first = next(batches, None)
    if first is None:
        return
    batches = chain((first,), batches)
    ours = bool(findings.profile)
    yield from batches if ours or options.port else Chooser(findings).choose(batches)


def _assembled(
    batches: Iterator[Batch[Captured]], port: int, findings: Findings
) -> Iterator[Batch[Record]]:
    intake = Intake(findings, port)
    recording: dict[str, object] = {}
    for packets in batches:
        if recording and findings.profile != recording:  # its addresses mean other peers
            yield intake.turn()
        recording = findings.profile
        findings.packets += len(packets)
        yield from intake.take(packets)
    if records := intake.end():
        yield records


_READERS: dict[Form, Callable[[Source], Iterator[Record]]] = {
    Form.RAW: read_frames,
    Form.JSONL: read_jsonl,
    Form.HEX: read_hex,
    Form.SOCAT: read_socat,
}
