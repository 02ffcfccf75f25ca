"""The limits of docs/protocol.md, section "Limits", in one value, and the bucket that meters talk.

Sizes are octets, times are seconds, unless a name says otherwise.
"""

from dataclasses import asdict, dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit a server enforces; the names are those of the options and of ``welcome``.

    Attributes:
        payload: largest payload a client may send.
        text: longest text of a chat, in octets of UTF-8.
        hello_timeout: from accept to a complete hello.
        frame_timeout: from a frame's first octet to its last.
        ping_after: idle time before an extended peer is pinged.
        dead_after: silence after which an extended peer is given up.
        behind_timeout: how long a reader may stay behind a room that moves.
        window_entries: messages of a room kept for its readers, at least.
        window_bytes: octets of memory for what is kept of a room, at most, its frames included.
        slice_bytes: octets handed to one connection at a time, about.
        rate_burst: messages that may be said at once.
        rate: messages a second after that; 0 for no flood control.
        rate_delay: how long a message too many is held back before it is refused.
        connections: connections at a time; 0 for what the process's file limit allows.
        connections_per_address: of one address, except loopback.
        nick: longest nick, in characters.
        rooms: rooms one peer may be in.
        room_name: longest name of a room.
        topic: longest topic.
        dedup_window: how long a repeated id is recognised.
        dedup_ids: how many ids of one session are remembered.
        resume_window: how long a nick is held for the owner of a lost session.
        page: most entries in one page of history.
    """

    payload: int = 16 * KIB
    text: int = 4096
    hello_timeout: float = 10
    frame_timeout: float = 10
    ping_after: float = 30
    dead_after: float = 60
    behind_timeout: float = 10
    window_entries: int = 2048
    window_bytes: int = 8 * MIB
    slice_bytes: int = 256 * KIB
    rate_burst: float = 10
    rate: float = 2
    rate_delay: float = 5
    connections: int = 0
    connections_per_address: int = 16
    nick: int = 32
    rooms: int = 50
    room_name: int = 64
    topic: int = 390
    dedup_window: float = 120
    dedup_ids: int = 1024
    resume_window: float = 300
    page: int = 200

    def as_dict(self) -> dict[str, float]:
        """Return the limits as ``welcome`` carries them."""
        return asdict(self)


RANGES: dict[str, tuple[float, float | None]] = {
    "payload": (64, 65_535),
    "text": (1, 10_000),
    "window_entries": (1, None),
    "slice_bytes": (1, None),
    "rate_burst": (1, None),
    "nick": (8, 255),
    "room_name": (5, 255),
    "topic": (0, 10_000),
    "page": (1, None),
}
"""From where to where a limit makes sense, if not from 0 on.

A text of control characters is six times as long in JSON, and has to fit a frame with two nicks, a
room and an id; somebody has to be able to speak at all.
"""

SHORTEST_WAIT = 1e-6


class Bucket:
    """A token bucket: *burst* messages at once, then *rate* a second. Time is an argument."""

    __slots__ = ("_burst", "_level", "_rate", "_seen")

    def __init__(self, burst: float, rate: float, now: float) -> None:
        self._burst = burst
        self._rate = rate
        self._level = burst
        self._seen = now

    def wait(self, now: float) -> float:
        """Return the seconds until one more message fits; 0 if it fits now.

        What is less than a microsecond is none: added to the time, it could be lost in rounding,
        and the time to go on would be now for ever.
        """
        self._level = min(self._burst, self._level + (now - self._seen) * self._rate)
        self._seen = now
        wait = (1 - self._level) / self._rate
        return wait if wait > SHORTEST_WAIT else 0.0

    def take(self, cost: float) -> None:
        """Count what weighs *cost* messages, right after ``wait`` said 0."""
        self._level -= cost
