"""The lines around the timeline: title, what is below, completion list; see also ``status``.

Every text here is made of pieces that are harmless already, and is never read as markup.
"""

import math
from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from chatctl.tui.screen.cells import fit, settled
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.room import MOMENT, Link, Room
from chatctl.view.escape import escape, escape_name

DOTS = {"connected": "●", "connecting": "◌", "reconnecting": "◐", "offline": "○"}
DOTS |= {"playing": "▶", "paused": "‖", "ended": "■"}
MUTED = "dim"
WIDE = 100
LONGEST = 24


class Bar(Widget):
    """One or more lines of text that are drawn again only when they change."""

    DEFAULT_CSS = "Bar { height: 1; width: 1fr; }"

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._shown = Content("")

    @property
    def shown(self) -> str:
        """The text as it is."""
        return self._shown.plain

    def tell(self, text: str | Content) -> None:
        """Show *text*, which is harmless already."""
        content = Content(text) if isinstance(text, str) else text
        if not content.is_same(self._shown):
            self._shown = content
            self.refresh()

    def render(self) -> Content:
        """Return what is shown."""
        return self._shown


def shown_name(room: str) -> str:
    """Return a room's name, or ``@nick``, as it may be shown."""
    if room.startswith("@"):
        return "@" + settled(escape_name(room[1:]))
    return settled(escape_name(room))


def title(room: Room, link: Link, width: int) -> Content:
    """Return the top line: ``lobby ── topic: … ─────── 3 here``, and who serves if there is room.

    That is whether the link is secret, and the server's program: ``TLS  chatctl 0.1.0``.
    """
    name = shown_name(room.name)
    here = f"{len(room.people)} here" if len(room.people) and not room.direct else ""
    about = f" ── topic: {settled(escape(room.topic))}" if room.topic else ""
    if room.left:
        here, about = "", f" ── you have left; /join {name} comes back"
    served = f"  {served_by(link)}" if width >= WIDE and served_by(link) else ""
    left = f" {name}{about} "
    space = width - cell_len(here) - cell_len(served) - 3
    left = left if cell_len(left) <= space else fit(left, max(0, space))
    rest = max(0, width - cell_len(left) - cell_len(here) - cell_len(served) - 2)
    line = Content.assemble(left, ("─" * rest, MUTED), f" {here}", (served, MUTED), " ")
    return line.stylize("bold", 1, 1 + len(name))


def served_by(link: Link) -> str:
    """Return whether the link is secret, and by what program it is served; "" for no link."""
    if link.secure is None:
        return ""
    program = settled(escape(link.server))
    program = program if cell_len(program) <= LONGEST else fit(program, LONGEST)
    speech = [] if link.extended or not link.ever else ["base protocol"]
    return "  ".join(["TLS" if link.secure else "no TLS", *filter(None, [program]), *speech])


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


def pending(talk: Conversations, now: float) -> int:
    """Return how many words wait for their receipt, if any has for longer than a moment."""
    slow = any(now - since >= MOMENT for since in talk.pending.values())
    return len(talk.pending) if slow else 0


def link_words(link: Link, now: float) -> str:
    """Return the state of the link: a sign and always a word, so that colour is never all."""
    return f"{link_sign(link)} {link_word(link)}{link_details(link, now)}"


def link_sign(link: Link) -> str:
    """Return the sign of the link's state."""
    return DOTS.get("connecting" if is_silent(link) else link.word, "○")


def link_word(link: Link) -> str:
    """Return the link's state in a word or two."""
    return "connected, silent so far" if is_silent(link) else link.word


def is_silent(link: Link) -> bool:
    """Say whether there is a link, but nobody has spoken on it yet."""
    return link.word == "connected" and link.silent


def link_details(link: Link, now: float) -> str:
    """Return what else there is to know about the link's state: lag, or when it is tried anew."""
    if link.word == "connected" and link.lag is not None:
        return f"  {link.lag * 1000:.0f} ms"
    if link.word != "reconnecting":
        return ""
    left = max(0, round(link.retry_at - now))
    return (f" in {left} s" if left else "") + f" (try {link.attempt})"


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
