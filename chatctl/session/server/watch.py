"""What becomes of peers that take too long. docs/protocol.md, section "Limits"."""

from chatctl.errors import ErrorCode
from chatctl.session.server.house import House
from chatctl.session.server.peer import Peer
from chatctl.session.server.state import State
from chatctl.wire.packets import Ping


def overdue(house: House, peer: Peer) -> None:
    """Ping *peer* if it has been silent, expel it if it is over one of its times."""
    if peer.state is State.CLOSING:
        return
    limits, now = house.limits, house.clock.now
    if peer.state is State.CONNECTED:
        if now - peer.opened >= limits.hello_timeout:
            reason = f"no hello within {limits.hello_timeout:g} s"
            house.expel(peer, ErrorCode.HELLO_TIMEOUT, reason)
    elif (
        peer.deframer.pending
        and not (peer.paused or peer.ended)
        and now - peer.frame_since >= limits.frame_timeout
    ):
        reason = f"a frame was not complete within {limits.frame_timeout:g} s"
        house.expel(peer, ErrorCode.FRAME_TIMEOUT, reason, retry_after=0.0)
    elif peer.blocked:
        _behind(house, peer)
    elif not (peer.is_base or peer.paused or peer.ended):
        _silent(house, peer)


def _behind(house: House, peer: Peer) -> None:
    """Expel a peer that has not read for too long while one of its rooms moved, or has ended."""
    timeout = house.limits.behind_timeout
    if house.clock.now - peer.behind_since < timeout:
        return
    if peer.ended:
        house.close(peer, "", hold=False)
        return
    rooms = (house.rooms[key] for key in peer.memberships)
    if any(room.moved > peer.behind_since for room in rooms):
        reason = f"behind for {timeout:g} s"
        house.expel(peer, ErrorCode.SLOW_READER, reason, retry_after=0.0)


def _silent(house: House, peer: Peer) -> None:
    silence = house.clock.now - peer.heard
    if silence >= house.limits.dead_after:
        reason = f"nothing heard for {house.limits.dead_after:g} s"
        house.expel(peer, ErrorCode.PING_TIMEOUT, reason, retry_after=0.0)
    elif silence >= house.limits.ping_after and not peer.pinged:
        peer.pinged = True
        house.tell(peer, Ping(f"p{int(house.clock.now)}"))
