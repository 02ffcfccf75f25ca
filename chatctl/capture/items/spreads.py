"""How far what was said has spread, and how fast: the copies of each saying."""

from collections.abc import Sequence
from itertools import islice

from msgspec import Struct

from chatctl.capture.items.item import Item
from chatctl.wire.packets import Action, Chat

MAX_SPREADS = 2_000
"""Sayings followed at a time; the oldest are taken for gone round."""

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

    @property
    def took(self) -> int:
        """Nanoseconds until its last copy."""
        return self.last - (self.said or self.first)


class Spreads:
    """Follows sayings by their room and seq.

    Attributes:
        newest: the spreads of the newest ``MAX_SPREADS`` sayings, oldest first.
        count: how many of the others went to more than one connection.
        copies: to how many those went, all together.
        slowest: nanoseconds until the last copy of the slowest of them.
    """

    def __init__(self) -> None:
        """Know of none yet."""
        self.newest: dict[tuple[str, int], Spread] = {}
        self.count = 0
        self.copies = 0
        self.slowest = 0

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
        self._settle(len(newest) - MAX_SPREADS)

    def finish(self) -> None:
        """Take all for gone round: nothing more will come."""
        self._settle(len(self.newest))

    def _settle(self, oldest: int) -> None:
        for key in list(islice(self.newest, max(0, oldest))):
            spread = self.newest.pop(key)
            if spread.copies > 1:
                self.count += 1
                self.copies += spread.copies
                self.slowest = max(self.slowest, spread.took)
