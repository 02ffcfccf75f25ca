"""The first packet: who comes in, under which nick, as whom. docs/protocol.md, "Negotiation"."""

from collections.abc import Sequence

from chatctl.errors import ErrorCode, MalformedPayload
from chatctl.session.names import nearest_nick, nick_fault, room_fault, same_name
from chatctl.session.server.house import House
from chatctl.session.server.peer import Member, Peer, Received
from chatctl.session.server.reading import Catching, CatchUp
from chatctl.session.server.requests import nick_refusal
from chatctl.session.server.rooms import Room
from chatctl.session.server.seats import Seat
from chatctl.session.server.state import State
from chatctl.session.server.words import pair_key
from chatctl.wire.codec import decode_each_base_to_server, decode_each_to_server
from chatctl.wire.packets import (
    LOBBY,
    VERSION,
    BaseHello,
    Capability,
    Hello,
    Resume,
    Welcome,
)

OFFERED = tuple(Capability)


def first_packets(payloads: list[bytes]) -> Sequence[Received]:
    """Return the packets a newcomer sent; for a payload that is none, the error.

    What only the extension knows may hold anything as long as the base protocol can read it.
    """
    packets: Sequence[Received] = decode_each_to_server(payloads)
    if any(isinstance(packet, MalformedPayload) for packet in packets):
        packets = decode_each_base_to_server(payloads)
    return packets


def welcome(house: House, catching: Catching, peer: Peer, hello: Hello | BaseHello) -> None:
    """Let *peer* in as its *hello* asks for, or tell an extended one why not."""
    if isinstance(hello, Hello) and hello.v >= VERSION:
        _welcome_extended(house, catching, peer, hello)
    else:
        _welcome_base(house, peer, hello.nick)


def _welcome_base(house: House, peer: Peer, wanted: str) -> None:
    longest = house.limits.nick
    nick = wanted
    if nick_fault(
        wanted, longest, unicode_nicks=house.rules.unicode_nicks
    ) or not house.nicks.is_free(wanted):
        nick = nearest_nick(wanted, longest, house.nicks.is_free)
        house.note("nick.changed", peer, wanted=wanted, given=nick)
    peer.state = State.BASE
    peer.is_base = True
    peer.deaf_to_self = not house.rules.echo
    house.nicks.give(peer, nick)
    house.note("peer.joined", peer, dialect="base")
    house.enter(peer, house.room(LOBBY))


def _welcome_extended(house: House, catching: Catching, peer: Peer, hello: Hello) -> None:
    peer.is_base = False
    caps = tuple(cap for cap in OFFERED if not hello.caps or cap in hello.caps)
    seat = house.seats.by_token(hello.resume.token) if hello.resume else None
    resumed = seat is not None
    refusal = nick_refusal(house, seat, hello.nick, "")
    if refusal is not None:
        house.refuse(peer, refusal)
        return
    seat = seat or house.seats.new()
    before = house.peers.get(seat.conn)
    seat.conn = peer.conn  # first: whoever goes with a seat of its own takes that along
    if before is not None:
        house.expel(before, ErrorCode.REPLACED, "the session goes on over another connection")
    house.nicks.release(seat)
    peer.state = State.EXTENDED
    peer.caps = frozenset(caps)
    peer.seat = seat
    house.nicks.give(peer, hello.nick)
    house.note("peer.joined", peer, dialect="extended", session=seat.session, resumed=resumed)
    house.tell(
        peer,
        Welcome(
            VERSION,
            house.rules.server,
            peer.nick,
            caps,
            house.limits.as_dict(),
            seat.session,
            house.seats.token(seat) if Capability.RESUME in caps else "",
            resumed,
            house.clock.time,
        ),
    )
    _enter_all(house, catching, peer, hello.resume if resumed else None)


def _enter_all(house: House, catching: Catching, peer: Peer, resume: Resume | None) -> None:
    """Make *peer* a member of the lobby, or of the rooms it was in, with what it missed."""
    seen = dict(resume.rooms) if resume else {}
    rooms = [name for name in seen if not room_fault(name, house.limits.room_name)]
    for name in rooms[: house.limits.rooms] or [LOBBY]:
        room = house.room(name)
        start = room.window.end
        member = house.enter(peer, room)
        if name in seen:
            member.cursor = start
            catching.begin(CatchUp(member, name, seen[name], room.last + 1))
    if resume is not None and peer.seat is not None:
        _rejoin_conversations(house, catching, peer, peer.seat, seen)


def _rejoin_conversations(
    house: House, catching: Catching, peer: Peer, seat: Seat, seen: dict[str, int]
) -> None:
    for name in seen:
        other = house.nicks.holder(name[1:]) if name.startswith("@") else None
        session = other.session if other is not None else ""
        if session:
            seat.partners.setdefault(same_name(name[1:]), pair_key(seat.session, session))
    last_seen = {same_name(name[1:]): seq for name, seq in seen.items() if name.startswith("@")}
    for nick, key in seat.partners.items():
        room = house.room(key)
        after = last_seen.get(nick, seat.missed_from.get(key, 0))
        member = _rejoin(house, peer, room)
        catching.begin(CatchUp(member, f"@{nick}", after, room.last + 1))


def _rejoin(house: House, peer: Peer, room: Room) -> Member:
    return house.sit(peer, room, room.window.end)
