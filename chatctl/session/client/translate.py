"""Packets a server sent, as the events they are to a front. No state but whose names are ours."""

from collections.abc import Container

from chatctl.session.client.events import (
    Event,
    Hole,
    Joined,
    Left,
    Members,
    NickChanged,
    Page,
    Refused,
    RoomList,
    Said,
    Saying,
    TopicIs,
)
from chatctl.wire.packets import (
    LOBBY,
    Action,
    Chat,
    Direct,
    Error,
    Gap,
    History,
    Join,
    Leave,
    NickChange,
    Rooms,
    Topic,
    Who,
)

Numbered = Chat | Action | Direct | Topic


def place(packet: Numbered, names: Container[str]) -> str:
    """Return the ``room`` of an event for *packet*: ``@nick`` for direct messages."""
    if isinstance(packet, Direct):
        return f"@{packet.to if packet.nick in names else packet.nick}"
    return packet.room or LOBBY


def entry(packet: Numbered, names: Container[str], *, late: bool = False) -> Said | TopicIs:
    """Return *packet*, one message of a room's log, as an event."""
    room = place(packet, names)
    if isinstance(packet, Topic):
        return TopicIs(room, packet.topic, packet.nick, packet.seq, packet.time, packet.id)
    how, to = Saying.CHAT, ""
    if isinstance(packet, Direct):
        how, to = Saying.DIRECT, packet.to
    elif isinstance(packet, Action):
        how = Saying.ACTION
    return Said(
        packet.nick,
        packet.message,
        room,
        how,
        to,
        packet.seq,
        packet.time,
        packet.id,
        own=packet.nick in names,
        late=late,
    )


def presence(packet: Join | Leave | NickChange, names: Container[str]) -> Event:
    """Return a packet about somebody's coming, going or renaming as an event."""
    own = packet.nick in names
    room = packet.room or LOBBY
    match packet:
        case Join():
            return Joined(packet.nick, room, own, packet.time, packet.id)
        case Leave():
            return Left(packet.nick, room, packet.reason, own, packet.time, packet.id)
        case NickChange():
            own = own or packet.to in names
            return NickChanged(packet.nick, packet.to, packet.room, own, packet.time, packet.id)


def answer(packet: Who | Rooms | History, names: Container[str]) -> Event:
    """Return the answer to a question as an event."""
    match packet:
        case Who():
            return Members(packet.room or LOBBY, packet.nicks, packet.more, packet.id)
        case Rooms():
            return RoomList(packet.rooms, packet.more, packet.id)
        case History():
            entries = tuple(entry(each, names) for each in packet.entries)
            return Page(packet.room or LOBBY, entries, packet.more, packet.id)


def hole(packet: Gap) -> Hole:
    """Return a gap as an event."""
    return Hole(packet.room or LOBBY, packet.first, packet.last, packet.reason)


def refusal(packet: Error) -> Refused:
    """Return an error as an event."""
    return Refused(
        packet.code,
        packet.message,
        packet.id,
        packet.limit,
        packet.value,
        packet.retry_after,
        packet.suggestion,
    )
