"""The line at the bottom: how the link is, what is to be known at once, and the rest by its room.

Every text here is made of pieces that are harmless already, and is never read as markup.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.content import Content

from chatctl.tui.screen.bars import (
    MUTED,
    is_silent,
    link_details,
    link_sign,
    link_word,
    shown_name,
)
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.room import Link, Room

TROUBLE = "$text-error"
CALLING = "$text-accent"
_GAP = "  "
_LINKS = {"connected": "$text-success", "offline": TROUBLE}


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that the line says.

    Attributes:
        content: how it is said.
        rank: the highest goes first where there is not room for all; 0 stays in any case.
        instead: what takes its place then.
        right: whether it stands at the right end.
    """

    content: Content
    rank: int = 0
    instead: "Piece | None" = None
    right: bool = False

    @classmethod
    def of(cls, text: str, rank: int = 0, *, style: str = "", right: bool = False) -> "Piece":
        """Return *text*, all of it in one *style*."""
        return cls(Content.styled(text, style), rank, right=right)


def status(pieces: Iterable[Piece], width: int) -> Content:
    """Return *pieces* as a line of *width* cells, without those for which there is no room."""
    kept = _fitting(list(pieces), width)
    gap = Content(_GAP)
    left = gap.join([piece.content for piece in kept if not piece.right])
    right = gap.join([piece.content for piece in kept if piece.right])
    space = max(0, width - left.cell_length - right.cell_length - 2)
    line = Content.assemble(" ", left, " " * space, right, " ")
    return line.truncate(width, ellipsis=True, pad=True)


def _fitting(pieces: list[Piece], width: int) -> Sequence[Piece]:
    while _width(pieces) > width:
        dearest = max(pieces, key=lambda piece: piece.rank)
        if not dearest.rank:
            break
        place = pieces.index(dearest)
        pieces[place : place + 1] = [dearest.instead] if dearest.instead else []
    return pieces


def _width(pieces: Sequence[Piece]) -> int:
    return sum(piece.content.cell_length + len(_GAP) for piece in pieces)


# ---------------------------------------------------------------- what there is to say


def link_piece(link: Link, now: float) -> Piece:
    """Return how the link is, at least its sign."""
    style = "$text-warning" if is_silent(link) else _LINKS.get(link.word, "$text-warning")
    sign = Content.styled(link_sign(link), style)
    word = Content.assemble(sign, f" {link_word(link)}")
    short = Piece(word, 1, Piece(sign))
    details = link_details(link, now)
    return Piece(Content.assemble(word, details), 4, short) if details else short


def worries(pending: int, failed: int) -> list[Piece]:
    """Return how many words of ours are pending, and how many did not arrive, if there are any."""
    told = [(failed, f"✗ {failed} failed", f"✗{failed}", TROUBLE)]
    told += [(pending, f"{pending} pending", f"…{pending}", "")]
    return [
        Piece(Content.styled(words, style), 1, Piece(Content.styled(short, style)))
        for count, words, short, style in told
        if count
    ]


def room_pieces(talk: Conversations) -> list[Piece]:
    """Return the other rooms by their numbers; where there is little room, those with news."""
    rows = [
        (number, room)
        for number, (name, room) in enumerate(talk.rooms.items(), 1)
        if name != talk.current
    ]
    news = [(number, room) for number, room in rows if room.unread or room.failed]
    last = Piece(Content.styled(f"{talk.unread} unread", CALLING), 2) if talk.unread else None
    some = Piece(_rooms(news), 3, last) if news else last
    return [Piece(_rooms(rows), 6, some)] if rows else []


def _rooms(rows: Sequence[tuple[int, Room]]) -> Content:
    return Content(" ").join([_room(number, room) for number, room in rows])


def _room(number: int, room: Room) -> Content:
    name = f"{number}:{shown_name(room.name)}"
    failed = ("✗", TROUBLE) if room.failed else ""
    if not room.unread:
        return Content.assemble((name, MUTED), failed)
    style = f"{CALLING} bold" if room.mentions else "bold"
    return Content.assemble((f"{name}({room.unread})", style), failed)
