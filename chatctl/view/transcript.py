"""What happened, as lines people read: ``alice: hello``, ``*** bob has joined the chat``.

The screen form of the base protocol, extended where the extension says more. Used by every front
and by ``decode --chat``. All text of peers goes through ``escape`` here; Rich is imported only by
``rich_line``, so that the plain form costs nothing.
"""

import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chatctl.session.client.events import (
    Delivery,
    Event,
    Goodbye,
    Hole,
    Joined,
    Lag,
    Left,
    LinkLost,
    MalformedPacket,
    Members,
    Negotiated,
    NickChanged,
    Page,
    Receipt,
    Reconnecting,
    Refused,
    RoomList,
    Said,
    Saying,
    TopicIs,
)
from chatctl.view.counts import count_of
from chatctl.view.escape import escape, escape_name
from chatctl.wire.packets import LOBBY

if TYPE_CHECKING:
    from rich.text import Text

LONGEST_REPEATED = 80
"""Characters. What was refused for its length would bury what the line says of it."""


class Tone(StrEnum):
    """How a line is meant; a front chooses the colours."""

    CHAT = "chat"
    OWN = "own"
    DIRECT = "direct"
    PRESENCE = "presence"
    NOTICE = "notice"
    TROUBLE = "trouble"


_Trouble = Refused | Goodbye | Hole | MalformedPacket | LinkLost | Reconnecting
_Presence = Joined | Left | NickChanged | TopicIs


@dataclass(frozen=True, slots=True)
class Line:
    """One line for people, already harmless.

    Attributes:
        tone: how it is meant.
        head: what goes before the words, ``alice: `` or ``*** ``.
        text: the words; may hold newlines if the caller of ``lines`` allowed them.
        nick: whose colour ``head`` gets; empty for none.
    """

    tone: Tone
    head: str
    text: str
    nick: str = ""

    def __str__(self) -> str:
        return self.head + self.text


def lines(event: Event, *, newlines: bool = False) -> list[Line]:
    """Return how *event* reads, usually one line; nothing for what is no news to people."""
    if isinstance(event, Said):
        return [_said(event, newlines=newlines)]
    if isinstance(event, Page):
        return [line for entry in event.entries for line in lines(entry, newlines=newlines)]
    if isinstance(event, _Trouble):
        return [Line(Tone.TROUBLE, "!!! ", _trouble(event))]
    if isinstance(event, Members | RoomList):
        return [Line(Tone.NOTICE, "*** ", text) for text in _listing(event)]
    if isinstance(event, _Presence):
        return [Line(Tone.PRESENCE, "*** ", _presence(event))]
    return _rarely(event)


def _rarely(event: Event) -> list[Line]:
    match event:
        case Receipt(state=Delivery.FAILED):
            reason = escape(event.reason) or "no answer from the server"
            return [Line(Tone.TROUBLE, "!!! ", f"not delivered: {reason}")]
        case Negotiated(resumed=True):
            return [Line(Tone.NOTICE, "*** ", "connected again")]
        case _:
            return []


def _said(said: Said, *, newlines: bool) -> Line:
    nick = escape_name(said.nick)
    text = escape(said.text, newlines=newlines)
    tone = Tone.OWN if said.own else Tone.CHAT
    if said.how is Saying.DIRECT:
        return Line(Tone.DIRECT, f"{nick} -> {escape_name(said.to)}: ", text, nick)
    where = "" if said.room in {"", LOBBY} else f"[{escape_name(said.room)}] "
    if said.how is Saying.ACTION:
        return Line(tone, f"{where}* {nick} ", text, nick)
    return Line(tone, f"{where}{nick}: ", text, nick)


def _place(room: str) -> str:
    return "the chat" if room in {"", LOBBY} else escape_name(room)


def _presence(event: _Presence) -> str:
    match event:
        case Joined():
            return f"{escape_name(event.nick)} has joined {_place(event.room)}"
        case Left():
            reason = f" ({escape(event.reason)})" if event.reason else ""
            return f"{escape_name(event.nick)} has left {_place(event.room)}{reason}"
        case NickChanged():
            return f"{escape_name(event.nick)} is now known as {escape_name(event.to)}"
        case TopicIs():
            return _topic(event)


def _topic(event: TopicIs) -> str:
    topic, place = escape(event.topic), _place(event.room)
    if event.nick and event.seq:
        verb = "set the topic" if event.topic else "cleared the topic"
        return f"{escape_name(event.nick)} has {verb} of {place}" + (topic and f": {topic}")
    return f"topic of {place}: {topic}" if topic else f"{place} has no topic"


def _listing(event: Members | RoomList) -> list[str]:
    more = ", and more" if event.more else ""
    if isinstance(event, Members):
        nicks = ", ".join(map(escape_name, event.nicks)) or "nobody"
        heard = " (a base server has no list: those heard of)" if event.partial else ""
        return [f"in {_place(event.room)}: {nicks}{more}{heard}"]
    rows = [
        f"{escape_name(row.room)} ({row.members})" + (row.topic and f": {escape(row.topic)}")
        for row in event.rooms
    ]
    return (rows or ["no rooms"]) + (["and more rooms"] if event.more else [])


def _trouble(event: _Trouble) -> str:
    match event:
        case Refused():
            hint = f"; try {escape(event.suggestion)}" if event.suggestion else ""
            return f"{escape(event.text) or escape(event.code)}{hint}"
        case Goodbye():
            return f"the server says goodbye: {escape(event.reason) or 'no reason given'}"
        case Hole():
            what = messages_are(event.last - event.first + 1)
            return f"{what} missing in {_place(event.room)}: {escape(event.reason)}"
        case MalformedPacket():
            return f"the server sent something that is no packet: {escape(event.reason)}"
        case LinkLost() | Reconnecting():
            return _link(event)


def repeated(text: str) -> str:
    """Return *text* for a line about it; of a long one, its beginning and how long it is.

    Not escaped: the line is, as a whole.
    """
    if len(text) <= LONGEST_REPEATED:
        return text
    return f"{text[:LONGEST_REPEATED]}… ({len(text):,} characters)"


def messages_are(count: int) -> str:
    """Return *count* as the beginning of a sentence: ``1 message is``, ``14 messages are``."""
    return count_of(count, "message is", "messages are")


def answered(lag: Lag) -> str:
    """Return the answer to a ping that somebody asked for."""
    return f"the server answers after {lag.seconds * 1000:.1f} ms"


def _link(event: LinkLost | Reconnecting) -> str:
    if isinstance(event, Reconnecting):
        return f"connecting again, try {event.attempt}"
    if event.retry_in is None:
        return f"connection lost: {escape(event.reason)}"
    wait = f"in {event.retry_in:.0f} s" if event.retry_in >= 1 else "in a moment"
    return f"connection lost ({escape(event.reason)}); next try {wait}"


NICK_COLOURS = ("cyan", "green", "yellow", "blue", "magenta", "red", "bright_cyan", "bright_green")
"""Chosen to be readable on light and dark terminals; the tone says the rest."""


def nick_colour(nick: str) -> str:
    """Return the colour of *nick*, the same in every run and every client."""
    return NICK_COLOURS[zlib.crc32(nick.casefold().encode(errors="replace")) % len(NICK_COLOURS)]


_STYLES = {
    Tone.CHAT: ("", ""),
    Tone.OWN: ("bold", ""),
    Tone.DIRECT: ("magenta", ""),
    Tone.PRESENCE: ("dim", "dim"),
    Tone.NOTICE: ("cyan", ""),
    Tone.TROUBLE: ("bold red", "red"),
}


def rich_line(line: Line) -> "Text":
    """Return *line* as Rich text, its nick in the nick's colour. Nothing in it is markup."""
    from rich.text import Text

    head, text = _STYLES[line.tone]
    if line.nick and line.tone is Tone.CHAT:
        head = nick_colour(line.nick)
    return Text.assemble((line.head, head), (line.text, text))
