"""What decode does once its options are read: items through a view to standard output."""

import io
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

import typer

from chatctl.capture.converting.edit import parse_shift, sliced
from chatctl.capture.filtering.fields import Begin
from chatctl.capture.filtering.filters import compile_filter
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.items.item import Item
from chatctl.capture.items.statistics import Statistics
from chatctl.capture.moments import Span, parse_span
from chatctl.capture.reading.earlier import Earlier
from chatctl.capture.reading.headers import profiles
from chatctl.capture.reading.jsonl import Writer
from chatctl.capture.reading.reader import ReadOptions, read_batches
from chatctl.capture.reading.seek import Place, open_at
from chatctl.capture.reading.sniff import Form
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Batch, Record
from chatctl.cli.counting import counted, shows_progress
from chatctl.cli.decoding.job import Job, View
from chatctl.cli.decoding.stopping import until_interrupted
from chatctl.cli.report import warn
from chatctl.cli.status import ExitStatus
from chatctl.cli.terminal import colored, paint
from chatctl.errors import CaptureDamaged, UsageError
from chatctl.suggesting import did_you_mean
from chatctl.view.conversations import conversations
from chatctl.view.counts import count_of
from chatctl.view.figures import figures, octets
from chatctl.view.formats import Shape
from chatctl.view.ladder import ladder_of, text_lines
from chatctl.view.rows import HEADER, Table
from chatctl.view.talk import Talk

T = TypeVar("T")


@dataclass(slots=True)
class Reading:
    """A capture on its way: its items, and what is known about it when they have all come."""

    batches: Iterator[Batch[Item]]
    begin: Begin
    dissector: Dissector
    findings: Findings
    ended: list[Exception | KeyboardInterrupt]

    @property
    def items(self) -> Iterator[Item]:
        """The items one by one; either these or the batches can be taken."""
        return chain.from_iterable(self.batches)


def run(job: Job) -> None:
    """Decode and print.

    Raises:
        UsageError: a filter or a form that makes no sense.
        CaptureError: see ``read_batches``.
        typer.Exit: with status 5 where octets are missing.
    """
    reading = start(job)
    reading.batches = not_nothing(reading.batches, job, "show")
    if job.view is View.JSON:
        write_octets(map(Writer().lines, reading.batches), live=job.live)
    else:
        write_lines(_VIEWS[job.view](job, reading), live=job.live)
    conclude(reading.findings, reading.ended)


def not_nothing(batches: Iterator[Batch[T]], job: Job, what: str) -> Iterator[Batch[T]]:
    """Return *batches*; say so where there is nothing in them to *what*."""
    first = next(filter(None, batches), None)
    if first is None:
        warn(f"nothing to {what}" + (": no packet of the capture was asked for" * _picky(job)))
        return batches
    return chain((first,), batches)


def _picky(job: Job) -> bool:
    return bool(job.where or job.conns or job.span or job.port)


def start(job: Job) -> Reading:
    """Return the items that *job* is about.

    Raises:
        UsageError: see ``run``.
    """
    begin = Begin()
    test = compile_filter(job.where, begin)
    findings = Findings()
    dissector = Dissector(findings)
    ended: list[Exception | KeyboardInterrupt] = []
    batches = begin.seen(dissector.batches(until_ended(job, batches_of(job, findings), ended)))
    if shows_progress(sys.stdout, sys.stderr, quiet=job.view in _SILENT):
        batches = counted(batches, sys.stderr)
    return Reading(_chosen(batches, job, test), begin, dissector, findings, ended)


def until_ended(
    job: Job, batches: Iterator[Batch[Record]], ended: list[Exception | KeyboardInterrupt]
) -> Iterator[Batch[Record]]:
    """Yield *batches*; what ends them early is put into *ended*, to be raised by ``conclude``.

    That is damage, or somebody who has seen enough of what is live. So a view that speaks only
    when everything was read still shows what came, and a copy is ended in good order.
    """
    try:
        yield from until_interrupted(batches) if job.live else batches
    except CaptureDamaged as error:
        ended.append(error)
    except (KeyboardInterrupt, typer.Exit) as signal:
        if not job.live:
            raise
        ended.append(signal)


def batches_of(job: Job, findings: Findings) -> Iterator[Batch[Record]]:
    """Return the records that *job* is about, not yet filtered, those together that are at hand.

    Raises:
        UsageError: see ``run``.
    """
    if job.form and job.form not in list(Form):
        raise UsageError(f"no such form: {job.form!r}; {did_you_mean(job.form, Form)}")
    form = Form(job.form) if job.form else None
    shift = parse_shift(job.shift) if job.shift else 0
    options = ReadOptions(job.port, form, job.salvage, job.follow, shift)
    if not job.span:
        return read_batches(list(job.files), options, findings)
    span = parse_span(job.span)
    if (far := _far_into(job, span)) is None:
        return sliced(read_batches(list(job.files), options, findings), span)
    place, earlier = far
    batches = earlier.among(read_batches(place.source, options, findings))
    return sliced(batches, span, place.begin)


def profiles_of(job: Job) -> list[dict[str, object]]:
    """Return what all sections of the files say of themselves; nothing if they are read only once.

    Raises:
        CaptureError: one of them cannot be read.
    """
    if (
        job.live
        or job.form not in ("", Form.PCAPNG)
        or not all(Path(name).is_file() for name in job.files)
    ):
        return []
    return [told for name in job.files for told in profiles(name, salvage=job.salvage)]


def _far_into(job: Job, span: Span) -> tuple[Place, Earlier] | None:
    """Return a place late in a single long recording and who was there, None for no such place.

    Its times must be those that the file has, and nobody must have said that it is something else.
    """
    if len(job.files) > 1 or job.live or job.salvage or job.shift or not span.first:
        return None
    path = Path(job.files[0])
    if job.form not in ("", Form.PCAPNG) or not path.is_file():
        return None
    place = open_at(path, lambda begin: span.within(begin)[0])
    if place is None:
        return None
    earlier = Earlier(path, place.offset)
    return None if earlier.several else (place, earlier)


def _chosen(
    batches: Iterator[Batch[Item]], job: Job, test: Callable[[Item], bool]
) -> Iterator[Batch[Item]]:
    if job.conns:
        batches = ([item for item in batch if item.record.conn in job.conns] for batch in batches)
    return (list(filter(test, batch)) for batch in batches) if job.where else batches


def conclude(findings: Findings, ended: Sequence[Exception | KeyboardInterrupt] = ()) -> None:
    """Say what else is to be known about the capture.

    Raises:
        CaptureDamaged: *ended* has it; after everything that is sound was shown.
        KeyboardInterrupt: the same of somebody's wish.
        typer.Exit: the same; or with status 5 where octets are missing.
    """
    for text in findings.warnings:
        warn(text)
    if ended:
        sys.stdout.flush()
        raise ended[0]
    if findings.closed is False:
        warn("the recording was not ended in good order; what came last may be missing")
    if count := findings.backwards:
        packets = count_of(count, "packet is", "packets are")
        warn(f"{packets} stamped earlier than one before, and shown at the time of that one")
    if findings.dropped:
        warn(f"the recorder lost {count_of(findings.dropped, 'segment')}")
    if findings.lossy:
        places = count_of(findings.gaps, "place")
        warn(f"{octets(findings.missing)} in {places} were not captured")
        raise typer.Exit(ExitStatus.DAMAGED)


def write_lines(lines: Iterable[str], *, live: bool) -> None:
    """Print *lines*; at once where they come from something *live*."""
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace", line_buffering=live)
    for line in lines:
        out.write(f"{line}\n")


def write_octets(pieces: Iterable[bytes], *, live: bool) -> None:
    """Print *pieces*, whole lines."""
    out = sys.stdout.buffer
    try:
        for piece in pieces:
            out.write(piece)
            if live:
                out.flush()
    finally:
        out.flush()


def _width() -> int:
    """Return the columns of the terminal; 0 where standard output is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _table(job: Job, reading: Reading) -> Iterator[str]:
    color = colored(sys.stdout)
    width = _width()
    table = Table(color=color, width=width, utc=job.utc)
    if width:
        yield paint(HEADER, "dim", color=color)
    for item in reading.items:
        yield table.row(item)
        if job.tree:
            yield from table.tree(item)
        if job.octets:
            yield from table.octets(item)


def _chat(_job: Job, reading: Reading) -> Iterator[str]:
    talk = Talk()
    for item in reading.items:
        yield from talk.lines(item)


def _stats(_job: Job, reading: Reading) -> Iterator[str]:
    statistics = Statistics()
    for items in reading.batches:
        statistics.gather(items)
    yield from figures(statistics, reading.dissector.pairing, reading.findings, _width())


_SILENT = frozenset({View.STATS, View.CONVERSATIONS, View.SEQUENCE})
"""Views that say nothing until everything was read."""

_VIEWS: dict[View, Callable[[Job, Reading], Iterator[str]]] = {
    View.TABLE: _table,
    View.CHAT: _chat,
    View.STATS: _stats,
    View.CONVERSATIONS: lambda _job, reading: conversations(reading.items, _width()),
    View.SEQUENCE: lambda _job, reading: text_lines(ladder_of(reading.items), _width()),
    View.FORMAT: lambda job, reading: map(Shape(reading.begin).line(job.shape), reading.items),
    View.FIELDS: lambda job, reading: map(Shape(reading.begin).row(job.shape), reading.items),
}
