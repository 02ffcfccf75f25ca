"""What ``decode --to`` does: a capture, or what was chosen of it, in another form."""

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from msgspec.structs import replace

from chatctl.capture.config import RecordConfig, Redaction, parse_redaction
from chatctl.capture.converting.copy import Copy, write_copy
from chatctl.capture.converting.edit import parse_mark
from chatctl.capture.converting.export import exported, frames, json_lines, records_of, write
from chatctl.capture.converting.split import parse_split
from chatctl.capture.items.dissect import Item, What
from chatctl.capture.record import Kind, Record
from chatctl.capture.writing.sink import Occasional
from chatctl.cli.decoding.job import Export, Job, To
from chatctl.cli.decoding.views import (
    Reading,
    batches_of,
    conclude,
    start,
    until_damage,
    write_lines,
)
from chatctl.cli.output import write_file
from chatctl.errors import OutputError, UsageError
from chatctl.view.ladder import ladder_of, mermaid_lines, svg
from chatctl.view.report import html

_BINARY = frozenset({To.PCAPNG, To.PCAPNG_JSON, To.RAW})
_PICTURES = frozenset({To.HTML, To.MERMAID, To.SVG})


def export(job: Job, how: Export) -> None:
    """Write what *job* is about as *how* says.

    Raises:
        UsageError: it makes no sense.
        OutputError: it cannot be written there.
        CaptureError: see ``read_records``.
    """
    if how.output == "-" and how.to in _BINARY and sys.stdout.isatty():
        raise UsageError(f"{how.to} is not for a terminal: add --output FILE")
    if how.to is not To.PCAPNG and (how.split or how.redact or how.marks):
        raise UsageError("--split, --redact and --mark write pcapng")
    if how.output in job.files and how.output != "-":
        raise UsageError(f"{how.output} cannot be read and written at once")
    reading = start(job)
    try:
        if how.to is To.PCAPNG:
            _pcapng(job, how, reading)
        elif how.to in _PICTURES:
            _picture(job, how, reading)
        else:
            write(_FORMS[how.to](reading.batches), how.output)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        place = "to standard output" if how.output == "-" else how.output
        raise OutputError(f"cannot write {place}: {error.strerror or error}") from None
    conclude(reading.findings, reading.damage)


def _pcapng(job: Job, how: Export, reading: Reading) -> None:
    batches: Iterable[list[Record]]
    if job.where or job.conns or how.marks:
        batches = map(records_of, _marked(reading.batches, how.marks))
    else:
        batches = until_damage(batches_of(job, reading.findings), reading.damage)
    first = next(filter(None, batches), [])
    batches = chain((first,), batches)
    side = str(reading.findings.profile.get("side", "tap"))
    redaction = parse_redaction(how.redact) if how.redact else Redaction(())
    config = RecordConfig(how.output, redaction=redaction)
    key = hashlib.sha256(how.redact_key.encode()).digest() if how.redact_key else b""
    if how.split:
        _split(batches, how, lambda path: Copy(Occasional(path), config, side, key))
    else:
        write_copy(batches, config, side, key)


def _split(batches: Iterable[list[Record]], how: Export, begin: Callable[[Path], Copy]) -> None:
    cut = parse_split(how.split)
    if how.output == "-":
        raise UsageError("splitting wants --output FILE; its parts are named after it")
    base = Path(how.output)
    suffix = base.suffix or ".pcapng"
    cut(batches, lambda name: begin(base.with_name(f"{base.stem}-{name}{suffix}")))


def _marked(batches: Iterable[list[Item]], marks: tuple[str, ...]) -> Iterator[list[Item]]:
    """Yield *batches*, and behind the items of a number a mark with its words."""
    words = dict(map(parse_mark, marks))
    for items in batches:
        marked: list[Item] = []
        for item in items:
            marked.append(item)
            if item.number in words:
                record = replace(item.record, kind=Kind.MARK, data=b"", note=words[item.number])
                mark = Item(item.number, What.MARK, record, item.nick, note=record.note)
                marked.append(mark)
        yield marked


def _picture(job: Job, how: Export, reading: Reading) -> None:
    title = ", ".join(Path(name).name for name in job.files)
    if how.to is To.HTML:
        lines: Iterator[str] = html(reading.items, title)
    elif how.to is To.SVG:
        lines = iter([svg(ladder_of(reading.items))])
    else:
        lines = mermaid_lines(ladder_of(reading.items))
    if how.output == "-":
        write_lines(lines, live=False)
    else:
        write_file(Path(how.output), "".join(f"{line}\n" for line in lines).encode())


_FORMS: dict[To, Callable[[Iterable[list[Item]]], Iterator[bytes]]] = {
    To.JSONL: json_lines,
    To.RAW: frames,
    To.PCAPNG_JSON: exported,
}
