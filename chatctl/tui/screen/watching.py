"""A recorded chat on the full screen: the same view as taking part, but time is a thing to move in.

Where the playback stands is ``Playback``'s business; this draws what was seen up to there. Going
back shows the chat anew from its beginning, which is quick, as the model draws nothing.
"""

import math
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from chatctl.capture.replay.scenes import Scene
from chatctl.tui.completion import Sources
from chatctl.tui.playback import LEAP, Playback
from chatctl.tui.screen import keys
from chatctl.tui.screen.bars import progress
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.looking import Looking, Sections
from chatctl.tui.screen.looks import Looks
from chatctl.tui.screen.program import Program

TICKS_PER_SECOND = 20
MOST_AT_ONCE = 5000
_MOVING = {a.name for a in keys.SCREEN} - {"again", "interrupt", "leave", "raw"}


@dataclass(frozen=True, slots=True)
class Show:
    """A recording as one of its people saw it.

    Attributes:
        scenes: what there is to see.
        nick: whose eyes it is seen through.
        start: when the recording began, seconds since the epoch.
        marks: moments that somebody wanted found again, each with what they wrote there.
    """

    scenes: Sequence[Scene]
    nick: str
    start: float
    marks: Sequence[tuple[float, str]] = ()


class Watching(Looking):
    """The screen of a replay.

    Attributes:
        playback: where it stands.
    """

    BINDINGS: ClassVar[list[Any]] = [
        *keys.bindings([a for a in keys.SCREEN if a.name in _MOVING], priority=True),
        *keys.bindings(keys.REPLAY, priority=True),
        ("q,ctrl+c,ctrl+d", "quit", "Quit"),
    ]

    def __init__(
        self,
        show: Show,
        speed: float = 1.0,
        *,
        paused: bool = False,
        looks: Looks | None = None,
    ) -> None:
        self.playback = Playback(show.scenes, speed, paused=paused)
        self._show = show
        self._marks = sorted(at for at, _ in show.marks)
        self._texts = _before(show)
        self._seen = 0
        self._past_the_end = False
        super().__init__(self._blank(), "", _nothing_to_complete(), looks or Looks())

    def _blank(self) -> Conversations:
        talk = Conversations(self._show.nick, self._moment)
        talk.link.word = "playing"
        return talk

    def _moment(self) -> float:
        """Return the recording's time of the scene shown last, in seconds since the epoch."""
        position = min(self.playback.position, len(self.playback.scenes))
        shown = self.playback.scenes[position - 1].at if position else 0.0
        return self._show.start + shown

    def on_mount(self) -> None:
        """Begin to play."""
        super().on_mount()
        self.query_one("#entry").display = False
        self.composer.can_focus = False
        self.set_focus(None)
        self.playback.since = time.monotonic()
        self.set_interval(1 / TICKS_PER_SECOND, self.tick)

    # ------------------------------------------------------------ time

    def tick(self) -> None:
        """Show what is due."""
        playback, now = self.playback, time.monotonic()
        budget = MOST_AT_ONCE
        while not playback.over and not playback.paused and playback.wait(now) == 0 and budget:
            playback.position += 1
            budget -= 1
        self.catch_up()

    def catch_up(self) -> None:
        """Bring the conversations to where the playback stands."""
        target = self.playback.position
        if target < self._seen:
            current = self.talk.current
            self.talk, self._seen, self._past_the_end = self._blank(), 0, False
            self.talk.current = self.talk.open(current).name
            self.timeline.show(self.talk.room)
        scenes = self.playback.scenes
        for position in range(self._seen, target):
            self._seen = position + 1
            self.playback.position = self._seen
            self._tell_marks(position)
            self.talk.take(scenes[position].event)
        if target == len(scenes) and not self._past_the_end:
            self._past_the_end = True
            self._tell_marks(target)
        self.playback.position = target
        self._tell()
        self.draw()

    def _tell_marks(self, position: int) -> None:
        """Show the marks that stand before scene number *position*."""
        for text in self._texts.get(position, ()):
            self.talk.mark(text)

    def _tell(self) -> None:
        """Say in the title line below where we are."""
        playback = self.playback
        word = "ended" if playback.over else "paused" if playback.paused else "playing"
        at = self._end if playback.over else self._at()
        where = progress(at, self._end, playback.speed)
        if (self.talk.link.word, self.server) != (word, where):
            self.talk.link.word, self.server = word, where
            self.talk.changes += 1

    def flags(self) -> list[str]:
        """Return what the status line says besides the link."""
        return ["space pauses, ←→ step", *super().flags()]

    # ------------------------------------------------------------ keys

    def action_pause(self) -> None:
        """Pause, or play on; at the end, from the beginning."""
        if self.playback.over:
            self.action_rewind()
            self.playback.paused = True
        self.playback.pause(time.monotonic())
        self.catch_up()

    def action_step(self) -> None:
        """Show one scene more, and pause."""
        self._pause()
        self.playback.step(time.monotonic())
        self.catch_up()

    def action_step_back(self) -> None:
        """Take the last scene back, and pause."""
        self.playback.back(time.monotonic())
        self.catch_up()

    def action_faster(self) -> None:
        """Play twice as fast."""
        self.playback.faster(2.0, time.monotonic())

    def action_slower(self) -> None:
        """Play half as fast."""
        if not math.isinf(self.playback.speed):
            self.playback.faster(0.5, time.monotonic())

    def action_skip(self) -> None:
        """Go ten seconds on."""
        self._leap(LEAP)

    def action_skip_back(self) -> None:
        """Go ten seconds back."""
        self._leap(-LEAP)

    def action_rewind(self) -> None:
        """Go to the beginning."""
        self._leap(-math.inf)

    def action_finish(self) -> None:
        """Go to the end."""
        self._leap(self._end - self._at())

    def action_next_mark(self) -> None:
        """Go to the next mark."""
        self._to_mark([mark for mark in self._marks if mark > self._at() + 0.001][:1])

    def action_previous_mark(self) -> None:
        """Go to the mark before."""
        self._to_mark([mark for mark in self._marks if mark < self._at() - 0.001][-1:])

    def _to_mark(self, marks: Sequence[float]) -> None:
        if marks:
            self._leap(marks[0] - self._at())
        else:
            self.app.bell()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit(0)

    def help_sections(self) -> Sections:
        """Return what help shows."""
        moving = [action for action in keys.SCREEN if action.name in _MOVING]
        return [
            ("Time", keys.table(self.chosen, keys.REPLAY)),
            ("Everywhere", keys.table(self.chosen, moving)),
            ("Leaving", [("q, Ctrl-C", "quit")]),
        ]

    @property
    def _end(self) -> float:
        return self.playback.scenes[-1].at if self.playback.scenes else 0.0

    def _at(self) -> float:
        return min(self._end, self.playback.at(time.monotonic()))

    def _leap(self, seconds: float) -> None:
        now = time.monotonic()
        self.playback.leap(self._at() + seconds - self.playback.at(now), now)
        self.catch_up()

    def _pause(self) -> None:
        if not self.playback.paused:
            self.playback.pause(time.monotonic())


def _before(show: Show) -> dict[int, list[str]]:
    """Return what was written at the marks, by the number of the scene that follows."""
    times = [scene.at for scene in show.scenes]
    found: dict[int, list[str]] = {}
    for at, text in sorted(show.marks):
        found.setdefault(bisect_left(times, at), []).append(text)
    return found


def watch(show: Show, looks: Looks, *, speed: float, paused: bool) -> int:
    """Show a recording on the full screen until somebody quits; return ``Program.status``.

    Args:
        show: what there is to see.
        looks: how it looks.
        speed: 2 is twice as fast.
        paused: whether to wait for a key before the first scene.
    """
    program = Program(Watching(show, speed, paused=paused, looks=looks))
    program.run(mouse=looks.mouse)
    return program.status


def _nothing_to_complete() -> Sources:
    def nothing(_: str) -> tuple[str, ...]:
        return ()

    return Sources(nothing, nothing, lambda _: "", lambda _: "")
