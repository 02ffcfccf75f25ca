"""What ``decode --verify``, ``--recover`` and ``--diff`` do."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import typer

from chatctl.capture.config import RecordConfig, Redaction
from chatctl.capture.converting.contrast import Contrast
from chatctl.capture.converting.copy import write_copy
from chatctl.capture.converting.verify import verify
from chatctl.capture.reading.reader import read_batches
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.replay.compare import Comparison, Heard
from chatctl.capture.replay.masks import Masks
from chatctl.cli.decoding.job import Job
from chatctl.cli.decoding.views import (
    batches_of,
    conclude,
    profiles_of,
    start,
    until_ended,
    write_lines,
)
from chatctl.cli.output import refuse_inputs
from chatctl.cli.report import warn
from chatctl.cli.status import ExitStatus
from chatctl.errors import CaptureDamaged, OutputError, UsageError
from chatctl.view.counts import count_of
from chatctl.view.escape import escape


def check(job: Job) -> None:
    """Say whether recordings are as they were written.

    Raises:
        NotACapture: one is no recording of ours.
        typer.Exit: with status 5 where one is not.
    """
    sound = True
    for name in job.files:
        verdict = verify(name)
        for fault in verdict.faults:
            warn(f"{name}: {fault}")
        if not verdict.closed and not verdict.faults:
            warn(f"{name}: was not ended in good order; what came last may be missing")
        sound = sound and verdict.closed and not verdict.faults
        state = "sound" if verdict.closed and not verdict.faults else "not sound"
        sys.stdout.write(
            f"{escape(name)}: {state}, {count_of(verdict.packets, 'segment')}, "
            f"{count_of(verdict.checkpoints, 'checkpoint agrees', 'checkpoints agree')}\n"
        )
    if not sound:
        raise typer.Exit(ExitStatus.DAMAGED)


def recover(job: Job, path: Path) -> None:
    """Write what is sound to *path*, read that again, and say what was lost.

    Raises:
        UsageError: *path* is one of the files, or no file that can be read again.
        OutputError: it cannot be written.
        typer.Exit: with status 5 where something was lost.
    """
    refuse_inputs(path, job.files)
    if str(path) == "-" or (path.exists() and not path.is_file()):
        raise UsageError(f"{path} is no file: what is recovered is read again")
    job = replace(job, salvage=True)
    findings = Findings(profiles=profiles_of(job))
    ended: list[Exception | KeyboardInterrupt] = []
    batches = until_ended(job, batches_of(job, findings), ended)
    config = RecordConfig(str(path), redaction=Redaction(()))
    try:
        count = write_copy(batches, config, findings)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    again = sum(map(len, read_batches(path)))
    if again < count or verify(path).faults:
        raise CaptureDamaged(f"{path} does not read back as it was written", 0)
    sys.stdout.write(f"{escape(str(path))}: {count} records, read back and sound\n")
    damages = [end for end in ended if isinstance(end, CaptureDamaged)]
    for damage in damages:
        warn(str(damage))
    conclude(findings, [end for end in ended if end not in damages])
    if damages or findings.warnings:
        raise typer.Exit(ExitStatus.DAMAGED)


def compare_files(job: Job, other: str) -> None:
    """Print how the capture *other* differs, connection by connection.

    Raises:
        CaptureDamaged: one of them is, after what can be compared was.
        typer.Exit: with status 1 where they differ, with 5 where octets are missing.
    """
    before, after = start(job), start(replace(job, files=(other,)))
    contrast = Contrast(before.batches, after.batches, Masks())
    lines = [
        line
        for (place, direction), outcome in contrast.outcomes()
        for line in _differences(outcome, f"connection {place}, {direction}")
    ]
    write_lines(lines or ["no difference"], live=False)
    for reading in (before, after):
        conclude(reading.findings, reading.ended)
    if lines:
        raise typer.Exit(ExitStatus.NO)


def _differences(outcome: Comparison, where: str) -> Iterator[str]:
    for change in outcome.changed:
        old, new = change.recorded, change.now
        yield f"~ {where}: {escape(old.type)}, items {old.index} and {new.index}"
        for difference in change.differences:
            was, now = escape(repr(difference.recorded)), escape(repr(difference.now))
            yield f"    {escape(difference.path)}: {was} became {now}"
    for gone in outcome.missing:
        yield f"- {where}: item {gone.index}: {_shown(gone)}"
    for extra in outcome.extra:
        yield f"+ {where}: item {extra.index}: {_shown(extra)}"
    for disorder in outcome.disorder:
        first, second = _shown(disorder.first), _shown(disorder.second)
        yield f"! {where}: in another order: {first} and {second}"


def _shown(packet: Heard) -> str:
    return escape(packet.payload.decode(errors="replace"))[:200]
