"""How far what was said has spread, and how fast: the copies of each saying."""

from collections import OrderedDict
from dataclasses import dataclass

from chatctl.wire.packets import Action, Chat

MAX_SPREADS = 10_000
"""Sayings remembered while they spread; the oldest are let go."""


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


class Spreads:
    """Follows sayings by their room and seq.

    Attributes:
        newest: the spreads of the newest ``MAX_SPREADS`` sayings.
    """

    def __init__(self) -> None:
        """Know of none yet."""
        self.newest: OrderedDict[tuple[str, int], Spread] = OrderedDict()

    def of(self, packet: Chat | Action, at: int) -> Spread | None:
        """Return the spread of what *packet* says, begun *at*; None where it has no seq."""
        if not packet.seq:
            return None
        key = packet.room, packet.seq
        spread = self.newest.get(key)
        if spread is None:
            if len(self.newest) >= MAX_SPREADS:
                self.newest.popitem(last=False)
            spread = self.newest[key] = Spread(at)
        return spread
