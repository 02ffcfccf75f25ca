"""Figures about a capture, gathered in bounded memory while its items go by."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log2

from chatctl.capture.dissect import Item, What
from chatctl.wire.packets import Direction

BUCKETS = 60
MAX_NAMES = 10_000


@dataclass(slots=True)
class Spectrum:
    """Values of one kind: their number and, within 2 percent, their quantiles."""

    count: int = 0
    total: int = 0
    largest: int = 0
    _buckets: Counter[int] = field(default_factory=Counter)

    def add(self, value: int) -> None:
        """Count *value*, not negative."""
        self.count += 1
        self.total += value
        self.largest = max(self.largest, value)
        self._buckets[value if value < 64 else int(log2(value) * 32) + 64] += 1

    def quantile(self, share: float) -> int:
        """Return the value that *share* (0 to 1) of all do not exceed; 0 without values."""
        wanted = share * self.count
        for bucket in sorted(self._buckets):
            wanted -= self._buckets[bucket]
            if wanted <= 0:
                value = bucket if bucket < 64 else int(2 ** ((bucket - 63.5) / 32))
                return min(value, self.largest)
        return self.largest


@dataclass(slots=True)
class Rate:
    """How many, over time, in at most ``BUCKETS`` slices whose width grows as needed."""

    begin: int = 0
    width: int = 1_000_000
    counts: list[int] = field(default_factory=list)

    def add(self, at: int) -> None:
        """Count one at *at*, nanoseconds."""
        if not self.counts:
            self.begin = at
        place = max(0, at - self.begin) // self.width
        while place >= BUCKETS:
            self.width *= 2
            pairs = [self.counts[i : i + 2] for i in range(0, len(self.counts), 2)]
            self.counts = [sum(pair) for pair in pairs]
            place = max(0, at - self.begin) // self.width
        while len(self.counts) <= place:
            self.counts.append(0)
        self.counts[place] += 1


@dataclass(slots=True)
class Statistics:
    """What there is in a capture.

    Attributes:
        first: time of the first item, nanoseconds since 1970; ``last`` that of the last.
        items: how many of each kind.
        types: packets by type and direction; ``nicks`` packets from clients by nick.
        octets: payload octets each way.
    """

    first: int = 0
    last: int = 0
    items: Counter[What] = field(default_factory=Counter)
    types: Counter[tuple[str, Direction]] = field(default_factory=Counter)
    nicks: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    octets: Counter[Direction] = field(default_factory=Counter)
    conns: set[int] = field(default_factory=set)
    sizes: Spectrum = field(default_factory=Spectrum)
    latency: Spectrum = field(default_factory=Spectrum)
    rate: Rate = field(default_factory=Rate)

    def gather(self, items: Iterable[Item]) -> None:
        """Take *items*, all of them."""
        for item in items:
            self.add(item)

    def add(self, item: Item) -> None:
        """Take one item."""
        record = item.record
        self.last = record.at
        if not self.first:
            self.first = record.at
        self.items[item.what] += 1
        if len(self.conns) < MAX_NAMES:
            self.conns.add(record.conn)
        if item.packet is None:
            return
        kind = item.type
        direction = record.direction
        self.types[kind, direction] += 1
        self.octets[direction] += item.size
        self.sizes.add(item.size)
        self.rate.add(record.at)
        if item.rtt >= 0:
            self.latency.add(item.rtt)
        if direction is Direction.TO_SERVER and (
            item.nick in self.nicks or len(self.nicks) < MAX_NAMES
        ):
            self.nicks[item.nick] += 1
        if kind == "error":
            self.codes[str(getattr(item.packet, "code", ""))] += 1
