"""What a packet says, in one line for people; of one item of a capture, the same.

Everything a peer wrote is escaped here.
"""

from collections.abc import Callable
from typing import Any

from chatctl.capture.items.item import Item, What
from chatctl.view.counts import count_of
from chatctl.view.escape import escape, escape_name
from chatctl.wire.packets import (
    LOBBY,
    Act,
    Action,
    AskHistory,
    AskRooms,
    AskWho,
    Bye,
    ChangeNick,
    Chat,
    Direct,
    Enter,
    Error,
    Exit,
    Gap,
    Hello,
    History,
    Join,
    Leave,
    NickChange,
    Packet,
    Ping,
    Pong,
    Rooms,
    Say,
    SetTopic,
    Tell,
    Topic,
    Unknown,
    Welcome,
    Who,
)


def summary(item: Item) -> str:
    """Return what *item* says, harmless and on one line."""
    packet = item.packet
    if packet is None:
        return _event(item)
    if isinstance(packet, Unknown):
        return escape(item.payload.decode(errors="replace"))
    text = _SUMMARIES[type(packet)](packet)
    return f"[found by search] {text}" if item.resynced else text


def _event(item: Item) -> str:
    if item.what is What.OPEN:
        ends = f"{item.record.client} to {item.record.server}" if item.record.client else ""
        return escape(f"{ends} ({item.note})" if item.note and ends else ends or item.note)
    if item.what in (What.MALFORMED, What.TRUNCATED):
        return f"{escape(item.note)}: {escape(repr(item.payload[:60])[1:])}"
    return escape(item.note)


def _place(room: str) -> str:
    return "" if room in ("", LOBBY) else f"[{escape_name(room)}] "


def _hello(packet: Hello) -> str:
    resume = ", resumes" if packet.resume else ""
    more = f" (v{packet.v}{''.join(f' {escape(cap)}' for cap in packet.caps)}{resume})"
    return escape_name(packet.nick) + (more if packet.v else "")


def _welcome(packet: Welcome) -> str:
    caps = "".join(f" {escape(cap)}" for cap in packet.caps)
    resumed = ", resumed" if packet.resumed else ""
    return f"{escape_name(packet.nick)} by {escape(packet.server)} (v{packet.v}{caps}{resumed})"


def _chat(packet: Chat) -> str:
    return f"{_place(packet.room)}{escape_name(packet.nick)}: {escape(packet.message)}"


def _history(packet: AskHistory) -> str:
    ends = (("after", packet.after), ("before", packet.before), ("limit", packet.limit))
    said = " ".join(f"{name} {value}" for name, value in ends if value)
    return f"{_place(packet.room)}{said or 'the newest'}"


def _leave(packet: Leave) -> str:
    reason = f" ({escape(packet.reason)})" if packet.reason else ""
    return f"{_place(packet.room)}{escape_name(packet.nick)} left{reason}"


def _topic(packet: Topic) -> str:
    who = f" (by {escape_name(packet.nick)})" if packet.nick else ""
    return f"[{escape_name(packet.room)}] {escape(packet.topic) or 'no topic'}{who}"


def _rooms(packet: Rooms) -> str:
    rooms = (f"{escape_name(row.room)} ({row.members})" for row in packet.rooms)
    return ", ".join(rooms) + (", and more" if packet.more else "")


def _entries(packet: History) -> str:
    more = ", more beyond" if packet.more else ""
    return f"{_place(packet.room)}{count_of(len(packet.entries), 'entry', 'entries')}{more}"


def _bye(packet: Bye) -> str:
    again = "" if packet.retry_after is None else f" (come back after {packet.retry_after:g} s)"
    return f"{escape(packet.reason or packet.code or 'goodbye')}{again}"


def _error(packet: Error) -> str:
    hint = f" (try {escape(packet.suggestion)})" if packet.suggestion else ""
    return f"{escape(packet.code)}: {escape(packet.message)}{hint}"


def _set_topic(packet: SetTopic) -> str:
    return _place(packet.room) + ("?" if packet.topic is None else escape(packet.topic))


_SUMMARIES: dict[type[Packet], Callable[[Any], str]] = {
    Hello: _hello,
    Say: lambda packet: _place(packet.room) + escape(packet.message),
    Act: lambda packet: f"{_place(packet.room)}* {escape(packet.message)}",
    Tell: lambda packet: f"to {escape_name(packet.to)}: {escape(packet.message)}",
    Enter: lambda packet: escape_name(packet.room),
    Exit: lambda packet: escape_name(packet.room) if packet.room else "goodbye",
    AskRooms: lambda packet: f"after {escape_name(packet.after)}" if packet.after else "all",
    AskWho: lambda packet: escape_name(packet.room or LOBBY),
    ChangeNick: lambda packet: escape_name(packet.nick),
    SetTopic: _set_topic,
    AskHistory: _history,
    Ping: lambda packet: escape(packet.id),
    Pong: lambda packet: escape(packet.id),
    Bye: _bye,
    Welcome: _welcome,
    Chat: _chat,
    Action: lambda packet: (
        f"{_place(packet.room)}* {escape_name(packet.nick)} {escape(packet.message)}"
    ),
    Direct: lambda packet: (
        f"{escape_name(packet.nick)} to {escape_name(packet.to)}: {escape(packet.message)}"
    ),
    Join: lambda packet: f"{_place(packet.room)}{escape_name(packet.nick)} joined",
    Leave: _leave,
    NickChange: lambda packet: f"{escape_name(packet.nick)} is now {escape_name(packet.to)}",
    Topic: _topic,
    Who: lambda packet: f"{_place(packet.room)}{', '.join(map(escape_name, packet.nicks))}",
    Rooms: _rooms,
    History: _entries,
    Gap: lambda packet: (
        f"{_place(packet.room)}{packet.first} to {packet.last}: {escape(packet.reason)}"
    ),
    Error: _error,
}
