"""What each packet of a peer that has said hello means. docs/protocol.md, section "Packets"."""

from typing import assert_never

from msgspec.structs import replace

from chatctl.errors import ErrorCode
from chatctl.session.entries import Draft, EntryKind
from chatctl.session.names import nearest_nick, nick_fault, room_fault, same_name
from chatctl.session.server.house import House
from chatctl.session.server.peer import Peer
from chatctl.session.server.reading import history
from chatctl.session.server.rooms import Room, nicks_of
from chatctl.session.server.seats import Seat
from chatctl.wire.packets import (
    LOBBY,
    Act,
    AskHistory,
    AskRooms,
    AskWho,
    BaseExit,
    BaseHello,
    BaseSay,
    BaseToServer,
    Bye,
    Capability,
    ChangeNick,
    Enter,
    Error,
    Exit,
    Hello,
    NickChange,
    Ping,
    Pong,
    Rooms,
    Say,
    SetTopic,
    Tell,
    Topic,
    ToServer,
    Who,
)

NAMES_PER_PAGE = 500
LONGEST_ID = 64


def obey(house: House, peer: Peer, packet: ToServer | BaseToServer) -> None:
    """Carry out *packet*, which *peer* was allowed to send now."""
    match packet:
        case BaseSay(message):
            _say_base(house, peer, message)
        case BaseExit():
            house.close(peer, "", hold=False)
        case Pong() | Hello() | BaseHello():
            pass
        case Ping(request):
            house.tell(peer, Pong(request))
        case Bye():
            house.close(peer, "", hold=False)
        case _:
            _request(house, peer, packet)


def _request(
    house: House,
    peer: Peer,
    packet: (
        Say | Act | Tell | Enter | Exit | AskRooms | AskWho | ChangeNick | SetTopic | AskHistory
    ),
) -> None:
    if len(packet.id) > LONGEST_ID:
        problem = "an id has at most 64 characters"
        house.refuse(peer, Error(ErrorCode.BAD_ID, problem, limit=LONGEST_ID, value=len(packet.id)))
        return
    match packet:
        case Say() | Act():
            _say(house, peer, packet)
        case Tell():
            _tell(house, peer, packet)
        case Enter() | Exit():
            _move(house, peer, packet)
        case SetTopic():
            _topic(house, peer, packet)
        case ChangeNick():
            _change_nick(house, peer, packet)
        case _:
            _ask(house, peer, packet)


def _ask(house: House, peer: Peer, packet: AskRooms | AskWho | AskHistory) -> None:
    match packet:
        case AskRooms(after, request):
            house.tell(peer, _rooms(house, after, request))
        case AskWho(room, after, request):
            _who(house, peer, room or LOBBY, after, request)
        case AskHistory():
            if _granted(house, peer, Capability.HISTORY, packet.id):
                history(house, peer, packet)
        case _:
            assert_never(packet)


# ---------------------------------------------------------------- words


def _say_base(house: House, peer: Peer, message: str) -> None:
    fault = _text_fault(house, message)
    if fault is not None and fault.code != ErrorCode.TEXT_EMPTY:
        house.refuse(peer, fault)
        return
    house.say(Draft(LOBBY, EntryKind.CHAT, peer.nick, message, house.time, conn=peer.conn))


def _say(house: House, peer: Peer, packet: Say | Act) -> None:
    room = packet.room or LOBBY
    if room not in peer.memberships:
        problem = f"you are not in the room {room}"
        house.refuse(peer, Error(ErrorCode.NOT_IN_ROOM, problem, packet.id))
        return
    kind = EntryKind.CHAT if isinstance(packet, Say) else EntryKind.ACTION
    _publish(house, peer, _draft(house, peer, room, kind, packet.message, packet.id))


def _publish(house: House, peer: Peer, draft: Draft) -> None:
    """Put the words of an extended peer on their way, unless they already are."""
    fault = _text_fault(house, draft.message, draft.id)
    if fault is not None:
        house.refuse(peer, fault)
        return
    if draft.id and peer.seat is not None:
        use = house.seats.used(peer.seat, draft.id, house.now)
        if use is not None:
            if use.entry is not None:
                house.tell(peer, use.entry.packet())
            return
    house.say(draft)


def _text_fault(house: House, message: str, request: str = "") -> Error | None:
    if not message:
        return Error(ErrorCode.TEXT_EMPTY, "there is nothing to say", request)
    size = len(message) if message.isascii() else len(message.encode())
    if size <= house.limits.text:
        return None
    problem = f"a text has at most {house.limits.text} octets of UTF-8, this one {size}"
    return Error(ErrorCode.TEXT_TOO_LONG, problem, request, limit=house.limits.text, value=size)


def _draft(
    house: House, peer: Peer, log: str, kind: EntryKind, message: str, request: str = ""
) -> Draft:
    session = peer.seat.session if peer.seat else ""
    return Draft(log, kind, peer.nick, message, house.time, session, request, conn=peer.conn)


# ---------------------------------------------------------------- direct messages


def _tell(house: House, peer: Peer, packet: Tell) -> None:
    if not _granted(house, peer, Capability.DIRECT, packet.id):
        return
    other = house.nicks.holder(packet.to)
    if other is None:
        problem = f"nobody here is called {packet.to}"
        house.refuse(peer, Error(ErrorCode.NO_SUCH_NICK, problem, packet.id))
        return
    seat = other.seat if isinstance(other, Peer) else other
    if seat is None or (isinstance(other, Peer) and not other.may(Capability.DIRECT)):
        problem = f"the client of {other.nick} cannot be sent direct messages"
        house.refuse(peer, Error(ErrorCode.UNSUPPORTED, problem, packet.id))
        return
    room = _pair(house, peer, seat)
    draft = _draft(house, peer, room.key, EntryKind.DIRECT, packet.message, packet.id)
    _publish(house, peer, replace(draft, to=other.nick))


def pair_key(one: str, other: str) -> str:
    """Return the key of the log of direct messages between two sessions."""
    return "@" + "+".join(sorted((one, other)))


def _pair(house: House, peer: Peer, other: Seat) -> Room:
    """Return the conversation of *peer* with *other*, with those of the two in it who are here."""
    if peer.seat is None:
        raise AssertionError("an extended peer has a seat")
    room = house.room(pair_key(peer.session, other.session))
    peer.seat.partners[same_name(other.nick)] = room.key
    other.partners[same_name(peer.nick)] = room.key
    for member in (peer, house.peers.get(other.conn)):
        if member is not None and member.conn not in room.members:
            house.sit(member, room, room.next_position())
    return room


# ---------------------------------------------------------------- rooms


def _move(house: House, peer: Peer, packet: Enter | Exit) -> None:
    match packet:
        case Exit("", _):
            house.close(peer, "", hold=False)
        case Exit(name, request):
            if name not in peer.memberships:
                problem = f"you are not in the room {name}"
                house.refuse(peer, Error(ErrorCode.NOT_IN_ROOM, problem, request))
            else:
                house.exit(peer, house.rooms[name], request)
        case Enter(name, request):
            fault = _entry_fault(house, peer, name, request)
            if fault is not None:
                house.refuse(peer, fault)
            else:
                house.enter(peer, house.room(name), request)


def _entry_fault(house: House, peer: Peer, name: str, request: str) -> Error | None:
    if not peer.may(Capability.ROOMS):
        problem = "the capability 'rooms' was not asked for in the hello"
        return Error(ErrorCode.UNSUPPORTED, problem, request)
    if problem := room_fault(name, house.limits.room_name):
        return Error(ErrorCode.BAD_ROOM, problem, request)
    if name in peer.memberships:
        return Error(ErrorCode.BAD_ROOM, f"you are in the room {name} already", request)
    rooms = sum(not key.startswith("@") for key in peer.memberships)
    if rooms >= house.limits.rooms:
        problem = f"one can be in {house.limits.rooms} rooms at a time"
        return Error(
            ErrorCode.TOO_MANY_ROOMS, problem, request, limit=house.limits.rooms, value=rooms
        )
    return None


def _rooms(house: House, after: str, request: str) -> Rooms:
    names = [name for name in house.known_rooms() if name > after]
    page = tuple(map(house.room_info, names[:NAMES_PER_PAGE]))
    return Rooms(page, more=len(names) > NAMES_PER_PAGE, id=request)


def _who(house: House, peer: Peer, name: str, after: str, request: str) -> None:
    if name not in peer.memberships:
        problem = f"you are not in the room {name}"
        house.refuse(peer, Error(ErrorCode.NOT_IN_ROOM, problem, request))
        return
    nicks = nicks_of(house.rooms[name])
    if after:
        nicks = [nick for nick in nicks if nick.lower() > after.lower()]
    page = tuple(nicks[:NAMES_PER_PAGE])
    house.tell(peer, Who(name, page, more=len(nicks) > NAMES_PER_PAGE, id=request))


def _topic(house: House, peer: Peer, packet: SetTopic) -> None:
    name = packet.room or LOBBY
    if name not in peer.memberships:
        problem = f"you are not in the room {name}"
        house.refuse(peer, Error(ErrorCode.NOT_IN_ROOM, problem, packet.id))
        return
    if packet.topic is None:
        newest = house.rooms[name].topic
        topic = newest.packet() if newest else None
        known = topic if isinstance(topic, Topic) else Topic(name)
        house.tell(peer, Topic(name, known.topic, known.nick, known.seq, known.time, packet.id))
        return
    if len(packet.topic) > house.limits.topic:
        problem = (
            f"a topic has at most {house.limits.topic} characters, this one {len(packet.topic)}"
        )
        limit, value = house.limits.topic, len(packet.topic)
        house.refuse(
            peer, Error(ErrorCode.TEXT_TOO_LONG, problem, packet.id, limit=limit, value=value)
        )
        return
    house.say(_draft(house, peer, name, EntryKind.TOPIC, packet.topic, packet.id))


# ---------------------------------------------------------------- nicks and capabilities


def _change_nick(house: House, peer: Peer, packet: ChangeNick) -> None:
    fault = nick_refusal(house, peer.seat, packet.nick, packet.id)
    if fault is not None:
        house.refuse(peer, fault)
        return
    old = peer.nick
    house.rename(peer, packet.nick)
    house.tell(peer, NickChange(old, packet.nick, time=house.time, id=packet.id))


def nick_refusal(house: House, seat: Seat | None, nick: str, request: str) -> Error | None:
    """Return why the owner of *seat* cannot be called *nick*, None if they can."""
    longest = house.limits.nick
    problem = nick_fault(nick, longest, unicode_nicks=house.rules.unicode_nicks)
    code = ErrorCode.BAD_NICK
    if not problem:
        if house.nicks.is_free(nick, seat):
            return None
        code, problem = ErrorCode.NICK_TAKEN, f"somebody is called {nick} already"
    return Error(
        code, problem, request, suggestion=nearest_nick(nick, longest, house.nicks.is_free)
    )


def _granted(house: House, peer: Peer, capability: Capability, request: str) -> bool:
    if peer.may(capability):
        return True
    problem = f"the capability '{capability}' was not asked for in the hello"
    house.refuse(peer, Error(ErrorCode.UNSUPPORTED, problem, request))
    return False
