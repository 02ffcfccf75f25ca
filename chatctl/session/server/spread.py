"""What is written at the end of a pass: a peer's own words, and a room's news to all its members.

Frames are joined once, and the same octets go to all members who stand at the same place.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from chatctl.errors import ErrorCode
from chatctl.session.server.actions import Action, Close, Send
from chatctl.session.server.house import House
from chatctl.session.server.peer import Member, Peer
from chatctl.session.server.rooms import Room


def spread(house: House, room: Room) -> Iterator[Action]:
    """Yield the writes that bring the members of *room* forward, a slice each.

    A member that the write finds ready for more is served again in the next pass.
    """
    sends = [send for base in room.flocks for send in _lead(house, room, base=base)]
    sends += _serve(house, room)
    yield from sends
    room.window.trim(room.slowest())


def _lead(house: House, room: Room, *, base: bool) -> Iterator[Send]:
    """Bring all of a flock forward, which costs the same whatever their number."""
    window, flock = room.window, room.flocks[base]
    start = flock.cursor
    if not flock.members or start >= window.end:
        return
    if start < max(window.start, room.unstored):
        flock.scatter()  # what becomes of each is its own matter
        return
    data, flock.cursor = window.slice(start, window.end, base=base)
    house.counters.deliveries += (flock.cursor - start) * len(flock.members)
    if flock.cursor < window.end:
        house.touch(room)
    if data:
        yield Send(list(flock.members), data)


@dataclass(slots=True)
class Share:
    """The octets for all stragglers who stand at one place, and the position they reach."""

    data: bytes
    position: int
    conns: list[int] = field(default_factory=list)


def _serve(house: House, room: Room) -> list[Send]:
    """Bring the stragglers forward; those who have caught up join their flock."""
    window = room.window
    start, end = window.start, window.end
    shares: dict[object, Share] = {}
    for member in room.stragglers():
        cursor, peer = member.cursor, member.peer
        if cursor >= end or not member.reads:
            continue
        if cursor < start:
            _fell_off(house, member)
            continue
        # Most stand where others do; the key of those who are sent something else is their own.
        usual = _is_sent_all(member, room)
        key = (cursor, peer.is_base, member.last_position) if usual else member
        share = shares.get(key)
        if share is None:
            share = shares[key] = _share(room, member, end)
        share.conns.append(peer.conn)
        _advance(house, room, member, share.position)
        if member.last_position < 0 and _is_sent_all(member, room):
            member.join_flock(room.flocks[peer.is_base])
    return [Send(share.conns, share.data) for share in shares.values() if share.data]


def _is_sent_all(member: Member, room: Room) -> bool:
    """Return whether *member* is sent whatever others who stand where it stands are sent."""
    return (
        member.alone_until <= member.cursor
        and not member.peer.deaf_to_self
        and room.unstored <= member.cursor
    )


def _share(room: Room, member: Member, end: int) -> Share:
    peer, cursor = member.peer, member.cursor
    for bound in (member.alone_until, member.last_position):
        if cursor < bound < end:
            end = bound
    if peer.deaf_to_self or room.unstored > cursor:
        return Share(*room.window.slice_for(peer, cursor, end))
    return Share(*room.window.slice(cursor, end, base=peer.is_base))


def _advance(house: House, room: Room, member: Member, position: int) -> None:
    house.counters.deliveries += position - member.cursor
    member.cursor = position
    if 0 <= member.last_position <= position:
        house.drop(member)
    elif position < room.window.end:
        house.touch(room)


def _fell_off(house: House, member: Member) -> None:
    reason = "fell too far behind the room"
    house.expel(member.peer, ErrorCode.SLOW_READER, reason, retry_after=0.0)


def parting(peer: Peer) -> Iterator[Action]:
    """Yield what sends *peer* its own words, and closes it if it is to be closed."""
    if peer.outgoing:
        yield Send([peer.conn], b"".join(peer.outgoing))
        peer.outgoing = []
    if peer.closing:
        yield Close(peer.conn, peer.closing)
