"""Flood control: what a metered peer sends is weighed, delayed, and at last refused.

docs/protocol.md, section "Limits".
"""

import heapq
from enum import Enum, auto

from chatctl.errors import ErrorCode
from chatctl.session.server.actions import Pause, Resume
from chatctl.session.server.house import House
from chatctl.session.server.peer import Peer, Received
from chatctl.session.server.state import MAY_SEND
from chatctl.wire.packets import Act, BaseHello, BaseSay, Bye, Error, Hello, Ping, Pong, Say, Tell

TALK = frozenset({Say, Act, Tell, BaseSay})
FREE = frozenset({Bye, Ping, Pong, Hello, BaseHello})
COST_OF_A_QUESTION = 0.1


class Verdict(Enum):
    """What becomes of a packet."""

    OBEY = auto()
    HOLD = auto()
    DROP = auto()


class FloodControl:
    """Weighs packets, and knows which peers wait until when."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._held: list[tuple[float, int]] = []

    def judge(self, peer: Peer, packet: Received) -> Verdict:
        """Return what becomes of *packet* now. One that is dropped was refused; base peers wait."""
        kind = type(packet)
        if not peer.metered or kind in FREE or kind not in MAY_SEND[peer.state]:
            return Verdict.OBEY
        wait = peer.bucket.wait(self._house.clock.now)
        if not wait:
            peer.bucket.take(1 if kind in TALK else COST_OF_A_QUESTION)
            return Verdict.OBEY
        late = self._house.clock.now + wait - peer.waiting_since > self._house.limits.rate_delay
        if late and not peer.is_base:
            self._refuse(peer, packet, wait)
            return Verdict.DROP
        self._hold(peer, wait)
        return Verdict.HOLD

    def is_beyond_measure(self, peer: Peer) -> bool:
        """Count a packet that makes no sense; return whether *peer* has sent too many of them."""
        if not peer.metered:
            return False
        peer.bucket.take(1)
        return peer.bucket.wait(self._house.clock.now) > self._house.limits.rate_delay

    def let_go_on(self, peer: Peer) -> None:
        """Read from *peer* again, if it was made to wait: all it sent has been obeyed."""
        if peer.paused:
            peer.paused = False
            self._house.act(Resume(peer.conn))

    def deadline(self) -> float | None:
        """When the first of those who wait may go on; None if nobody waits."""
        return self._held[0][0] if self._held else None

    def next_due(self) -> int:
        """Return a connection whose time to wait is over, once; 0 if there is none."""
        if self._held and self._held[0][0] <= self._house.clock.now:
            return heapq.heappop(self._held)[1]
        return 0

    def _refuse(self, peer: Peer, packet: Received, wait: float) -> None:
        limit, retry_after = self._house.limits.rate, round(wait, 3)
        problem = f"more than {limit:g} a second"
        request = getattr(packet, "id", "")
        error = Error(ErrorCode.RATE_LIMITED, problem, request, limit, retry_after=retry_after)
        self._house.refuse(peer, error)

    def _hold(self, peer: Peer, wait: float) -> None:
        """Go on with *peer* after *wait* seconds, and read nothing from it until then."""
        heapq.heappush(self._held, (self._house.clock.now + wait, peer.conn))
        if not peer.paused:
            peer.paused = True
            self._house.counters.delayed += 1
            self._house.act(Pause(peer.conn))
