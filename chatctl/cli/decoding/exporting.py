"""What ``decode --to`` does: a capture, or what was chosen of it, in another form."""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from msgspec.structs import replace

from chatctl.capture.config import (
    RecordConfig,
    Redaction,
    parse_duration,
    parse_redaction,
    parse_size,
)
from chatctl.capture.converting.edit import parse_mark
from chatctl.capture.converting.export import Written, plain_sink, records_of
from chatctl.capture.items.dissect import Item, What
from chatctl.capture.record import Kind, Record
from chatctl.cli.decoding import views as decoding
from chatctl.cli.decoding.views import Job, Reading, conclude, start, write_lines
from chatctl.cli.output import write_file
from chatctl.errors import OutputError, UsageError
from chatctl.view.ladder import ladder_of, mermaid_lines, svg
from chatctl.view.report import html


class To(StrEnum):
    """The forms a capture can be written in."""

    PCAPNG = "pcapng"
    PCAPNG_JSON = "pcapng-json"
    JSONL = "jsonl"
    RAW = "raw"
    HTML = "html"
    MERMAID = "mermaid"
    SVG = "svg"


@dataclass(frozen=True, slots=True)
class Export:
    """How to write; see the options of the command."""

    to: To
    output: str = "-"
    split: str = ""
    marks: tuple[str, ...] = ()
    redact: str = ""
    redact_key: str = ""


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
            _written(how, reading)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        place = "to standard output" if how.output == "-" else how.output
        raise OutputError(f"cannot write {place}: {error.strerror or error}") from None
    conclude(reading.findings, reading.damage)


def _pcapng(job: Job, how: Export, reading: Reading) -> None:
    chosen = job.where or job.conns or how.marks
    records: Iterable[Record]
    if chosen:
        records = records_of(_marked(reading.items, how.marks))
    else:
        records = decoding.until_damage(decoding.records_of(job, reading.findings), reading.damage)
    if not how.split:
        _record(records, how, how.output, reading)
        return
    if how.output == "-":
        raise UsageError("splitting wants --output FILE; its parts are named after it")
    for name, part in _parts(records, how.split):
        base = Path(how.output)
        path = base.with_name(f"{base.stem}-{name}{base.suffix or '.pcapng'}")
        _record(part, how, str(path), reading)


def _record(records: Iterable[Record], how: Export, path: str, reading: Reading) -> None:
    redaction = parse_redaction(how.redact) if how.redact else Redaction(())
    side = str(reading.findings.profile.get("side", "tap"))
    config = RecordConfig(path, redaction=redaction)
    key = hashlib.sha256(how.redact_key.encode()).digest() if how.redact_key else b""
    Written().pcapng(records, config, side, key)


def _marked(items: Iterator[Item], marks: tuple[str, ...]) -> Iterator[Item]:
    """Yield *items*, and behind those of a number a mark with its words."""
    words = dict(map(parse_mark, marks))
    for item in items:
        yield item
        if item.number in words:
            record = replace(item.record, kind=Kind.MARK, data=b"", note=words[item.number])
            yield Item(item.number, What.MARK, record, item.nick, note=words[item.number])


def _parts(records: Iterable[Record], by: str) -> Iterator[tuple[str, list[Record]]]:
    """Yield the parts of *records*, each with its name.

    Raises:
        UsageError: *by* is no way to split.
    """
    kind, _, value = by.partition("=")
    if kind == "conn" and not value:
        conns: dict[int, list[Record]] = {}
        for record in records:
            conns.setdefault(record.conn, []).append(record)
        for conn, part in conns.items():
            yield f"conn{conn}", part
    elif kind == "time" and value:
        yield from _slices(records, int(parse_duration(value) * 1e9))
    elif kind == "size" and value:
        yield from _heaps(records, parse_size(value))
    else:
        raise UsageError(f"cannot split by {by!r} (use conn, time=10s or size=1M)")


def _slices(records: Iterable[Record], width: int) -> Iterator[tuple[str, list[Record]]]:
    part: list[Record] = []
    number, end = 1, -1
    for record in records:
        end = record.at + width if end < 0 else end
        if record.at >= end and part:
            yield f"{number:05}", part
            part, number = [], number + 1
            end += width * ((record.at - end) // width + 1)
        part.append(record)
    if part:
        yield f"{number:05}", part


def _heaps(records: Iterable[Record], size: int) -> Iterator[tuple[str, list[Record]]]:
    part: list[Record] = []
    number = octets = 0
    for record in records:
        part.append(record)
        octets += len(record.data)
        if octets >= size:
            number, octets = number + 1, 0
            yield f"{number:05}", part
            part = []
    if part:
        yield f"{number + 1:05}", part


def _written(how: Export, reading: Reading) -> None:
    written = Written()
    sink = plain_sink(how.output)
    if how.to is To.JSONL:
        written.lines(reading.items, sink)
    elif how.to is To.RAW:
        written.frames(reading.items, sink)
    else:
        written.exported(reading.items, sink)


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
