"""What a request can be refused for whatever it asks; each check that fails has told the peer."""

from chatctl.errors import ErrorCode
from chatctl.session.server.house import House
from chatctl.session.server.peer import Peer
from chatctl.wire.packets import Capability, Error

LONGEST_ID = 64


def has_sound_id(house: House, peer: Peer, request: str) -> bool:
    """Return whether *request*, the id of a request, is short enough to be kept."""
    if len(request) <= LONGEST_ID:
        return True
    problem = f"an id has at most {LONGEST_ID} characters"
    house.refuse(peer, Error(ErrorCode.BAD_ID, problem, limit=LONGEST_ID, value=len(request)))
    return False


def is_member(house: House, peer: Peer, room: str, request: str) -> bool:
    """Return whether *peer* is in *room*."""
    if room in peer.memberships:
        return True
    problem = f"you are not in the room {room}"
    house.refuse(peer, Error(ErrorCode.NOT_IN_ROOM, problem, request))
    return False


def is_granted(house: House, peer: Peer, capability: Capability, request: str) -> bool:
    """Return whether *peer* asked for *capability* in its hello."""
    if peer.may(capability):
        return True
    problem = f"the capability '{capability}' was not asked for in the hello"
    house.refuse(peer, Error(ErrorCode.UNSUPPORTED, problem, request))
    return False
