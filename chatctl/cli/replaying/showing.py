"""``chatctl replay`` without a role: the chat on the screen, as one of its people saw it."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from chatctl.capture.reading.reader import read_records
from chatctl.capture.record import Kind, Record
from chatctl.capture.replay.loading import Loaded
from chatctl.capture.replay.pace import due_between, offsets
from chatctl.capture.replay.scenes import Scene, scenes, viewers
from chatctl.cli import settings
from chatctl.cli.replaying.config import ReplayConfig
from chatctl.cli.status import ExitStatus
from chatctl.cli.terminal import colored
from chatctl.errors import CaptureDamaged, UsageError
from chatctl.tui.choice import worth_drawing


def show_capture(config: ReplayConfig, loaded: Loaded) -> int:
    """Show the capture; return the status."""
    from chatctl.tui.playback import Console, Playback, show

    steps = loaded.steps.steps
    seen = [conn for conn in viewers(steps) if config.conns is None or conn in config.conns]
    if not seen:
        raise UsageError(f"nothing to show: no client of {config.capture} was sent anything")
    shown = list(scenes(steps, seen[0], config.window))
    if worth_drawing() and not config.plain:
        if status := _on_screen(config, loaded, shown, seen[0]):
            return status
        return ExitStatus.DAMAGED if loaded.lossy else ExitStatus.DONE
    playback = Playback(shown, config.speed, paused=config.step)
    colour = colored(sys.stdout)
    if sys.stdin.isatty() and sys.stdout.isatty():
        Console(playback, colour=colour).run()
    else:
        show(playback, colour=colour)
    return ExitStatus.DAMAGED if loaded.lossy else ExitStatus.DONE


def _on_screen(config: ReplayConfig, loaded: Loaded, shown: list[Scene], conn: int) -> int:
    """Show what *conn* saw on the full screen; return how that ended, 0 if well."""
    from chatctl.capture.replay.cause import Causes
    from chatctl.tui.screen.looks import looks
    from chatctl.tui.screen.watching import Show, watch

    steps = loaded.steps.steps
    return watch(
        Show(
            shown,
            nick=Causes(steps).nicks.get(conn, ""),
            start=steps[0].at * 1e-9,
            marks=_marks(config, loaded) if config.capture != "-" else (),
        ),
        looks(settings.table("ui", config.profile), settings.table("keys", config.profile)),
        speed=config.speed,
        paused=config.step,
    )


def _marks(config: ReplayConfig, loaded: Loaded) -> list[tuple[float, str]]:
    """Return the marks in the capture: when, on the time scale of what is shown, and what."""
    steps = loaded.steps.steps
    due = offsets(steps, config.window)
    marks = (record for record in _records(config) if record.kind is Kind.MARK)
    return [(due_between(mark.at, steps, due), mark.note) for mark in marks]


def _records(config: ReplayConfig) -> Iterator[Record]:
    """Yield the records of the capture up to a damage, which was reported before."""
    with contextlib.suppress(CaptureDamaged):
        yield from read_records(Path(config.capture))
