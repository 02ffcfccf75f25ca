"""What a client's mind is told at its birth, and the phases of its life."""

from collections.abc import Callable
from enum import Enum

from msgspec import Struct

from chatctl.wire.packets import Capability

EVERYTHING = tuple(capability.value for capability in Capability)


class Phase(Enum):
    """Where a client stands.

    DIALLING ──► GREETING ──► BASE or EXTENDED ──► CLOSING ──► OVER
        ▲            │             │
        └── WAITING ◄┴─ link lost ─┘
    """

    DIALLING = "dialling"
    GREETING = "greeting"
    BASE = "base"
    EXTENDED = "extended"
    WAITING = "waiting"
    CLOSING = "closing"
    OVER = "over"


TALKING = frozenset({Phase.BASE, Phase.EXTENDED})
LINKED = TALKING | {Phase.GREETING}


class ClientSettings(Struct, frozen=True):
    """Everything a ``ClientSession`` may be told. Times are seconds.

    Attributes:
        nick: what we want to be called.
        nonce: begins the ids of this session's packets; another for every run, or a server would
            take new words for old ones.
        jitter: returns 0 to 1, to spread the reconnections of many clients.
        base: speak the base protocol, whatever the server can.
        rename: take the nick a server suggests where ours is taken or not allowed.
        raw: tell every payload as an event.
        track: learn where a room stands on coming in, so that nothing said in a link's gap is lost
            even if nothing was said before. Not worth it for a single message.
        lag: measure it from the start, not only when the link is idle.
        grace: without a welcome for so long, the server is taken for one of the base protocol.
        receipt: without a receipt for so long, words of ours have failed.
        echo: the same on a base server, where they then count as sent.
        ping_after: how often the link is tried.
        dead_after: silence after which it is given up.
        patience: how long to try for another link; None for ever.
        window: words on their way at a time.
    """

    nick: str
    nonce: str
    jitter: Callable[[], float]
    base: bool = False
    rename: bool = False
    raw: bool = False
    track: bool = True
    lag: bool = False
    grace: float = 1.0
    receipt: float = 10.0
    echo: float = 2.0
    ping_after: float = 30.0
    dead_after: float = 60.0
    patience: float | None = None
    window: int = 64
