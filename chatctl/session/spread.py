"""What is written at the end of a pass: a peer's own words, and a room's news to all its members.

Frames are joined once, and the same octets go to all members who stand at the same place.
"""

from collections.abc import Iterator

from chatctl.errors import ErrorCode
from chatctl.session.actions import Action, Close, Send
from chatctl.session.house import House
from chatctl.session.peer import Member, Peer
from chatctl.session.rooms import Room


def spread(house: House, room: Room) -> Iterator[Action]:
    """Yield the writes that bring the members of *room* forward, a slice each.

    A member that the write finds ready for more is served again in the next pass.
    """
    end = room.window.end
    groups: dict[tuple[int, int, bool], tuple[list[int], bytes, int]] = {}
    for member in list(room.members.values()):
        if member.cursor >= end or not member.reads:
            continue
        if member.cursor < room.window.start:
            _fell_off(house, member)
            continue
        until = _until(member, end)
        peer = member.peer
        if peer.deaf_to_self or room.unstored > member.cursor:
            data, position = room.window.slice_for(peer, member.cursor, until)
            group: tuple[list[int], bytes, int] = ([peer.conn], data, position)
            groups[member.cursor, -peer.conn, peer.is_base] = group
        else:
            key = (member.cursor, until, peer.is_base)
            known = groups.get(key)
            if known is None:
                data, position = room.window.slice(member.cursor, until, base=peer.is_base)
                known = groups[key] = ([], data, position)
            group = known
            group[0].append(peer.conn)
        house.counters.deliveries += group[2] - member.cursor
        _advance(house, room, member, group[2])
    for conns, data, _ in groups.values():
        if data:
            yield Send(conns, data)
    room.window.trim(room.slowest())


def _until(member: Member, end: int) -> int:
    for bound in (member.alone_until, member.last_position):
        if member.cursor < bound < end:
            end = bound
    return end


def _advance(house: House, room: Room, member: Member, position: int) -> None:
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
