"""Figures about a capture, gathered in bounded memory while its items go by."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log2

from chatctl.capture.items.dissect import Item, What
from chatctl.wire.packets import Chat, Direction, Error, Join, Leave, Say

BUCKETS = 60
MAX_NAMES = 10_000
COMMON = (Chat, Say, Join, Leave)
"""Packets about which nothing but their number is counted."""


@dataclass(slots=True)
class Spectrum:
    """Values of one kind: their number and, within 2 percent, their quantiles."""

    count: int = 0
    largest: int = 0
    _buckets: Counter[int] = field(default_factory=Counter)

    def add(self, value: int, times: int = 1) -> None:
        """Count *value*, not negative."""
        self.count += times
        self.largest = max(self.largest, value)
        self._buckets[value if value < 64 else int(log2(value) * 32) + 64] += times

    def take(self, counted: dict[int, int]) -> None:
        """Count values as often as *counted* says."""
        for value, times in counted.items():
            self.add(value, times)

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
        place = (at - self.begin) // self.width
        try:
            self.counts[max(0, place)] += 1
        except IndexError:
            self._grow(at)

    def _grow(self, at: int) -> None:
        if not self.counts:
            self.begin = at
        while (place := max(0, at - self.begin) // self.width) >= BUCKETS:
            self.width *= 2
            pairs = [self.counts[i : i + 2] for i in range(0, len(self.counts), 2)]
            self.counts = [sum(pair) for pair in pairs]
        self.counts += [0] * (place + 1 - len(self.counts))
        self.counts[place] += 1


@dataclass(slots=True)
class Total:
    """Packets of one type, direction and nick, and their payload octets."""

    type: str
    direction: Direction
    nick: str
    count: int = 0
    octets: int = 0


@dataclass(slots=True)
class Statistics:
    """What there is in a capture.

    Attributes:
        first: time of the first item, nanoseconds since 1970; ``last`` that of the last.
        totals: packets by type, direction and nick.
        items: what else there is, by kind.
        codes: error packets by code.
        conns: the connections, up to ``MAX_NAMES``.
        sizes: of payloads; ``latency`` of answers, in nanoseconds.
        rate: packets over time.
    """

    first: int = 0
    last: int = 0
    totals: dict[tuple[str, Direction, str], Total] = field(default_factory=dict)
    items: Counter[What] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    conns: set[int] = field(default_factory=set)
    sizes: Spectrum = field(default_factory=Spectrum)
    latency: Spectrum = field(default_factory=Spectrum)
    rate: Rate = field(default_factory=Rate)

    def gather(self, items: Iterable[Item]) -> None:
        """Take *items*, all of them."""
        totals = self.totals
        sizes: dict[int, int] = {}
        count_at = self.rate.add
        common = frozenset(COMMON)
        try:
            for item in items:
                packet, record = item.packet, item.record
                if packet.__class__ not in common or item.rtt >= 0 or not self.first:
                    self._rarely(item)
                    if packet is None:
                        continue
                key = (item.type, record.direction, item.nick)
                total = totals.get(key) or self._total(key)
                size = item.size
                total.count += 1
                total.octets += size
                sizes[size] = sizes.get(size, 0) + 1
                count_at(record.at)
                self.last = record.at
        finally:
            self.sizes.take(sizes)

    def _rarely(self, item: Item) -> None:
        """Count what most packets are not: events, answers, errors."""
        record = item.record
        self.first = self.first or record.at
        self.last = record.at
        if item.packet is None:
            self.items[item.what] += 1
            if len(self.conns) < MAX_NAMES:
                self.conns.add(record.conn)
        if item.rtt >= 0:
            self.latency.add(item.rtt)
        if isinstance(item.packet, Error):
            self.codes[item.packet.code] += 1

    def _total(self, key: tuple[str, Direction, str]) -> Total:
        if len(self.totals) >= MAX_NAMES:
            key = ("(others)", key[1], "")
        return self.totals.setdefault(key, Total(*key))
