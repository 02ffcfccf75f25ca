"""The lists beside the timeline, of rooms and of people, however long they are.

Every text here is made of pieces that are harmless already, and is never read as markup.
"""

from collections.abc import Callable, Mapping, Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from chatctl.tui.screen.bars import MUTED, shown_name
from chatctl.tui.screen.cells import fit, settled
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.drawing import nick_color
from chatctl.tui.screen.status import CALLING, TROUBLE
from chatctl.view.escape import escape_name

WHEEL = 3
PERSON = 18
"""Cells for a line of the list of people."""
QUIET = 300.0
"""Seconds without a word after which somebody is shown as quiet."""


class Picks(Widget):
    """A list of rooms or people, as much of it as there is room for; a click on one is a message.

    The wheel and ``page`` move in it. However long it is, only what is in sight is made into text.
    """

    DEFAULT_CSS = "Picks { height: 1fr; }"

    class Picked(Message):
        """The entry *picked* of the list *name* was clicked."""

        def __init__(self, name: str, picked: str) -> None:
            super().__init__()
            self.name = name
            self.picked = picked

    def __init__(self, name: str, head: str) -> None:
        super().__init__(id=name)
        self._head = head
        self._entries: Sequence[str] = ()
        self._row: Callable[[str], Content] = Content
        self._top = 0
        self._shown = Content("")

    def tell(self, head: str, entries: Sequence[str], row: Callable[[str], Content]) -> None:
        """Show *entries* below *head*, each as *row* puts it, harmless by then."""
        self._head, self._entries, self._row = head, entries, row
        if not self._content().is_same(self._shown):
            self.refresh()

    def bring(self, entry: str) -> None:
        """Have *entry* in sight."""
        place, room = list(self._entries).index(entry), self._room
        self._top = max(min(self._top, place), place - room + 1)
        self.refresh()

    def page(self, pages: int) -> None:
        """Move by screens, up where *pages* is negative."""
        self._move(pages * max(1, self._room - 1))

    @property
    def _room(self) -> int:
        """How many entries fit; one line is for the head, and one for what is below."""
        height = self.size.height - 1
        return height if len(self._entries) <= height else max(1, height - 1)

    def _move(self, lines: int) -> None:
        self._top += lines
        self.refresh()

    def _content(self) -> Content:
        room = self._room
        self._top = max(0, min(self._top, len(self._entries) - room))
        below = len(self._entries) - self._top - room
        rows = [self._row(entry) for entry in self._entries[self._top : self._top + room]]
        more = f"↑ {self._top}  ↓ {below}" if self._top else f"↓ {below} more"
        rows += [Content.styled(more, MUTED)] if len(self._entries) > room else []
        return Content("\n").join([Content.styled(self._head, "bold"), *rows])

    def render(self) -> Content:
        """Return what is shown."""
        self._shown = self._content()
        return self._shown

    def on_click(self, event: events.Click) -> None:
        """Say which entry was clicked."""
        place = self._top + event.y - 1
        if 0 < event.y <= self._room and place < len(self._entries):
            self.post_message(self.Picked(self.id or "", self._entries[place]))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move up with the wheel."""
        event.stop()
        self._move(-WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move down with the wheel."""
        event.stop()
        self._move(WHEEL)


def room_row(talk: Conversations, numbers: Mapping[str, int], name: str) -> Content:
    """Return a line of the list on the left."""
    room = talk.rooms[name]
    here = name == talk.current
    sign = ("✗", TROUBLE) if room.failed and not here else "!" if room.mentions else " "
    style = "bold" if here or room.unread else ""
    label = f"{numbers[name]} {fit(shown_name(name), 10)} "
    count = (str(room.unread), f"{CALLING} bold") if room.unread else ""
    return Content.assemble("▸" if here else sign, (label, style), count)


def person_row(talk: Conversations, dark: bool | None, nick: str) -> Content:
    """Return a line of the list on the right: who, and for how long they have said nothing here.

    *dark* is the ground on which nicks have colours; None for none.
    """
    if nick == talk.nick:
        return Content.assemble("● ", (f"{settled(escape_name(nick))}", "bold"), " (you)")
    quiet = talk.room.people.quiet(nick, talk.now())
    color = "" if dark is None else nick_color(nick, dark=dark)
    name = settled(escape_name(nick))
    if quiet < QUIET:
        return Content.assemble(("● ", color), (name, color))
    since = duration(quiet)
    name = fit(name, PERSON - len(since) - 3)
    return Content.assemble(("◌ ", MUTED), (name, color), (f" {since}", MUTED))


def duration(seconds: float) -> str:
    """Return *seconds* in a few cells: ``5m``, ``3h``, ``2d``."""
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes}m"
    return f"{minutes // 60}h" if minutes < 24 * 60 else f"{minutes // (24 * 60)}d"
