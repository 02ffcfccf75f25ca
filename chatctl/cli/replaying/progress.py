"""How far a replay is, on stderr, where that is a terminal and it takes longer than a second."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from chatctl.capture.replay.plan import Plan
from chatctl.capture.replay.player import Player

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from chatctl.transport.stage import Rig

PATIENCE = 1.0
EVERY = 0.1


class Progress:
    """Looks at a player at the end of each pass of its loop."""

    def __init__(self, plan: Plan, rig: "Rig", *, quiet: bool) -> None:
        """Hook into *rig*; unless *quiet*, or stderr is no terminal."""
        self._plan = plan
        self._player: Player | None = None
        self._bar: Bar | None = None
        self._due = time.monotonic() + PATIENCE
        self._flush = rig.flush
        if sys.stderr.isatty() and not quiet:
            rig.flush = self._look

    def begin(self, player: Player) -> None:
        """Look at *player* from now on."""
        self._player = player

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def _look(self) -> None:
        self._flush()
        now = time.monotonic()
        if now < self._due or self._player is None:
            return
        self._due = now + EVERY
        if self._bar is None:
            self._bar = self._make()
        tracks = self._player.tracks.values()
        sent = sum(track.sent for track in tracks)
        received = sum(track.received for track in tracks)
        task = self._bar.task_ids[0]
        self._bar.update(task, completed=sent, description=f"sent {sent}, received {received}")

    def _make(self) -> "Bar":
        from rich.console import Console
        from rich.progress import Progress as Bar

        bar = Bar(console=Console(stderr=True), transient=True)
        bar.add_task("", total=self._plan.packets)
        bar.start()
        return bar
