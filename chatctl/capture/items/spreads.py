"""How far what was said has spread, and how fast: the copies of each saying."""

from collections.abc import Sequence
from itertools import islice

from msgspec import Struct

from chatctl.capture.items.dissect import Item
from chatctl.wire.packets import Action, Chat

MAX_SPREADS = 10_000
"""Sayings remembered while they spread; the oldest are let go."""

_SAYINGS = (Chat, Action)


class Spread(Struct, gc=False):
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
        newest: the spreads of the newest ``MAX_SPREADS`` sayings, oldest first.
    """

    def __init__(self) -> None:
        """Know of none yet."""
        self.newest: dict[tuple[str, int], Spread] = {}

    def add(self, items: Sequence[Item]) -> None:
        """Take *items*, packets to clients: of sayings, those that have a time and a seq."""
        newest = self.newest
        before, spread = None, None
        for item in items:
            packet, at = item.packet, item.record.at
            if packet is not before:  # what goes to a room's members is one object over and over
                before, spread = packet, None
                if isinstance(packet, _SAYINGS) and packet.seq and at:
                    key = packet.room, packet.seq
                    spread = newest.get(key)
                    if spread is None:
                        spread = newest[key] = Spread(at)
            if spread is not None:
                spread.last = at
                spread.copies += 1
                if item.rtt >= 0:
                    spread.said = at - item.rtt
        for key in list(islice(newest, max(0, len(newest) - MAX_SPREADS))):
            del newest[key]
