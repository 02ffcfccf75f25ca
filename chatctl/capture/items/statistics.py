"""Figures about a capture, gathered in bounded memory while its items go by, a batch at a time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log2

from chatctl.capture.items.item import Item, What, tag_of
from chatctl.capture.items.spreads import Spreads
from chatctl.wire.packets import Direction, Error

BUCKETS = 60
MAX_FRESH = 4096
MAX_NAMES = 10_000
MAX_NAME = 64
"""Characters of a name that are told from others'."""
MAX_CONNS = 100_000
OTHERS = "(others)"
"""What names are counted as once there are ``MAX_NAMES``."""


class Spectrum:
    """Values of one kind: their number and, within 2 percent, their quantiles."""

    __slots__ = ("_buckets", "_fresh", "_largest", "_sorted")

    def __init__(self) -> None:
        """Begin with none."""
        self._fresh = Counter[int]()
        self._buckets = Counter[int]()
        self._sorted = 0
        self._largest = 0

    def add(self, values: Iterable[int]) -> None:
        """Count each of *values*, none negative."""
        self._fresh.update(values)
        if len(self._fresh) > MAX_FRESH:
            self._sort()

    @property
    def count(self) -> int:
        """How many there are."""
        self._sort()
        return self._sorted

    @property
    def largest(self) -> int:
        """The largest; 0 without values."""
        self._sort()
        return self._largest

    def quantile(self, share: float) -> int:
        """Return the value that *share* (0 to 1) of all do not exceed; 0 without values."""
        wanted = share * self.count
        for bucket in sorted(self._buckets):
            wanted -= self._buckets[bucket]
            if wanted <= 0:
                value = bucket if bucket < 64 else int(2 ** ((bucket - 63.5) / 32))
                return min(value, self.largest)
        return self.largest

    def _sort(self) -> None:
        """Put what is fresh into its buckets."""
        for value, times in self._fresh.items():
            self._sorted += times
            self._buckets[value if value < 64 else int(log2(value) * 32) + 64] += times
        self._largest = max(self._largest, max(self._fresh, default=0))
        self._fresh.clear()


@dataclass(slots=True)
class Rate:
    """How many, over time, in at most ``BUCKETS`` slices whose width grows as needed."""

    begin: int = 0
    width: int = 1_000_000
    counts: list[int] = field(default_factory=list)

    def add(self, times: Sequence[int]) -> None:
        """Count one at each of *times*, nanoseconds; what is before the first of all is at it."""
        if not self.counts:
            self.begin = times[0]
        self._reach(max(times))
        begin, width = self.begin, self.width
        for place, count in Counter([(at - begin) // width for at in times]).items():
            self.counts[max(0, place)] += count

    def _reach(self, at: int) -> None:
        while (place := max(0, at - self.begin) // self.width) >= BUCKETS:
            self.width *= 2
            pairs = [self.counts[i : i + 2] for i in range(0, len(self.counts), 2)]
            self.counts = [sum(pair) for pair in pairs]
        self.counts += [0] * (place + 1 - len(self.counts))


@dataclass(slots=True)
class Traffic:
    """Packets that went one way.

    Attributes:
        types: how many there are of each type.
        octets: of their payloads.
    """

    types: Counter[str] = field(default_factory=Counter)
    octets: int = 0

    def add(self, items: Sequence[Item]) -> None:
        """Count *items*, packets that went this way."""
        self.octets += sum([item.size for item in items])
        for kind, count in Counter([item.packet.__class__ for item in items]).items():
            if tag := tag_of(kind):
                self.types[tag] += count
            else:
                _count_names(
                    self.types, [item.type for item in items if item.packet.__class__ is kind]
                )


@dataclass(slots=True)
class Statistics:
    """What there is in a capture.

    Attributes:
        first: time of the first item, nanoseconds since 1970; ``last`` that of the last.
        up: the packets to the server; ``down`` those to clients.
        people: packets to the server by who sent them.
        items: what else there is, by kind.
        codes: error packets by code.
        conns: the connections, up to ``MAX_CONNS``.
        sizes: of payloads; ``latency`` of answers, in nanoseconds.
        rate: packets over time.
        spreads: how sayings went round.
    """

    first: int = 0
    last: int = 0
    up: Traffic = field(default_factory=Traffic)
    down: Traffic = field(default_factory=Traffic)
    people: Counter[str] = field(default_factory=Counter)
    items: Counter[What] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    conns: set[int] = field(default_factory=set)
    sizes: Spectrum = field(default_factory=Spectrum)
    latency: Spectrum = field(default_factory=Spectrum)
    rate: Rate = field(default_factory=Rate)
    spreads: Spreads = field(default_factory=Spreads)

    def gather(self, items: Sequence[Item]) -> None:
        """Take *items*, the next ones."""
        if not items:
            return
        self.first = self.first or next((at for item in items if (at := item.record.at)), 0)
        self.last = items[-1].record.at
        packets = [item for item in items if item.packet is not None]
        if len(packets) < len(items):
            self._events([item for item in items if item.packet is None])
        if packets:
            self._packets(packets)

    def _events(self, items: Sequence[Item]) -> None:
        self.items.update([item.what for item in items])
        for item in items:
            if len(self.conns) < MAX_CONNS:
                self.conns.add(item.record.conn)

    def _packets(self, items: Sequence[Item]) -> None:
        self.sizes.add([item.size for item in items])
        self.latency.add([item.rtt for item in items if item.rtt >= 0])
        self.rate.add([item.record.at for item in items])
        to_client = Direction.TO_CLIENT
        down = [item for item in items if item.record.direction is to_client]
        self.down.add(down)
        if len(down) < len(items):
            up = [item for item in items if item.record.direction is not to_client]
            self.up.add(up)
            _count_names(self.people, [item.nick for item in up])
        self.spreads.add(down)
        errors = [item for item in down if item.packet.__class__ is Error]
        _count_names(self.codes, [getattr(item.packet, "code", "") for item in errors])


def _count_names(counter: Counter[str], names: Iterable[str]) -> None:
    """Count *names*, which peers made up, in bounded memory."""
    for whole, count in Counter(names).items():
        name = whole[:MAX_NAME]
        known = name in counter or len(counter) < MAX_NAMES
        counter[name if known else OTHERS] += count
