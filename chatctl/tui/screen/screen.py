"""The screen of a chat: lays out the widgets, keeps them in step with the conversations.

Events are taken in as they come; what they changed is drawn 20 times a second at most, so that a
flood costs frames and not messages, and a key never waits for more than one frame.
"""

from collections.abc import Mapping
from functools import partial

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen

from chatctl.tui.completion import Sources
from chatctl.tui.remembered import Remembered
from chatctl.tui.screen import bars, keys, lists
from chatctl.tui.screen.bars import MUTED, WIDE, Bar
from chatctl.tui.screen.calling import Calling
from chatctl.tui.screen.cells import fit, settled
from chatctl.tui.screen.composer import Composer, Told
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.dialogs import Find
from chatctl.tui.screen.lists import Picks
from chatctl.tui.screen.looks import Looks
from chatctl.tui.screen.outside import Outside
from chatctl.tui.screen.packets import Packets
from chatctl.tui.screen.rates import Rates
from chatctl.tui.screen.room import Room
from chatctl.tui.screen.status import Piece, link_piece, room_pieces, status, worries
from chatctl.tui.screen.themes import is_mono
from chatctl.tui.screen.timeline import Timeline
from chatctl.view.escape import escape

PACKETS = 60
LOW = 12
LISTS = {"rooms": 18, "people": 20}
"""The lists beside the chat, and how wide they are."""
TINY = (20, 5)


class ChatScreen(Screen[None]):
    """The timeline with a title, lists, an input line and a status line around it.

    Attributes:
        looks: how it looks and feels.
        outside: the terminal around it.
    """

    CSS = """
    ChatScreen { layout: vertical; }
    #title, #status { background: $panel; color: $text; }
    #below, #offer { display: none; text-align: center; color: $text-accent; }
    #offer { text-align: left; background: $surface; }
    #body { height: 1fr; }
    #rooms { border-right: vkey $primary-muted; }
    #people { border-left: vkey $primary-muted; padding-left: 1; }
    #packets { width: 1fr; border-left: vkey $primary-muted; display: none; }
    #entry { height: auto; max-height: 5; }
    #entry, #prompt { background: $surface; }
    #prompt { height: 1; }
    """

    def __init__(
        self,
        talk: Conversations,
        server: str,
        sources: Sources,
        looks: Looks,
        remembered: Remembered | None = None,
    ) -> None:
        super().__init__()
        self.talk = talk
        self.server = server
        self.looks = looks
        self.outside = Outside()
        self.shows_packets = False
        self._wants: dict[str, bool] = {}
        self._sources = sources
        self._remembered = remembered or Remembered(None)
        self._drawn = -1
        self._second = -1
        self._kind = (False, False)
        self._brought = ""
        self._calling = Calling()
        self._rates = Rates()
        self.suit(talk)

    def suit(self, talk: Conversations) -> None:
        """Have *talk* keep as many rows, and be called by such words, as we are to look."""
        talk.keep(self.looks.scrollback)
        talk.watch(self.looks.highlight)

    def now(self) -> float:
        """Return the time of day, in seconds since the epoch."""
        return self.talk.now()

    @property
    def chosen(self) -> Mapping[str, str]:
        """The keys that are not the usual ones, by the name of the action."""
        return self.looks.keys

    def compose(self) -> ComposeResult:
        """Make the widgets."""
        yield Bar("title")
        with Horizontal(id="body"):
            yield Picks("rooms", "rooms")
            yield Timeline(self.talk.room, "timeline")
            yield Packets(self.talk.packets, "packets")
            yield Picks("people", "people")
        yield Bar("below")
        yield Bar("offer")
        with Horizontal(id="entry"):
            yield Bar("prompt")
            yield Composer(self._sources, self.told(), self._remembered)
        yield Bar("status")

    def told(self) -> Told:
        """Return what the composer has to know."""
        return Told(lambda _: None, {}, {}, {})

    def on_mount(self) -> None:
        """Begin to draw."""
        self.timeline = self.query_one("#timeline", Timeline)
        self.packets = self.query_one(Packets)
        self.composer = self.query_one(Composer)
        self.rooms = self.query_one("#rooms", Picks)
        self.people = self.query_one("#people", Picks)
        for pane, width in LISTS.items():
            self.query_one(f"#{pane}").styles.width = width
        self._bars = {bar.id: bar for bar in self.query(Bar)}
        self.composer.focus()
        self.talk.turned = self._turned
        self._drawing = self.set_interval(1 / self.looks.frames, self.draw)
        self.lay_out()

    def draw_at(self, frames: int) -> None:
        """Draw *frames* times a second at most."""
        self._drawing.stop()
        self._drawing = self.set_interval(1 / frames, self.draw)

    # ------------------------------------------------------------ what is shown

    def toggle(self, pane: str) -> None:
        """Show or hide the list *pane*, as long as that leaves room for the chat."""
        wanted = not self.query_one(f"#{pane}").display
        _ = self._wants.pop(pane, None)
        self._wants = {pane: wanted, **self._wants}
        self.lay_out()
        if wanted != self.query_one(f"#{pane}").display:
            self.app.bell()

    def lay_out(self) -> None:
        """Show what there is space for, and what was asked for."""
        width, height = self.app.size
        tiny = width < TINY[0] or height < TINY[1]
        shown = self._lists_within(0 if tiny else width)
        for pane in LISTS:
            self.query_one(f"#{pane}").display = pane in shown
        self._bars["title"].display = height >= LOW
        self._bars["status"].display = not tiny
        self._bars["prompt"].display = width >= TINY[0]
        self.packets.display = self.shows_packets
        self._drawn = -1
        self.draw()

    def _lists_within(self, width: int) -> set[str]:
        """Return the lists to show at *width*: what was wished last first, and never no chat."""
        roomy = width >= (WIDE + PACKETS if self.shows_packets else WIDE)
        usual = {
            "rooms": roomy and len(self.talk.rooms) > 1,
            "people": roomy and not self.talk.room.direct,
        }
        left = width - TINY[0] * (2 if self.shows_packets else 1)
        shown = set()
        for pane in {**self._wants, **usual}:
            if self._wants.get(pane, usual[pane]) and LISTS[pane] <= left:
                shown.add(pane)
                left -= LISTS[pane]
        return shown

    def draw(self) -> None:
        """Draw what has changed since the last time."""
        second = int(self.now())
        if self.talk.changes == self._drawn and second == self._second:
            return
        if not self.is_mounted or self.outside.busy:
            return
        self._calling.look(self.talk, self.outside, self.looks, self.now())
        if not self._in_sight:
            return
        kind = (len(self.talk.rooms) > 1, self.talk.room.direct)
        if kind != self._kind:
            self._kind = kind
            self.lay_out()
            return
        if second != self._second:
            self._tick(second)
        fresh, self._drawn = self._drawn != self.talk.changes, self.talk.changes
        if fresh:
            self._draw_rows()
        self._draw_bars()

    def _tick(self, second: int) -> None:
        """Note that it is *second*; the list of people tells minutes, but the chat does not."""
        self._rates.look(self.now(), self.talk.heard - self.talk.said, self.talk.said)
        if second // 60 != self._second // 60:
            self.talk.minute()
            self._list_people()
        self._second = second

    @property
    def _in_sight(self) -> bool:
        """Whether nothing hides us; drawing below the bare view would end a selection in it."""
        top = self.app.screen
        return top is self or isinstance(top, Find)

    def _draw_rows(self) -> None:
        if self.timeline.room is not self.talk.room:
            self.timeline.show(self.talk.room)
        else:
            self.timeline.redraw()
        if self.shows_packets:
            self.packets.redraw()
        if self.rooms.display:
            self._list_rooms()
        self._list_people()

    def _list_rooms(self) -> None:
        names = list(self.talk.rooms)
        numbers = {name: number for number, name in enumerate(names, 1)}
        self.rooms.tell("rooms", names, partial(lists.room_row, self.talk, numbers))
        if self._brought != self.talk.current:
            self._brought = self.talk.current
            self.rooms.bring(self._brought)

    def _list_people(self) -> None:
        if not self.people.display:
            return
        people, theme = self.talk.room.people, self.app.current_theme
        dark = None if is_mono(theme.name) else theme.dark
        row = partial(lists.person_row, self.talk, dark)
        self.people.tell(f"people ({len(people):,})", people.sorted, row)

    def _draw_bars(self) -> None:
        width = self.app.size.width
        self._bars["title"].tell(bars.title(self.talk.room, self.talk.link, width))
        self._bars["prompt"].tell(prompt := bars.prompt(self.talk.nick, self._where(), width))
        # Not width auto: a layout that runs before the text is there would keep its nought.
        self._bars["prompt"].styles.width = cell_len(prompt)
        self._bars["status"].tell(status(self._pieces(width), width))
        self._tell_below()

    def _where(self) -> str:
        """Return the room for the prompt, where it could be mistaken."""
        alone = len(self.talk.rooms) == 1 and self._bars["title"].display
        return "" if alone else self.talk.current

    def _turned(self, before: Room, after: Room) -> None:
        """Let each room keep what was begun in it: it may be for nobody else."""
        if before is not after:
            before.draft = self.composer.exchange(after.draft)
            after.draft = ""

    def _pieces(self, width: int) -> list[Piece]:
        """Return what the status line says where there is room for all of it."""
        talk, now = self.talk, self.now()
        key = keys.label("help", self.chosen)
        pieces = [
            link_piece(talk.link, now),
            *worries(bars.pending(talk, now), talk.failed),
            *self.whereabouts(),
            *self.flags(),
            *room_pieces(talk),
        ]
        if width >= WIDE and talk.link.word == "connected":
            pieces.append(Piece.of(self._rates.words, 9, style=MUTED, right=True))
        pieces.append(Piece.of(talk.make.clock(now), 8, style=MUTED, right=True))
        return [*pieces, *([Piece.of(f"{key} help", 5, right=True)] if key else [])]

    def whereabouts(self) -> list[Piece]:
        """Return who we are and where, for the status line."""
        where = f"{bars.shown_name(self.talk.nick)}@{settled(escape(self.server))}"
        return [Piece.of(where, 7, style=MUTED)]

    def flags(self) -> list[Piece]:
        """Return what else the status line says of this screen."""
        return [] if self.timeline.following else [Piece.of(f"{self.timeline.percent} %", 4)]

    def _tell_below(self) -> None:
        below, before = self._bars["below"], self._bars["below"].display
        count = self.timeline.new_below
        below.display = not self.timeline.following and self.app.size.height >= TINY[1]
        if below.display != before:
            self.call_after_refresh(self._draw_bars)  # the timeline has another height then
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
        bar.tell(bars.offer(event.words, event.chosen, self.app.size.width, event.note))

    def on_recalling_sought(self, event: Composer.Sought) -> None:
        """Show what is sought in the lines sent before."""
        bar = self._bars["offer"]
        bar.display = bool(event.text)
        bar.tell(fit(f" {settled(escape(event.text))}", self.app.size.width))

    def on_picks_picked(self, event: Picks.Picked) -> None:
        """Go to the room, or talk with the person, that was clicked."""
        if event.name == "people" and event.picked != self.talk.nick:
            self.talk.go(f"@{event.picked}")
        elif event.picked in self.talk.rooms:
            self.talk.go(event.picked)
