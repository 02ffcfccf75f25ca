"""A recorded chat on the full screen: the same view as taking part, but time is a thing to move in.

Where the playback stands is ``Playback``'s business; this draws what was seen up to there. Going
back shows the chat anew from its beginning, which is quick, as the model draws nothing.
"""

import math
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual import events
from textual.content import Content

from chatctl.capture.replay.scenes import Scene
from chatctl.session.client.events import Event, Page
from chatctl.tui.completion import Sources
from chatctl.tui.playback import LEAP, Playback
from chatctl.tui.screen import keys
from chatctl.tui.screen.bars import MUTED, progress
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.looking import Looking, Sections
from chatctl.tui.screen.looks import Looks
from chatctl.tui.screen.program import Program
from chatctl.tui.screen.status import Piece
from chatctl.wire.packets import LOBBY

TICKS_PER_SECOND = 20
MOST_AT_ONCE = 5000


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
        self._marks = sorted(show.marks)
        self._seen = self._told = 0
        self._remark = ""
        looks = replace(looks or Looks(), notify="none")  # whoever is called here was called then
        super().__init__(self._blank(), "", _nothing_to_complete(), looks)
        self._deeds = keys.deeds(self, (*keys.MOVING, *keys.REPLAY), self.chosen)

    def _blank(self) -> Conversations:
        talk = Conversations(self._show.nick, self._moment)
        talk.link.word = "playing"
        return talk

    def _moment(self) -> float:
        """Return the recording's time of the scene shown last, in seconds since the epoch."""
        shown = self.playback.scenes[self._seen - 1].at if self._seen else 0.0
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
        playback = self.playback
        moment = math.inf if playback.over else self._at()
        if playback.position < self._seen or self._marked(moment) < self._told:
            self._begin_again()
        for scene in playback.scenes[self._seen : playback.position]:
            self._tell_marks(scene.at)
            self._seen += 1
            self._take(scene.event)
        self._tell_marks(moment)
        self._tell()
        self.draw()

    def _take(self, event: Event) -> None:
        """Take in *event*; a page of the history goes where the recorded screen put it."""
        if isinstance(event, Page):
            self.talk.open(event.room or LOBBY).asked = event.id
        self.talk.take(event)

    def _begin_again(self) -> None:
        current = self.talk.current
        self.talk, self._seen, self._told = self._blank(), 0, 0
        self.suit(self.talk)
        self.talk.current = self.talk.open(current).name
        self.timeline.show(self.talk.room)

    def _tell_marks(self, moment: float) -> None:
        """Show the marks that were made up to *moment* and are not shown yet."""
        due = self._marked(moment)
        for _, text in self._marks[self._told : due]:
            self.talk.mark(text)
        self._told = max(self._told, due)

    def _marked(self, moment: float) -> int:
        """Return how many marks were made up to *moment*."""
        return bisect_right(self._marks, moment, key=lambda mark: mark[0])

    def _tell(self) -> None:
        """Say in the title line below where we are."""
        playback = self.playback
        word = "ended" if playback.over else "paused" if playback.paused else "playing"
        at = self._end if playback.over else self._at()
        where = progress(at, self._end, playback.speed)
        if (self.talk.link.word, self.server) != (word, where):
            self.talk.link.word, self.server = word, where
            self.talk.changes += 1

    def whereabouts(self) -> list[Piece]:
        """Return where in the recording we are, for the status line."""
        return [Piece.of(self.server, 2)]

    def flags(self) -> list[Piece]:
        """Return what else the status line says: the keys that somebody new needs first."""
        if self._remark:
            return [Piece.of(self._remark, 2), *super().flags()]
        wanted = {"pause": "pauses", "step": "steps"}
        found = {name: keys.label(name, self.chosen) for name in wanted}
        told = [f"{key} {wanted[name]}" for name, key in found.items() if key]
        hints = [Content.styled(", ".join(told[:count]), MUTED) for count in (1, len(told)) if told]
        return [*([Piece(hints[1], 7, Piece(hints[0], 7))] if hints else []), *super().flags()]

    # ------------------------------------------------------------ keys

    def on_key(self, event: events.Key) -> None:
        """Do what the key does."""
        keys.obey(self._deeds, event)

    def action_pause(self) -> None:
        """Pause, or play on; at the end, from the beginning."""
        if self.playback.over:
            self.action_rewind()
            self.playback.paused = True
        self.playback.pause(time.monotonic())
        self._moved()

    def action_step(self) -> None:
        """Show one scene more, and pause."""
        self._pause()
        self.playback.step(time.monotonic())
        self._moved()

    def action_step_back(self) -> None:
        """Take the last scene back, and pause."""
        self.playback.back(time.monotonic())
        self._moved()

    def action_faster(self) -> None:
        """Play twice as fast."""
        self.playback.faster(2.0, time.monotonic())

    def action_slower(self) -> None:
        """Play half as fast."""
        self.playback.faster(0.5, time.monotonic())

    def action_skip(self) -> None:
        """Go ten seconds on."""
        self._leap(LEAP)

    def action_skip_back(self) -> None:
        """Go ten seconds back."""
        self._leap(-LEAP)

    def action_rewind(self) -> None:
        """Go to the beginning."""
        self._go_to(0.0)

    def action_finish(self) -> None:
        """Go to the end."""
        self._go_to(self._end)

    def action_next_mark(self) -> None:
        """Go to the next mark."""
        self._to_mark([mark for mark in self._moments() if mark > self._at() + 0.001][:1])

    def action_previous_mark(self) -> None:
        """Go to the mark before."""
        self._to_mark([mark for mark in self._moments() if mark < self._at() - 0.001][-1:])

    def _moments(self) -> list[float]:
        return [min(at, self._end) for at, _ in self._marks]

    def _to_mark(self, marks: Sequence[float]) -> None:
        if marks:
            self._go_to(marks[0])
            return
        self._remark = "no mark there" if self._marks else "no marks in it"
        self.app.bell()
        self.touch()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit(0)

    def help_sections(self) -> Sections:
        """Return what help shows."""
        return [
            ("Time", keys.table(self.chosen, keys.REPLAY)),
            ("Everywhere", keys.table(self.chosen, keys.MOVING)),
            ("Finding", keys.table(self.chosen, keys.FIND)),
        ]

    @property
    def _end(self) -> float:
        return self.playback.scenes[-1].at if self.playback.scenes else 0.0

    def _at(self) -> float:
        return min(self._end, self.playback.at(time.monotonic()))

    def _leap(self, seconds: float) -> None:
        self._go_to(self._at() + seconds)

    def _go_to(self, moment: float) -> None:
        self.playback.go_to(moment, time.monotonic())
        self._moved()

    def _moved(self) -> None:
        self._remark = ""
        self.catch_up()

    def _pause(self) -> None:
        if not self.playback.paused:
            self.playback.pause(time.monotonic())


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
