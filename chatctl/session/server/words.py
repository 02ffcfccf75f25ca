"""What peers say: into the log of a room, or of a conversation. docs/protocol.md, "Packets".

Words come in runs: what one peer said in one read of its socket is checked word by word and goes
on its way as a whole.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from chatctl.errors import ErrorCode
from chatctl.session.entries import Draft, EntryKind
from chatctl.session.names import same_name
from chatctl.session.server.checks import has_sound_id, is_granted, is_member
from chatctl.session.server.house import House
from chatctl.session.server.peer import Peer
from chatctl.session.server.rooms import Room
from chatctl.session.server.seats import Seat
from chatctl.wire.packets import LOBBY, Act, BaseSay, Capability, Error, Say, SetTopic, Tell, Topic

OCTETS_OF_A_CHARACTER = 4  # at most, in UTF-8


def say_base(house: House, peer: Peer, run: Sequence[BaseSay]) -> None:
    """Say *run* in the lobby but for what is too long, of which a base peer cannot be told."""
    nick, conn = peer.nick, peer.conn
    kind = EntryKind.CHAT
    surely_fits = house.limits.text // OCTETS_OF_A_CHARACTER
    drafts = []
    for packet, time in zip(run, house.clock.times(len(run)), strict=True):
        message = packet.message
        if len(message) > surely_fits and (fault := _too_long(house, message)):
            house.refuse(peer, fault)
        else:
            drafts.append(Draft(LOBBY, kind, nick, message, time, conn))
    house.say(drafts)


def say(house: House, peer: Peer, run: Iterable[Say | Act]) -> None:
    """Say *run*, the words of an extended peer, in the rooms they are for."""
    drafts = []
    for packet in run:
        room = packet.room or LOBBY
        if has_sound_id(house, peer, packet.id) and is_member(house, peer, room, packet.id):
            kind = EntryKind.CHAT if isinstance(packet, Say) else EntryKind.ACTION
            draft = _draft(house, peer, room, kind, packet.message, packet.id)
            if _is_new(house, peer, draft):
                drafts.append(draft)
    house.say(drafts)


def tell(house: House, peer: Peer, packet: Tell) -> None:
    """Say *packet* to one nick alone."""
    if not is_granted(house, peer, Capability.DIRECT, packet.id):
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
    if _is_new(house, peer, draft):
        house.say([replace(draft, to=other.nick)])


def topic(house: House, peer: Peer, packet: SetTopic) -> None:
    """Set the topic of a room, or tell it."""
    name = packet.room or LOBBY
    if not is_member(house, peer, name, packet.id):
        return
    if packet.topic is None:
        newest = house.rooms[name].topic
        told = newest.packet() if newest else None
        known = told if isinstance(told, Topic) else Topic(name)
        house.tell(peer, Topic(name, known.topic, known.nick, known.seq, known.time, packet.id))
    elif (size := len(packet.topic)) > (limit := house.limits.topic):
        problem = f"a topic has at most {limit} characters, this one {size}"
        code = ErrorCode.TEXT_TOO_LONG
        house.refuse(peer, Error(code, problem, packet.id, limit=limit, value=size))
    else:
        house.say([_draft(house, peer, name, EntryKind.TOPIC, packet.topic, packet.id)])


def _draft(
    house: House, peer: Peer, log: str, kind: EntryKind, message: str, request: str
) -> Draft:
    return Draft(log, kind, peer.nick, message, house.clock.time, peer.conn, peer.session, request)


def _is_new(house: House, peer: Peer, draft: Draft) -> bool:
    """Return whether *draft* may be said now; if not, *peer* was told why, or what became of it."""
    if not draft.message:
        fault: Error | None = Error(ErrorCode.TEXT_EMPTY, "there is nothing to say", draft.id)
    else:
        fault = _too_long(house, draft.message, draft.id)
    if fault is not None:
        house.refuse(peer, fault)
        return False
    if not draft.id or peer.seat is None:
        return True
    use = house.seats.used(peer.seat, draft.id, house.clock.now)
    if use is not None and use.entry is not None:
        house.tell(peer, use.entry.packet())
    return use is None


def _too_long(house: House, message: str, request: str = "") -> Error | None:
    size = len(message) if message.isascii() else len(message.encode())
    limit = house.limits.text
    if size <= limit:
        return None
    problem = f"a text has at most {limit} octets of UTF-8, this one {size}"
    return Error(ErrorCode.TEXT_TOO_LONG, problem, request, limit=limit, value=size)


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
