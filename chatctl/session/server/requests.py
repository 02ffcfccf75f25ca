"""What each packet of a peer that has said hello means. docs/protocol.md, section "Packets"."""

from collections.abc import Sequence
from typing import assert_never

from chatctl.errors import ErrorCode
from chatctl.session.names import nearest_nick, nick_fault, room_fault
from chatctl.session.server.checks import has_sound_id, is_granted, is_member
from chatctl.session.server.house import House
from chatctl.session.server.leaving import say_goodbye
from chatctl.session.server.pages import fitting
from chatctl.session.server.peer import Peer
from chatctl.session.server.reading import history
from chatctl.session.server.rooms import nicks_of
from chatctl.session.server.seats import Seat
from chatctl.session.server.state import State
from chatctl.session.server.words import say, say_base, tell, topic
from chatctl.wire.packets import (
    LOBBY,
    Act,
    AskHistory,
    AskRooms,
    AskWho,
    BaseExit,
    BaseSay,
    Bye,
    Capability,
    ChangeNick,
    Enter,
    Error,
    Exit,
    NickChange,
    Packet,
    Ping,
    Pong,
    Rooms,
    Say,
    SetTopic,
    Tell,
    Who,
)

SPOKEN = frozenset({Say, Act})
NAMES_PER_PAGE = 500


def obey(house: House, peer: Peer, run: Sequence[Packet]) -> None:
    """Carry out *run*, packets of one type that *peer* was allowed to send now."""
    kind = type(run[0])
    if kind is BaseSay:
        say_base(house, peer, run)  # type: ignore[arg-type]
    elif kind in SPOKEN:
        say(house, peer, run)  # type: ignore[arg-type]
    else:
        for packet in run:
            if peer.state is not State.CLOSING:
                _obey_one(house, peer, packet)


def _obey_one(house: House, peer: Peer, packet: Packet) -> None:
    match packet:
        case BaseExit():
            house.close(peer, "", hold=False)
        case Bye(reason=reason):
            say_goodbye(house, peer, reason)
        case Ping(request):
            house.tell(peer, Pong(request))
        case (
            Tell()
            | Enter()
            | Exit()
            | AskRooms()
            | AskWho()
            | ChangeNick()
            | SetTopic()
            | AskHistory()
        ):
            if has_sound_id(house, peer, packet.id):
                _request(house, peer, packet)
        case _:
            pass  # a pong, or a second hello: heard, and no more


def _request(
    house: House,
    peer: Peer,
    packet: Tell | Enter | Exit | AskRooms | AskWho | ChangeNick | SetTopic | AskHistory,
) -> None:
    match packet:
        case Tell():
            tell(house, peer, packet)
        case Enter() | Exit():
            _move(house, peer, packet)
        case SetTopic():
            topic(house, peer, packet)
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
            if is_granted(house, peer, Capability.HISTORY, packet.id):
                history(house, peer, packet)
        case _:
            assert_never(packet)


# ---------------------------------------------------------------- rooms


def _move(house: House, peer: Peer, packet: Enter | Exit) -> None:
    match packet:
        case Exit("", _):
            house.close(peer, "", hold=False)
        case Exit(name, request):
            if is_member(house, peer, name, request):
                house.exit(peer, house.rooms[name], request)
        case Enter(name, request):
            if not is_granted(house, peer, Capability.ROOMS, request):
                return
            fault = _entry_fault(house, peer, name, request)
            if fault is not None:
                house.refuse(peer, fault)
            else:
                house.enter(peer, house.room(name), request)


def _entry_fault(house: House, peer: Peer, name: str, request: str) -> Error | None:
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
    page = fitting(map(house.room_info, names[:NAMES_PER_PAGE]))
    return Rooms(page, more=len(names) > len(page), id=request)


def _who(house: House, peer: Peer, name: str, after: str, request: str) -> None:
    if not is_member(house, peer, name, request):
        return
    nicks = nicks_of(house.rooms[name])
    if after:
        nicks = [nick for nick in nicks if nick.lower() > after.lower()]
    page = fitting(nicks[:NAMES_PER_PAGE])
    house.tell(peer, Who(name, page, more=len(nicks) > len(page), id=request))


# ---------------------------------------------------------------- nicks and capabilities


def _change_nick(house: House, peer: Peer, packet: ChangeNick) -> None:
    fault = nick_refusal(house, peer.seat, packet.nick, packet.id)
    if fault is not None:
        house.refuse(peer, fault)
        return
    old = peer.nick
    house.rename(peer, packet.nick)
    house.tell(peer, NickChange(old, packet.nick, time=house.clock.time, id=packet.id))


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
