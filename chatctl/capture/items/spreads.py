"""How far what was said has spread, and how fast: the copies of each saying."""

from collections.abc import Mapping, Sequence
from itertools import compress, count, islice
from operator import is_not

from msgspec import Struct

from chatctl.wire.packets import Action, Chat, Packet, Unknown

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

    def add(
        self, at: Sequence[int], packets: Sequence[Packet | Unknown], rtts: Mapping[int, int]
    ) -> None:
        """Take *packets* and when each crossed: of sayings, those that have a time and a seq.

        *rtts* are the nanoseconds since their authors sent them, by the places of those copies.
        """
        newest, begin = self.newest, 0
        changes = map(is_not, packets, packets[1:])  # a room's members get one object, each
        for end in [*compress(count(1), changes), len(packets)]:
            packet, first = packets[begin], at[begin]
            if isinstance(packet, _SAYINGS) and packet.seq and first:
                key = packet.room, packet.seq
                spread = newest.get(key)
                if spread is None:
                    newest[key] = Spread(first, at[end - 1], end - begin)
                else:
                    spread.last = at[end - 1]
                    spread.copies += end - begin
            begin = end
        for place, rtt in rtts.items():
            packet = packets[place]
            if isinstance(packet, _SAYINGS) and (it := newest.get((packet.room, packet.seq))):
                it.said = at[place] - rtt
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
