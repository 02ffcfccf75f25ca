"""One row of the scrollback: an event as it will be drawn, all of it harmless already.

No Textual here. A row is a struct outside of garbage collection: with a hundred thousand of them
a full collection would otherwise be felt in the keys.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chatctl.errors import ErrorCode
from chatctl.session.client.events import (
    Delivery,
    Event,
    Hole,
    RawPacket,
    Receipt,
    Said,
    Saying,
)
from chatctl.tui.screen.cells import settled
from chatctl.view.counts import count_of
from chatctl.view.escape import escape, escape_name
from chatctl.view.transcript import Tone, lines
from chatctl.wire.packets import Direction

ACTION = "*"
NOTE = "***"
TROUBLE = "!!!"
LATEST = 253_402_214_399.0
"""The end of the last day but one that ``datetime`` knows: a date in every time zone."""
HOPELESS = frozenset(
    {
        ErrorCode.TEXT_TOO_LONG,
        ErrorCode.TOO_BIG,
        ErrorCode.NO_SUCH_NICK,
        ErrorCode.NOT_IN_ROOM,
        ErrorCode.BAD_ROOM,
        ErrorCode.UNSUPPORTED,
    }
)
"""Refusals that come again if nothing else is changed."""


class Row(Struct, frozen=True, gc=False):
    """What one event left in the scrollback.

    Attributes:
        at: seconds since the epoch, as shown.
        day: the day it belongs to in the reader's time zone, as an ordinal.
        clock: that time of day, ``10:31``.
        who: what stands before the line: a nick, or ``***`` for a note, ``!!!`` for trouble.
        text: the words; may hold line feeds.
        tone: how it is meant.
        nick: whose words they are, as colours are chosen by it; empty for none.
        own: whether the words are ours.
        mention: whether they name us.
        state: what became of words of ours; empty for others'.
        key: the id under which receipts for our words come.
        seq: the room's number for it, 0 for none.
        reason: why words of ours failed; empty where nobody said.
        hopeless: whether saying them again would end the same.
        again: whether they were said again after they had failed.
        raw: the words as they were sent, where ``text`` differs from them; not harmless.
        across: whether this is a line across the screen, a hole, and no words.
        hidden: whether it is not shown, as whoever said it is ignored.
    """

    at: float
    day: int
    clock: str
    who: str
    text: str
    tone: Tone
    nick: str = ""
    own: bool = False
    mention: bool = False
    state: str = ""
    key: str = ""
    seq: int = 0
    reason: str = ""
    hopeless: bool = False
    again: bool = False
    raw: str = ""
    across: bool = False
    hidden: bool = False

    @property
    def words(self) -> str:
        """The words as they were sent; not harmless."""
        return self.raw or self.text


class RowMaker:
    """Makes rows of events for one reader: knows their nick, their clock and their time zone."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._mention = re.compile("(?!)")
        self._minute = (-1, 0, "")

    def heed(self, words: Iterable[str]) -> None:
        """Learn the *words*, the reader's nick among them, that call for attention."""
        named = "|".join(re.escape(word) for word in words)
        self._mention = re.compile(rf"(?<![\w-])(?:{named})(?![\w-])", re.IGNORECASE)

    def said(self, said: Said) -> Row:
        """Return the row of somebody's words."""
        at = self._at(said.time)
        day, clock = self._when(at)
        nick = settled(escape_name(said.nick))
        text = settled(escape(said.text, newlines=True))
        action = said.how is Saying.ACTION
        shown = f"{nick} {text}" if action else text
        return Row(
            at=at,
            day=day,
            clock=clock,
            who=ACTION if action else nick,
            text=shown,
            tone=Tone.OWN if said.own else Tone.CHAT,
            nick=nick,
            own=said.own,
            mention=not said.own and self._mention.search(said.text) is not None,
            state=said.state.value if said.own else "",
            key=said.id if said.own else "",
            seq=said.seq,
            raw="" if shown == said.text else said.text,
        )

    def of(self, event: Event, time: int = 0) -> list[Row]:
        """Return the rows of anything else that is news to people."""
        at = self._at(time)
        return [self.note(line.text, line.tone, at) for line in lines(event)]

    def note(self, text: str, tone: Tone = Tone.NOTICE, at: float = 0.0) -> Row:
        """Return a row of our own making; *text* is harmless already."""
        at = at or self._at(0)
        day, clock = self._when(at)
        who = TROUBLE if tone is Tone.TROUBLE else NOTE
        return Row(at=at, day=day, clock=clock, who=who, text=settled(text), tone=tone)

    def hole(self, hole: Hole) -> Row:
        """Return the row of messages that are lost to us."""
        what = count_of(hole.last - hole.first + 1, "message")
        why = f" ({escape(hole.reason)})" if hole.reason else ""
        return replace(self.note(f"{what} missing{why}", Tone.TROUBLE), across=True)

    def rule(self, text: str) -> Row:
        """Return a line of our own making across the screen; *text* is harmless already."""
        return replace(self.note(text), across=True)

    def packet(self, raw: RawPacket) -> Row:
        """Return the row of a payload that crossed the link."""
        at = self._at(0)
        day, clock = self._when(at)
        who = "→" if raw.direction is Direction.TO_SERVER else "←"
        text = settled(escape(raw.payload.decode(errors="backslashreplace")))
        return Row(at=at, day=day, clock=clock, who=who, text=text, tone=Tone.CHAT, nick=who)

    def clock(self, at: float) -> str:
        """Return the time of day at *at*, ``10:31``."""
        return self._when(at)[1]

    def _at(self, time: int) -> float:
        """Return the seconds of a packet's *time*, 0 for none, or the nearest that is a date."""
        return max(0.0, min(LATEST, time / 1000 or self._now()))

    def _when(self, at: float) -> tuple[int, str]:
        """Return day and time of day; the last minute is kept, as most events share it."""
        minute = int(at // 60)
        if self._minute[0] != minute:
            moment = datetime.fromtimestamp(at).astimezone()
            self._minute = (minute, moment.toordinal(), f"{moment:%H:%M}")
        return self._minute[1], self._minute[2]


def judged(row: Row, receipt: Receipt) -> Row:
    """Return *row*, words of ours, as it is with *receipt* for them."""
    failed = receipt.state is Delivery.FAILED
    return replace(
        row,
        state=receipt.state.value,
        seq=receipt.seq,
        reason=settled(escape(receipt.reason)) if failed else "",
        hopeless=receipt.code in HOPELESS,
        again=row.again or row.state == Delivery.FAILED,
    )


def undelivered(row: Row) -> bool:
    """Say whether *row* is words of ours that did not arrive, and can be said again."""
    return row.state == Delivery.FAILED
