"""Two captures side by side, read at the same pace: only where they differ is anything kept.

As long as a connection carries the same in both, its packets are let go in pairs. From its first
difference on both sides' packets are kept, since what looks new may only have come earlier.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chatctl.capture.items.dissect import Item, What
from chatctl.capture.replay.compare import Comparison, Heard, compare, key_of
from chatctl.capture.replay.masks import Masks
from chatctl.errors import MalformedPayload
from chatctl.wire import codec
from chatctl.wire.packets import Direction

_COMPARED = (What.PACKET, What.MALFORMED)
Way = tuple[int, Direction]
"""The place of a connection in the order in which they were opened, and a direction."""


@dataclass(slots=True)
class _Packet:
    """What is kept of an item while it has no counterpart."""

    payload: bytes
    at: int
    number: int

    def heard(self) -> Heard:
        try:
            value = codec.read_json(self.payload)
        except MalformedPayload:
            value = None
        value = value if isinstance(value, dict) else None
        return Heard(self.payload, value, self.at / 1e9, self.number)


@dataclass(slots=True)
class _Side:
    """One of the captures: what is kept of it, and how much of it was seen."""

    items: Iterator[list[Item]]
    seen: int = 0
    over: bool = False
    places: dict[int, int] = field(default_factory=dict)
    kept: dict[Way, deque[_Packet]] = field(default_factory=dict)

    def read(self) -> Iterator[tuple[Way, _Packet]]:
        """Yield the packets of the next items at hand."""
        batch = next(self.items, None)
        if batch is None:
            self.over = True
            return
        self.seen += len(batch)
        for item in batch:
            if item.what in _COMPARED:
                record = item.record
                place = self.places.setdefault(record.conn, len(self.places) + 1)
                yield (
                    (place, record.direction),
                    _Packet(item.payload, record.at, item.number),
                )


class Contrast:
    """Compares two captures; what is masked may differ.

    Attributes:
        paired: packets let go because the other capture had the same.
    """

    def __init__(
        self, before: Iterable[list[Item]], after: Iterable[list[Item]], masks: Masks
    ) -> None:
        """Read both to their ends."""
        self.paired = 0
        self._masks = masks
        self._begun: set[Way] = set()
        self._sides = _Side(iter(before)), _Side(iter(after))
        while turn := [side for side in self._sides if not side.over]:
            self._read(min(turn, key=lambda side: side.seen))

    def outcomes(self) -> Iterator[tuple[Way, Comparison]]:
        """Yield how each way differs, where it does, connection by connection."""
        before, after = self._sides
        for way in sorted({*before.kept, *after.kept}):
            old, new = (
                [packet.heard() for packet in side.kept.get(way, ())] for side in self._sides
            )
            yield way, compare(self._masks, old, new, begun=way in self._begun)

    @property
    def kept(self) -> int:
        """How many packets are kept."""
        return sum(len(packets) for side in self._sides for packets in side.kept.values())

    def _read(self, side: _Side) -> None:
        before, after = self._sides
        other = after if side is before else before
        for way, packet in side.read():
            mine, theirs = side.kept.get(way), other.kept.get(way)
            if not mine and theirs and self._same(packet, theirs[0]):
                theirs.popleft()
                self._begun.add(way)
                self.paired += 1
            else:
                side.kept.setdefault(way, deque()).append(packet)

    def _same(self, one: _Packet, other: _Packet) -> bool:
        return one.payload == other.payload or (
            key_of(self._masks, one.heard()) == key_of(self._masks, other.heard())
        )
