"""The conversation in a capture, as the people in it saw it, each thing once.

A server sends what was said to everybody; a capture of the server holds every copy. A thing is
shown when one connection has got it more often than it was shown so far.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from chatctl.capture.items.item import Item, What
from chatctl.view.counts import count_of
from chatctl.view.dialect import Dialect
from chatctl.view.escape import escape, escape_name
from chatctl.wire.packets import (
    LOBBY,
    Action,
    Chat,
    Direct,
    Gap,
    Join,
    Leave,
    NickChange,
    Packet,
    Topic,
    Unknown,
)

MAX_REMEMBERED = 10_000
"""Things said of which copies are awaited."""

MAX_COPIES = 500_000
"""Copies of them remembered, each the number of a connection."""

Key = int
"""The hash of a thing said, which may be long; nobody can aim at it."""

Listener = tuple[int, int]
"""A connection, and the hash of the room: some things are heard once in each."""


@dataclass(slots=True)
class _Shown:
    times: int = 0
    heard: dict[Listener, int] = field(default_factory=dict)


class Talk:
    """Makes the lines of a transcript."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._shown: OrderedDict[Key, _Shown] = OrderedDict()
        self._copies = 0
        self._dialect = Dialect()

    def lines(self, item: Item) -> Iterator[str]:
        """Yield the line that *item* adds to the transcript, if any."""
        if item.what is What.GAP:
            yield f"-- {escape(item.note)} (connection {item.record.conn}) --"
        packet = self._dialect.understood(item)
        line = said(packet) if packet is not None else ""
        room = packet.room if isinstance(packet, NickChange) else ""
        said_so = hash((packet.__class__.__name__, line))
        if line and self._is_new(said_so, (item.record.conn, hash(room))):
            yield line

    def _is_new(self, key: Key, listener: Listener) -> bool:
        shown = self._shown.setdefault(key, _Shown())
        self._shown.move_to_end(key)
        self._copies += listener not in shown.heard
        heard = shown.heard[listener] = shown.heard.get(listener, 0) + 1
        if len(self._shown) > MAX_REMEMBERED or self._copies > MAX_COPIES:
            self._copies -= len(self._shown.popitem(last=False)[1].heard)
        if heard <= shown.times:
            return False
        shown.times = heard
        return True


def said(packet: Packet | Unknown) -> str:
    """Return how a client shows *packet*, empty for what it does not show."""
    match packet:
        case Chat():
            return f"{_place(packet.room)}{escape_name(packet.nick)}: {escape(packet.message)}"
        case Action():
            return f"{_place(packet.room)}* {escape_name(packet.nick)} {escape(packet.message)}"
        case Direct():
            ends = f"{escape_name(packet.nick)} -> {escape_name(packet.to)}"
            return f"{ends}: {escape(packet.message)}"
        case _:
            return _news(packet)


def _news(packet: Packet | Unknown) -> str:
    match packet:
        case Join():
            return f"*** {escape_name(packet.nick)} has joined {_where(packet.room)}"
        case Leave():
            return f"*** {escape_name(packet.nick)} has left {_where(packet.room)}"
        case NickChange():
            return f"*** {escape_name(packet.nick)} is now known as {escape_name(packet.to)}"
        case Topic(topic=topic) if topic and packet.nick:
            return f"*** topic of {_where(packet.room)}: {escape(topic)}"
        case Gap():
            missing = count_of(packet.last - packet.first + 1, "message")
            return f"-- {missing} missing: {escape(packet.reason)} --"
        case _:
            return ""


def _place(room: str) -> str:
    return "" if room in ("", LOBBY) else f"[{escape_name(room)}] "


def _where(room: str) -> str:
    return "the chat" if room in ("", LOBBY) else escape_name(room)
