"""Which packet answers which, and after how long.

An extended request is answered by the packet with its id, on its own connection. A base peer's
words are answered by their copy to itself. docs/protocol.md, "Requests and answers".
"""

from collections import OrderedDict

from msgspec import Struct

from chatctl.wire.packets import (
    Chat,
    Direction,
    Hello,
    Packet,
    Say,
    Unknown,
    Welcome,
)

MAX_OPEN = 10_000
"""Requests remembered while unanswered; the oldest are let go."""

_TO_SERVER = Direction.TO_SERVER

MAX_TYPE = 64
"""Characters kept of a type that somebody made up."""

Said = Packet | Unknown

Key = tuple[int, str, int]
"""A connection, what an answer is known by, and the hash of that: it may be long."""


class Request(Struct, frozen=True, gc=False):
    """A request that waits for its answer."""

    at: int
    conn: int
    nick: str
    type: str


class Pairing:
    """Matches answers to requests as the packets of a capture go by.

    Attributes:
        unanswered: requests without an answer so far, oldest first.
        waiting: how many of them each connection has; nothing answers any on the others.
        forgotten: how many older ones were let go.
    """

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self.unanswered: OrderedDict[Key, Request] = OrderedDict()
        self.waiting: dict[int, int] = {}
        self.forgotten = 0

    def seen(self, at: int, conn: int, direction: Direction, nick: str, packet: Said) -> int:
        """Take the next packet; return the nanoseconds since what it answers, -1 for nothing.

        It crossed *conn*, which was *nick* by then, *at* nanoseconds since 1970; 0 if that is not
        known, and then it answers nothing.
        """
        if not at:
            return -1
        if direction is _TO_SERVER:
            self._asked(at, conn, nick, packet)
            return -1
        answered = self._answer(conn, nick, packet) if conn in self.waiting else None
        return at - answered.at if answered is not None else -1

    def _asked(self, at: int, conn: int, nick: str, packet: Said) -> None:
        key = _request_key(conn, packet)
        if key is None or key in self.unanswered:
            return
        kind = packet.type if isinstance(packet, Unknown) else str(packet.__struct_config__.tag)
        self.unanswered[key] = Request(at, conn, nick, kind[:MAX_TYPE])
        self.waiting[conn] = self.waiting.get(conn, 0) + 1
        if len(self.unanswered) > MAX_OPEN:
            self._take(next(iter(self.unanswered)))
            self.forgotten += 1

    def _answer(self, conn: int, nick: str, packet: Said) -> Request | None:
        if isinstance(packet, Welcome):
            return self._take((conn, "hello", 0))
        request = getattr(packet, "id", "")
        if request and (found := self._take((conn, "id", hash(request)))):
            return found
        if isinstance(packet, Chat) and packet.nick == nick:
            return self._take((conn, "said", hash(packet.message)))
        return None

    def _take(self, key: Key) -> Request | None:
        """Take the request of *key* off those that wait."""
        found = self.unanswered.pop(key, None)
        if found is not None:
            left = self.waiting.pop(found.conn) - 1
            if left:
                self.waiting[found.conn] = left
        return found


def _request_key(conn: int, packet: Said) -> Key | None:
    if isinstance(packet, Hello):
        return (conn, "hello", 0) if packet.v else None
    if request := getattr(packet, "id", ""):
        return conn, "id", hash(request)
    if isinstance(packet, Say):
        return conn, "said", hash(packet.message)
    return None
