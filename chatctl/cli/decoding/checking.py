"""What ``decode --verify``, ``--recover`` and ``--diff`` do."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import typer

from chatctl.capture.config import RecordConfig, Redaction
from chatctl.capture.converting.copy import write_copy
from chatctl.capture.converting.verify import verify
from chatctl.capture.items.dissect import Item, What
from chatctl.capture.reading.reader import read_batches
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.replay.compare import Comparison, Heard, compare
from chatctl.capture.replay.masks import Masks
from chatctl.cli.decoding.job import Job
from chatctl.cli.decoding.views import batches_of, conclude, start, until_damage, write_lines
from chatctl.cli.report import warn
from chatctl.cli.status import ExitStatus
from chatctl.errors import CaptureDamaged, MalformedPayload, OutputError, UsageError
from chatctl.view.escape import escape
from chatctl.wire import codec
from chatctl.wire.packets import Direction


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
            f"{escape(name)}: {state}, {verdict.packets} packets, "
            f"{verdict.checkpoints} checkpoints agree\n"
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
    if str(path) in job.files:
        raise UsageError(f"{path} cannot be read and written at once")
    if str(path) == "-" or (path.exists() and not path.is_file()):
        raise UsageError(f"{path} is no file: what is recovered is read again")
    findings = Findings()
    damages: list[CaptureDamaged] = []
    batches = until_damage(batches_of(replace(job, salvage=True), findings), damages)
    config = RecordConfig(str(path), redaction=Redaction(()))
    try:
        count = write_copy(batches, config, "tap")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    again = sum(map(len, read_batches(path)))
    if again < count or verify(path).faults:
        raise CaptureDamaged(f"{path} does not read back as it was written", 0)
    sys.stdout.write(f"{escape(str(path))}: {count} records, read back and sound\n")
    for damage in damages:
        warn(str(damage))
    conclude(findings)
    if damages or findings.warnings:
        raise typer.Exit(ExitStatus.DAMAGED)


def compare_files(job: Job, other: str) -> None:
    """Print how the capture *other* differs, connection by connection.

    Raises:
        typer.Exit: with status 1 where it does.
    """
    before, after = _talks(job), _talks(replace(job, files=(other,)))
    lines: list[str] = []
    for place in range(max(len(before), len(after))):
        old, new = _at(before, place), _at(after, place)
        for direction in Direction:
            outcome = compare(Masks(), old.get(direction, []), new.get(direction, []))
            lines += _differences(outcome, f"connection {place + 1}, {direction}")
    write_lines(lines or ["no difference"], live=False)
    if lines:
        raise typer.Exit(ExitStatus.NO)


_Talk = dict[Direction, list[Heard]]


def _at(talks: list[_Talk], place: int) -> _Talk:
    return talks[place] if place < len(talks) else {}


def _talks(job: Job) -> list[_Talk]:
    """Return what each connection carried, in the order in which they were opened."""
    talks: dict[int, _Talk] = {}
    reading = start(job)
    for item in reading.items:
        if item.what in (What.PACKET, What.MALFORMED):
            talk = talks.setdefault(item.record.conn, {})
            talk.setdefault(item.record.direction, []).append(_heard(item))
    if reading.damage:
        raise reading.damage[0]
    return list(talks.values())


def _heard(item: Item) -> Heard:
    try:
        value = codec.read_json(item.payload)
    except MalformedPayload:
        value = None
    value = value if isinstance(value, dict) else None
    return Heard(item.payload, value, item.record.at / 1e9, item.number)


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
