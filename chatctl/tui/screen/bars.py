"""The lines around the timeline: title, what is below, completion list, status.

Every text here is made of pieces that are harmless already, and is never read as markup.
"""

import math
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from chatctl.tui.screen.cells import fit, settled
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.room import MOMENT, Link, Room
from chatctl.view.escape import escape, escape_name

DOTS = {"connected": "●", "connecting": "◌", "reconnecting": "◐", "offline": "○"}
DOTS |= {"playing": "▶", "paused": "‖", "ended": "■"}


class Bar(Widget):
    """One or more lines of text that are drawn again only when they change."""

    DEFAULT_CSS = "Bar { height: 1; width: 1fr; }"

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._shown = ""

    @property
    def shown(self) -> str:
        """The text as it is."""
        return self._shown

    def tell(self, text: str) -> None:
        """Show *text*, which is harmless already."""
        if text != self._shown:
            self._shown = text
            self.refresh()

    def render(self) -> Content:
        """Return what is shown."""
        return Content(self._shown)


def shown_name(room: str) -> str:
    """Return a room's name, or ``@nick``, as it may be shown."""
    if room.startswith("@"):
        return "@" + settled(escape_name(room[1:]))
    return settled(escape_name(room))


def title(room: Room, width: int) -> str:
    """Return the top line: ``lobby ── topic: … ─────── 3 here``."""
    here = f"{len(room.people)} here" if len(room.people) and not room.direct else ""
    about = f" ── topic: {settled(escape(room.topic))}" if room.topic else ""
    if room.left:
        here, about = "", f" ── you have left; /join {shown_name(room.name)} comes back"
    left = f" {shown_name(room.name)}{about} "
    space = width - cell_len(here) - 3
    left = left if cell_len(left) <= space else fit(left, max(0, space))
    rest = max(0, width - cell_len(left) - cell_len(here) - 2)
    return f"{left}{'─' * rest} {here} "


def prompt(nick: str, room: str, width: int) -> str:
    """Return ``alice> ``, or ``alice [ops]> `` where *room* is given.

    It takes not more than half the *width*: the rest is there to write in. Where that does not hold
    both, the room is what matters.
    """
    name, space = shown_name(nick), width // 2 - 2
    if room:
        where = f"[{shown_name(room)}]"
        name = f"{name} {where}" if cell_len(name) + cell_len(where) < space else where
    return f"{name if cell_len(name) <= space else fit(name, space)}> "


def status(
    talk: Conversations, server: str, flags: Iterable[str], now: float, width: int, hint: str
) -> str:
    """Return the bottom line: server, link, what is pending, rooms with something unread.

    What helps people most when they are new, the *hint*, stands at its right end, where there is
    room for it.
    """
    parts = [link_words(talk.link, now), *flags]
    if width >= 60:
        parts.insert(0, server)
    rooms = " ".join(
        f"{number}:{shown_name(name)}" + (f"({room.unread})" if room.unread else "")
        for number, (name, room) in enumerate(talk.rooms.items(), 1)
        if name != talk.current
    )
    line = " " + "  ".join([*parts, *([rooms] if rooms else [])])
    if hint and cell_len(line) + len(hint) + 2 <= width:
        return fit(line, width - len(hint) - 1) + hint + " "
    return fit(line, width)


def pending(talk: Conversations, now: float) -> list[str]:
    """Return how many words wait for their receipt, if any has for longer than a moment."""
    slow = any(now - since >= MOMENT for since in talk.pending.values())
    return [f"{len(talk.pending)} pending"] if slow else []


def link_words(link: Link, now: float) -> str:
    """Return the state of the link: a sign and always a word, so that colour is never all."""
    words = f"{DOTS.get(link.word, '○')} {link.word}"
    if link.word == "connected" and link.silent:
        words = "◌ connected, silent so far"
    if link.word == "connected" and link.lag is not None:
        words += f"  {link.lag * 1000:.0f} ms"
    if link.word == "reconnecting":
        left = max(0, round(link.retry_at - now))
        words += f" in {left} s" if left else ""
        words += f" (try {link.attempt})"
    return words


def offer(words: Sequence[str], chosen: int, width: int, note: str = "") -> str:
    """Return the completion list as one line, the chosen word in brackets, always in sight.

    *note* says what the chosen word is, as far as there is room.
    """
    shown = [settled(escape(word.strip())) for word in words]
    shown = [f"[{w}]" if i == chosen else f" {w} " for i, w in enumerate(shown)]
    room = width - cell_len(note) - 3 if note else width
    if shown and room < cell_len(shown[chosen]):
        room, note = width, ""
    while len(shown) > 1 and cell_len(" ".join(shown[: max(1, chosen + 1)])) > room:
        shown, chosen = shown[1:], chosen - 1
    line = " ".join(shown)
    return fit(f"{fit(line, min(room, cell_len(line)))}   {note}" if note else line, width)


def progress(at: float, end: float, speed: float, cells: int = 20) -> str:
    """Return where a replay stands: ``0:12 ━━━━──── 1:40 x2``."""
    done = round(cells * min(1.0, at / end)) if end > 0 else cells
    clock = _clock if end >= 60 else _short_clock
    pace = "max" if math.isinf(speed) else f"x{speed:g}"
    return f"{clock(at)} {'━' * done}{'─' * (cells - done)} {clock(end)} {pace}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes}:{rest:02d}"


def _short_clock(seconds: float) -> str:
    """Return *seconds*, below a minute, to a tenth: a recording may be over in two of them."""
    return f"{max(0.0, seconds):.1f} s"
