"""The screen of a chat: lays out the widgets, keeps them in step with the conversations.

Events are taken in as they come; what they changed is drawn 20 times a second at most, so that a
flood costs frames and not messages, and a key never waits for more than one frame.
"""

import time
from collections.abc import Callable

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen

from chatctl.tui.completion import Sources
from chatctl.tui.screen import bars
from chatctl.tui.screen.bars import Bar, Picks
from chatctl.tui.screen.composer import Composer, Told
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.timeline import Timeline

FRAMES_PER_SECOND = 20
WIDE = 100
PACKETS = 60
LOW = 12
TINY = (20, 5)


class ChatScreen(Screen[None]):
    """The timeline with a title, lists, an input line and a status line around it."""

    CSS = """
    ChatScreen { layout: vertical; }
    #title, #status { background: $panel; color: $text; }
    #below, #offer { display: none; text-align: center; color: $text-accent; }
    #offer { text-align: left; background: $surface; }
    #body { height: 1fr; }
    #rooms { width: 18; border-right: vkey $primary-muted; }
    #people { width: 20; border-left: vkey $primary-muted; padding-left: 1; }
    #packets { width: 1fr; border-left: vkey $primary-muted; display: none; }
    #entry { height: auto; max-height: 5; }
    #prompt { height: 1; }
    """

    def __init__(self, talk: Conversations, server: str, sources: Sources) -> None:
        super().__init__()
        self.talk = talk
        self.server = server
        self.shows_packets = False
        self._wants: dict[str, bool] = {}
        self._sources = sources
        self._drawn = -1
        self._second = -1
        self._several = False
        self._rung = 0
        self.now: Callable[[], float] = time.time

    def compose(self) -> ComposeResult:
        """Make the widgets."""
        yield Bar("title")
        with Horizontal(id="body"):
            yield Picks("rooms")
            yield Timeline(self.talk.room, "timeline")
            yield Timeline(self.talk.packets, "packets")
            yield Picks("people")
        yield Bar("below")
        yield Bar("offer")
        with Horizontal(id="entry"):
            yield Bar("prompt")
            yield Composer(self._sources, self.told())
        yield Bar("status")

    def told(self) -> Told:
        """Return what the composer has to know."""
        return Told(lambda _: None, {}, {})

    def on_mount(self) -> None:
        """Begin to draw."""
        self.timeline = self.query_one("#timeline", Timeline)
        self.packets = self.query_one("#packets", Timeline)
        self.composer = self.query_one(Composer)
        self._bars = {bar.id: bar for bar in self.query(Bar)}
        self.composer.focus()
        self.set_interval(1 / FRAMES_PER_SECOND, self.draw)
        self.lay_out()

    # ------------------------------------------------------------ what is shown

    def toggle(self, pane: str) -> None:
        """Show or hide the list *pane*, whatever the width is."""
        self._wants[pane] = not self.query_one(f"#{pane}").display
        self.lay_out()

    def lay_out(self) -> None:
        """Show what there is space for, and what was asked for."""
        width, height = self.app.size
        roomy = width >= (WIDE + PACKETS if self.shows_packets else WIDE)
        tiny = width < TINY[0] or height < TINY[1]
        panes = {"rooms": roomy and len(self.talk.rooms) > 1, "people": roomy}
        for pane, fits in panes.items():
            self.query_one(f"#{pane}").display = not tiny and self._wants.get(pane, fits)
        self._bars["title"].display = height >= LOW
        self._bars["status"].display = not tiny
        self._bars["prompt"].display = width >= TINY[0]
        self.packets.display = self.shows_packets
        self._drawn = -1
        self.draw()

    def draw(self) -> None:
        """Draw what has changed since the last time."""
        second = int(self.now())
        if self.talk.changes == self._drawn and second == self._second:
            return
        if not self.is_mounted or self.app.screen is not self:
            return
        if (len(self.talk.rooms) > 1) != self._several:
            self._several = not self._several
            self.lay_out()
            return
        fresh, self._drawn, self._second = (
            self._drawn != self.talk.changes,
            self.talk.changes,
            second,
        )
        if fresh:
            self._draw_rows()
        self._draw_bars()
        if self.talk.rings > self._rung:
            self._rung = self.talk.rings
            self.app.bell()

    def _draw_rows(self) -> None:
        if self.timeline.room is not self.talk.room:
            self.timeline.show(self.talk.room)
        else:
            self.timeline.redraw()
        if self.shows_packets:
            self.packets.redraw()
        if self._bars["rooms"].display:
            self._bars["rooms"].tell(bars.room_list(self.talk))
        if self._bars["people"].display:
            self._bars["people"].tell(bars.people_list(self.talk))

    def _draw_bars(self) -> None:
        width = self.app.size.width
        self._bars["title"].tell(bars.title(self.talk.room, width))
        self._bars["prompt"].tell(prompt := bars.prompt(self.talk.nick, width))
        # Not width auto: a layout that runs before the text is there would keep its nought.
        self._bars["prompt"].styles.width = cell_len(prompt)
        self._bars["status"].tell(
            bars.status(self.talk, self.server, self.flags(), self.now(), width)
        )
        self._tell_below()

    def flags(self) -> list[str]:
        """Return what the status line says besides the link."""
        return [] if self.timeline.following else [f"{self.timeline.percent} %"]

    def _tell_below(self) -> None:
        below = self._bars["below"]
        count = self.timeline.new_below
        below.display = not self.timeline.following and self.app.size.height >= TINY[1]
        if below.display:
            below.tell(f"↓ {count} new below" if count else "↓ more below")

    # ------------------------------------------------------------ what happens

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """Fit the new size."""
        self.lay_out()

    def on_composer_offered(self, event: Composer.Offered) -> None:
        """Show or put away the completion list."""
        bar = self._bars["offer"]
        bar.display = bool(event.words)
        bar.tell(bars.offer(event.words, event.chosen, self.app.size.width))

    def on_picks_picked(self, event: Picks.Picked) -> None:
        """Go to the room that was clicked."""
        names = list(self.talk.rooms)
        if event.name == "rooms" and 0 < event.number <= len(names):
            self.talk.go(names[event.number - 1])
