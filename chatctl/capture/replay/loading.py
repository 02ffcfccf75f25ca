"""A capture file read for replaying: its steps, and what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chatctl.capture.reading.reader import ReadOptions, read_records
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Record
from chatctl.capture.replay.steps import Steps, read_steps
from chatctl.errors import CaptureDamaged


@dataclass(slots=True)
class Loaded:
    """What a capture holds.

    Attributes:
        steps: everything sound in it.
        findings: what its reader noticed.
        damage: why it could be read no further; None where it could.
    """

    steps: Steps = field(default_factory=Steps)
    findings: Findings = field(default_factory=Findings)
    damage: CaptureDamaged | None = None

    @property
    def lossy(self) -> bool:
        """Whether something that was on the wire is not there."""
        return self.damage is not None or self.findings.lossy or bool(self.steps.holes)

    def remarks(self) -> Iterator[str]:
        """Yield what is wrong, a sentence each."""
        if self.damage is not None:
            yield f"the capture is damaged: {self.damage}; what is before that is played"
        if self.steps.holes:
            yield f"the capture lacks {self.steps.holes} octets"
        if self.steps.cut:
            yield f"the capture ends within a frame: {self.steps.cut} octets are not played"
        yield from self.findings.warnings


def load(place: Path | str, port: int = 0) -> Loaded:
    """Return what the capture at *place* holds; ``-`` is standard input.

    Args:
        place: where it is.
        port: the server's port, of a capture of more than one; 0 finds it.

    Raises:
        CaptureError: it cannot be opened.
        NotACapture: it is something else.
    """
    loaded = Loaded()
    loaded.steps = read_steps(_records(place, port, loaded))
    return loaded


def _records(place: Path | str, port: int, loaded: Loaded) -> Iterator[Record]:
    try:
        yield from read_records(place, ReadOptions(port=port), loaded.findings)
    except CaptureDamaged as damage:
        loaded.damage = damage
