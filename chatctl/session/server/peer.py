"""A peer: the hub's view of one connection; and a member: a peer's place in one room."""

from collections import deque

from chatctl.errors import MalformedPayload
from chatctl.session.limits import Bucket, Limits
from chatctl.session.server.seats import Seat
from chatctl.session.server.state import State
from chatctl.wire.framing import Deframer
from chatctl.wire.packets import Packet, Unknown

Received = Packet | Unknown | MalformedPayload


class Flock:
    """Members of one room and dialect who stand at the same place, and move on together.

    Attributes:
        cursor: the position of the next item to be sent to them; any number while there are none.
        members: by connection.
    """

    __slots__ = ("cursor", "members")

    def __init__(self) -> None:
        self.cursor = 0
        self.members: dict[int, Member] = {}

    def scatter(self) -> None:
        """Let every member stand by itself."""
        for member in list(self.members.values()):
            member.leave_flock()


class Member:
    """A peer's place in a room: a cursor, of its own or, with a flock, of all in it.

    Attributes:
        peer: whose place it is.
        key: the room's key.
        flock: those it moves with; None while it stands by itself.
        alone_until: what is sent may not reach beyond this position in one pass, so that nothing
            rides behind a base peer's own join in the same segment; -1 for no such place.
        last_position: the position after which the member is gone: behind its own leave; -1 if it
            stays.
        catching_up: whether it is being given what it missed, and does not read the stream yet.
    """

    __slots__ = (
        "_cursor",
        "alone_until",
        "catching_up",
        "flock",
        "key",
        "last_position",
        "peer",
    )

    def __init__(self, peer: "Peer", key: str, cursor: int) -> None:
        self.peer = peer
        self.key = key
        self.flock: Flock | None = None
        self.alone_until = cursor + 1 if peer.is_base else -1
        self.last_position = -1
        self.catching_up = False
        self._cursor = cursor

    @property
    def cursor(self) -> int:
        """The position of the next item to be sent; to set it is to leave the flock."""
        return self.flock.cursor if self.flock is not None else self._cursor

    @cursor.setter
    def cursor(self, position: int) -> None:
        self.leave_flock()
        self._cursor = position

    @property
    def reads(self) -> bool:
        """Whether the stream may be written to this member now."""
        return not (self.peer.blocked or self.catching_up or self.peer.state is State.CLOSING)

    def join_flock(self, flock: Flock) -> None:
        """Move with *flock* from now on, if it stands where this member does."""
        if not flock.members:
            flock.cursor = self._cursor
        if flock.cursor == self._cursor:
            self.flock = flock
            flock.members[self.peer.conn] = self

    def leave_flock(self) -> None:
        """Stand by itself from now on."""
        if self.flock is not None:
            self._cursor = self.flock.cursor
            del self.flock.members[self.peer.conn]
            self.flock = None


class Peer:
    """The hub's view of one connection.

    Attributes:
        conn: the transport's number for it.
        address: of the other side, as text.
        was_refused: whether a refusal was logged; further ones are for debugging only.
        exempt: whether rate and address limits spare it (loopback).
        state: see ``session.server.state``.
        nick: as shown; empty before hello.
        caps: the capabilities granted.
        seat: the session of an extended peer.
        memberships: by the key of the room.
        leaving: the keys of rooms it has left and still reads its own leave in.
        ended: whether it has closed its side, and only reads what it is owed.
        blocked: whether its socket takes no more for now.
        deaf_to_self: whether it is not sent its own words.
        metered: whether the flood control holds for it.
        payloads: what was read and not yet decoded, oldest first.
        runs: what was decoded and not yet obeyed; each run is of one type, and obeyed as a whole.
        waiting_since: when the oldest of these came.
        paused: whether it is not read from for now, by the flood control.
        reads: tickets of the log pages it asked for.
        outgoing: frames for it alone, written at the end of the pass.
        closing: why it is to be closed at the end of the pass; empty if it is not.
    """

    __slots__ = (
        "address",
        "behind_since",
        "blocked",
        "bucket",
        "caps",
        "closing",
        "conn",
        "deaf_to_self",
        "deframer",
        "ended",
        "exempt",
        "frame_since",
        "heard",
        "is_base",
        "leaving",
        "memberships",
        "metered",
        "nick",
        "opened",
        "outgoing",
        "paused",
        "payloads",
        "pinged",
        "reads",
        "runs",
        "seat",
        "state",
        "waiting_since",
        "was_refused",
    )

    def __init__(
        self, conn: int, address: str, *, exempt: bool, limits: Limits, now: float
    ) -> None:
        self.conn = conn
        self.address = address
        self.exempt = exempt
        self.state = State.CONNECTED
        self.is_base = True
        self.nick = ""
        self.caps: frozenset[str] = frozenset()
        self.seat: Seat | None = None
        self.memberships: dict[str, Member] = {}
        self.leaving: set[str] = set()
        self.metered = bool(limits.rate) and not exempt
        self.deframer = Deframer(limits.payload)
        self.ended = False
        self.blocked = False
        self.behind_since = 0.0
        self.deaf_to_self = False
        self.bucket = Bucket(limits.rate_burst, limits.rate, now)
        self.payloads: deque[bytes] = deque()
        self.runs: deque[list[Received]] = deque()
        self.waiting_since = now
        self.paused = False
        self.opened = now
        self.heard = now
        self.pinged = False
        self.was_refused = False
        self.frame_since = now
        self.outgoing: list[bytes] = []
        self.reads: set[int] = set()
        self.closing = ""

    @property
    def host(self) -> str:
        """The host part of the address."""
        return self.address.rpartition(":")[0]

    @property
    def session(self) -> str:
        """The session's id; of a base peer, one that lives as long as the connection."""
        return self.seat.session if self.seat else ""

    def may(self, capability: str) -> bool:
        """Return whether *capability* was granted."""
        return capability in self.caps

    def take(self, data: bytes, now: float) -> None:
        """Take *data* as read from the socket; ``payloads`` then has those it completed."""
        self.heard = now
        self.pinged = False
        payloads = self.deframer.feed(data)
        if payloads:
            if not (self.payloads or self.runs):
                self.waiting_since = now
            self.payloads += payloads
        if payloads or self.deframer.pending == len(data):
            self.frame_since = now
