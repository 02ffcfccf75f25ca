"""What ``decode --to`` does: a capture, or what was chosen of it, in another form."""

import dataclasses
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from chatctl.capture.config import RecordConfig, Redaction
from chatctl.capture.converting.copy import write_copy
from chatctl.capture.converting.edit import Marks
from chatctl.capture.converting.export import exported, frames, json_lines, records_of, write
from chatctl.capture.converting.split import Outputs, parse_split
from chatctl.capture.items.item import Item
from chatctl.capture.record import Batch, Record
from chatctl.cli.decoding.job import PICTURES, Export, Job, To
from chatctl.cli.decoding.views import (
    Reading,
    batches_of,
    conclude,
    not_nothing,
    profiles_of,
    start,
    until_ended,
    write_lines,
)
from chatctl.cli.output import refuse_inputs
from chatctl.cli.redacting import redaction_of
from chatctl.cli.report import warn
from chatctl.errors import OutputError, UsageError
from chatctl.view.ladder import ladder_of, mermaid_lines, svg
from chatctl.view.report import html

_BINARY = frozenset({To.PCAPNG, To.PCAPNG_JSON, To.RAW})


def export(job: Job, how: Export) -> None:
    """Write what *job* is about as *how* says.

    Raises:
        UsageError: it makes no sense.
        OutputError: it cannot be written there.
        CaptureError: see ``read_records``.
    """
    to = _form(job, how)
    reading = start(job)
    try:
        if to is To.PCAPNG:
            _pcapng(job, how, reading)
        elif to in PICTURES:
            _picture(job, to, how.output, reading)
        else:
            write(_FORMS[to](not_nothing(reading.batches, job, "write")), how.output)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        place = "to standard output" if how.output == "-" else how.output
        raise OutputError(f"cannot write {place}: {error.strerror or error}") from None
    conclude(reading.findings, reading.ended)


def _form(job: Job, how: Export) -> To:
    """Return the form to write.

    Raises:
        UsageError: what is asked for makes no sense.
    """
    if how.merge and len(job.files) < 2:
        raise UsageError("--merge wants several captures")
    if how.form is None:
        forms = ", ".join(To)
        raise UsageError(f"the name {how.output} does not say what to write: add --to {forms}")
    if how.form is not To.PCAPNG and (how.split or how.redact or how.marks):
        raise UsageError(f"--split, --redact and --mark write pcapng, not {how.form}")
    if how.split and Path(how.output).name in ("", ".."):
        raise UsageError(f"{how.output!r} is no name; the parts are named after it")
    if how.output == "-":
        if how.form in _BINARY and sys.stdout.isatty():
            raise UsageError(f"{how.form} is not for a terminal: add --output FILE")
    else:
        refuse_inputs(Path(how.output), job.files)
    return how.form


def _pcapng(job: Job, how: Export, reading: Reading) -> None:
    batches: Iterator[Batch[Record]]
    marks = Marks(how.marks)
    if job.where or job.conns or how.marks:
        batches = map(records_of, marks.put(not_nothing(reading.batches, job, "write")))
    else:
        records = batches_of(job, reading.findings)
        batches = not_nothing(until_ended(job, records, reading.ended), job, "write")
    config = RecordConfig(how.output, redaction=_redaction(how))
    reading.findings.profiles = profiles_of(job)
    if not how.split:
        write_copy(batches, config, reading.findings)
    elif how.output == "-":
        raise UsageError("splitting wants --output FILE; its parts are named after it")
    else:
        outputs = Outputs(
            Path(how.output), config, reading.findings, lambda path: refuse_inputs(path, job.files)
        )
        parse_split(how.split)(batches, outputs)
    for number in marks.left:
        warn(f"there is no item {number} to mark")


def _redaction(how: Export) -> Redaction:
    if not how.redact:
        return Redaction(())
    key = hashlib.sha256(how.redact_key.encode()).digest() if how.redact_key else b""
    return dataclasses.replace(redaction_of(how.redact), key=key)


def _picture(job: Job, to: To, output: str, reading: Reading) -> None:
    title = ", ".join(Path(name).name for name in job.files)
    reading.batches = not_nothing(reading.batches, job, "write")
    if to is To.HTML:
        lines: Iterator[str] = html(reading.items, title, utc=job.utc, full=_report_is_full)
    elif to is To.SVG:
        lines = iter([svg(ladder_of(reading.items))])
    else:
        lines = mermaid_lines(ladder_of(reading.items))
    if output == "-":
        write_lines(lines, live=False)
    else:
        write((f"{line}\n".encode() for line in lines), output)


def _report_is_full(kept: int, more: int) -> None:
    warn(f"the report holds the first {kept:,} items; {more:,} more are only counted")


_FORMS: dict[To, Callable[[Iterable[Batch[Item]]], Iterator[bytes]]] = {
    To.JSONL: json_lines,
    To.RAW: frames,
    To.PCAPNG_JSON: exported,
}
