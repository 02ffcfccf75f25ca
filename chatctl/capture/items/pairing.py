"""Which packet answers which: latency of requests, and how far what was said has spread.

An extended request is answered by the packet with its id, on its own connection. A base peer's
words are answered by their copy to itself. docs/protocol.md, "Requests and answers".
"""

from collections import OrderedDict
from dataclasses import dataclass

from msgspec import Struct

from chatctl.capture.record import Record
from chatctl.wire.packets import (
    Action,
    Chat,
    Direction,
    Hello,
    Packet,
    Say,
    Unknown,
    Welcome,
)

MAX_OPEN = 10_000
"""Requests remembered while unanswered, and sayings while they spread; the oldest are let go."""

_TO_SERVER = Direction.TO_SERVER
_SPREADING = frozenset({Chat, Action})

Key = tuple[int, str, str]


class Request(Struct, frozen=True, gc=False):
    """A request that waits for its answer."""

    at: int
    conn: int
    nick: str
    type: str


@dataclass(slots=True)
class Spread:
    """How one saying went round.

    Attributes:
        first: when its first copy was sent, nanoseconds since 1970.
        last: when its last copy was.
        copies: to how many connections.
        said: when its author sent it; 0 where that was not captured.
    """

    first: int
    last: int = 0
    copies: int = 0
    said: int = 0


class Pairing:
    """Matches answers to requests as the packets of a capture go by.

    Attributes:
        unanswered: requests without an answer so far, oldest first.
        spreads: finished and unfinished sayings, the newest ``MAX_OPEN``.
        forgotten: how many older ones of either were let go.
    """

    def __init__(self, *, spreads: bool = False) -> None:
        """Begin with nothing asked; follow how sayings spread only if that is wanted."""
        self._spreads = spreads
        self.unanswered: OrderedDict[Key, Request] = OrderedDict()
        self.spreads: OrderedDict[tuple[str, int], Spread] = OrderedDict()
        self.forgotten = 0

    def seen(self, record: Record, nick: str, packet: Packet | Unknown) -> int:
        """Take the next packet; return the nanoseconds since what it answers, -1 for nothing."""
        if record.direction is _TO_SERVER:
            self._asked(record, nick, packet)
            return -1
        answered = self._answer(record, nick, packet) if self.unanswered else None
        if self._spreads and packet.__class__ in _SPREADING and packet.seq:  # type: ignore[attr-defined]
            self._spread(record.at, packet, answered)  # type: ignore[arg-type]
        return record.at - answered.at if answered is not None else -1

    def _asked(self, record: Record, nick: str, packet: Packet | Unknown) -> None:
        key = _request_key(record.conn, packet)
        if key is None or key in self.unanswered:
            return
        kind = packet.type if isinstance(packet, Unknown) else str(packet.__struct_config__.tag)
        self.unanswered[key] = Request(record.at, record.conn, nick, kind)
        if len(self.unanswered) > MAX_OPEN:
            self.unanswered.popitem(last=False)
            self.forgotten += 1

    def _answer(self, record: Record, nick: str, packet: Packet | Unknown) -> Request | None:
        conn = record.conn
        if isinstance(packet, Welcome):
            return self.unanswered.pop((conn, "hello", ""), None)
        request = getattr(packet, "id", "")
        if request and (found := self.unanswered.pop((conn, "id", request), None)):
            return found
        if isinstance(packet, Chat) and packet.nick == nick:
            return self.unanswered.pop((conn, "said", packet.message), None)
        return None

    def _spread(self, at: int, packet: Chat | Action, answered: Request | None) -> None:
        key = packet.room, packet.seq
        spread = self.spreads.get(key)
        if spread is None:
            if len(self.spreads) >= MAX_OPEN:
                self.spreads.popitem(last=False)
                self.forgotten += 1
            spread = self.spreads[key] = Spread(at)
        if answered is not None:
            spread.said = answered.at
        spread.last = at
        spread.copies += 1


def _request_key(conn: int, packet: Packet | Unknown) -> Key | None:
    if isinstance(packet, Hello):
        return (conn, "hello", "") if packet.v else None
    if request := getattr(packet, "id", ""):
        return conn, "id", request
    if isinstance(packet, Say):
        return conn, "said", packet.message
    return None
