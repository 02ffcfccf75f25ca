"""What a player asks to be done, and what it remembers of each connection."""

from dataclasses import dataclass, field

from chatctl.capture.replay.compare import Heard
from chatctl.capture.replay.plan import Line, Move


@dataclass(frozen=True, slots=True)
class Connect:
    """Make a connection; answer with ``connected`` or ``unreachable``."""

    conn: int


@dataclass(frozen=True, slots=True)
class Send:
    """Write *data*, a whole frame or junk."""

    conn: int
    data: bytes
    type: str = ""


@dataclass(frozen=True, slots=True)
class Finish:
    """End the played side of a connection: orderly, or with a reset."""

    conn: int
    reset: bool = False


Action = Connect | Send | Finish


@dataclass(slots=True)
class Track:
    """What happened on one line.

    Attributes:
        line: what was to happen.
        sent: packets, and pieces of junk, sent.
        skipped: moves left out, because what they waited for did not come or the link was gone.
        heard: everything that came.
        malformed: payloads that came and were no JSON object.
        cut: octets of a frame that never came to its end.
        lost: why the connection was gone too early; empty if it was not.
    """

    line: Line
    sent: int = 0
    skipped: int = 0
    heard: list[Heard] = field(default_factory=list)
    received: int = 0
    malformed: int = 0
    lost: str = ""
    cut: int = 0
    ended: bool = False
    up: bool = False
    next: int = 0
    last: float = 0.0
    sent_at: dict[int, float] = field(default_factory=dict)

    @property
    def move(self) -> Move | None:
        """What is to be done next."""
        moves = self.line.moves
        return moves[self.next] if self.next < len(moves) else None

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.ended or self.next >= len(self.line.moves)
