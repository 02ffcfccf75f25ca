"""Two captures side by side, read at the same pace: only where they differ is anything kept.

Connections are compared with those of the same nick, in whatever order people came; what is left
then, in the order in which it was opened.

As long as a connection carries the same in both, its packets are let go in pairs. From its first
difference on both sides' packets are kept, since what looks new may only have come earlier.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chatctl.capture.items.item import Item, What
from chatctl.capture.record import Batch
from chatctl.capture.replay.compare import Comparison, Heard, compare, key_of
from chatctl.capture.replay.masks import Masks
from chatctl.errors import MalformedPayload
from chatctl.wire import codec
from chatctl.wire.packets import Direction

_COMPARED = (What.PACKET, What.MALFORMED)
Name = tuple[str, int]
"""Which connection: the nick that it begins with, empty for none, and its place among those."""

Way = tuple[int, Direction]
"""The place of a connection in the order in which they were opened, and a direction.

Those of the first capture come first, then those that are in the second alone.
"""


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

    items: Iterator[Batch[Item]]
    seen: int = 0
    over: bool = False
    names: dict[int, Name] = field(default_factory=dict)
    kept: dict[tuple[Name, Direction], deque[_Packet]] = field(default_factory=dict)
    _namesakes: Counter[str] = field(default_factory=Counter)

    def read(self) -> Iterator[tuple[tuple[Name, Direction], _Packet]]:
        """Yield the packets of the next items at hand, with the connection and the direction."""
        batch = next(self.items, None)
        if batch is None:
            self.over = True
            return
        self.seen += len(batch)
        for item in batch:
            if item.what in _COMPARED:
                record = item.record
                name = self.names.get(record.conn) or self._named(record.conn, item.nick)
                yield (
                    (name, record.direction),
                    _Packet(item.payload, record.at, item.number),
                )

    def left(self, name: Name | None, direction: Direction) -> list[Heard]:
        """Return what is kept of a connection's *direction*."""
        kept = self.kept.get((name, direction), ()) if name is not None else ()
        return [packet.heard() for packet in kept]

    def _named(self, conn: int, nick: str) -> Name:
        self._namesakes[nick] += 1
        name = self.names[conn] = nick, self._namesakes[nick]
        return name


class Contrast:
    """Compares two captures; what is masked may differ.

    Attributes:
        paired: packets let go because the other capture had the same.
    """

    def __init__(
        self, before: Iterable[Batch[Item]], after: Iterable[Batch[Item]], masks: Masks
    ) -> None:
        """Read both to their ends."""
        self.paired = 0
        self._masks = masks
        self._begun: set[tuple[Name, Direction]] = set()
        self._sides = _Side(iter(before)), _Side(iter(after))
        while turn := [side for side in self._sides if not side.over]:
            self._read(min(turn, key=lambda side: side.seen))

    def outcomes(self) -> Iterator[tuple[Way, Comparison]]:
        """Yield how each way differs, where it does, connection by connection."""
        before, after = self._sides
        for place, (one, other) in enumerate(self._pairs(), 1):
            for direction in sorted(Direction):
                old, new = before.left(one, direction), after.left(other, direction)
                if old or new:
                    begun = (one, direction) in self._begun
                    yield (place, direction), compare(self._masks, old, new, begun=begun)

    def _pairs(self) -> Iterator[tuple[Name | None, Name | None]]:
        """Yield which connections are compared: first those of the first capture, in order."""
        before, after = (dict.fromkeys(side.names.values()) for side in self._sides)
        strangers = iter([name for name in after if name not in before])
        for name in before:
            yield name, name if name in after else next(strangers, None)
        for name in strangers:
            yield None, name

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
