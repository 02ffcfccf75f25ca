"""Figures about a capture, gathered in bounded memory while its items go by, a batch at a time."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from math import log2
from operator import not_

from chatctl.capture.items.item import Item, ItemRun, What, tag_of
from chatctl.capture.items.spreads import Spreads
from chatctl.capture.record import Batch
from chatctl.wire.packets import Direction, Error, Packet, Unknown

BUCKETS = 60
MAX_FRESH = 4096
MAX_NAMES = 10_000
MAX_NAME = 64
"""Characters of a name that are told from others'."""
MAX_CONNS = 100_000
OTHERS = "(others)"
"""What names are counted as once there are ``MAX_NAMES``."""

_TO_SERVER = Direction.TO_SERVER


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
        last = self._reach(max(times))
        begin, width = self.begin, self.width
        if (min(times) - begin) // width == last:  # as those of a batch nearly always are
            self.counts[last] += len(times)
            return
        for place, count in Counter([(at - begin) // width for at in times]).items():
            self.counts[max(0, place)] += count

    def _reach(self, at: int) -> int:
        """Have a slice for *at*; return its place."""
        while (place := max(0, at - self.begin) // self.width) >= BUCKETS:
            self.width *= 2
            pairs = [self.counts[i : i + 2] for i in range(0, len(self.counts), 2)]
            self.counts = [sum(pair) for pair in pairs]
        self.counts += [0] * (place + 1 - len(self.counts))
        return place


@dataclass(slots=True)
class Traffic:
    """Packets that went one way.

    Attributes:
        types: how many there are of each type.
        octets: of their payloads.
    """

    types: Counter[str] = field(default_factory=Counter)
    octets: int = 0

    def add(self, packets: Sequence[Packet | Unknown], sizes: Iterable[int]) -> None:
        """Count *packets* that went this way, their payloads of *sizes* octets."""
        self.octets += sum(sizes)
        for kind, count in Counter(map(type, packets)).items():
            if tag := tag_of(kind):
                self.types[tag] += count
            else:
                unknown = [packet for packet in packets if isinstance(packet, Unknown)]
                _count_names(self.types, [packet.type for packet in unknown])


@dataclass(slots=True)
class _Passed:
    """Packets in columns.

    Attributes:
        at: when each crossed.
        packets: what each is.
        sizes: octets of their payloads.
        rtts: nanoseconds since what they answer, of those that answer, by their places.
        up: whether each went to the server; nothing where none did.
        senders: who sent those that did.
    """

    at: list[int]
    packets: list[Packet | Unknown]
    sizes: list[int]
    rtts: Mapping[int, int]
    up: list[bool]
    senders: list[str]


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

    def gather(self, items: Batch[Item]) -> None:
        """Take *items*, the next ones."""
        if not items:
            return
        if isinstance(items, ItemRun):
            at, passed = items.records.at, _columns(items)
        else:
            at = [item.record.at for item in items]
            passed = _put_in_columns([item for item in items if item.packet is not None])
            self._events([item for item in items if item.packet is None])
        self.first = self.first or next(filter(None, at), 0)
        self.last = at[-1]
        if passed.at:
            self._packets(passed)

    def _events(self, items: Sequence[Item]) -> None:
        self.items.update([item.what for item in items])
        for item in items:
            if len(self.conns) < MAX_CONNS:
                self.conns.add(item.record.conn)

    def _packets(self, passed: _Passed) -> None:
        packets, sizes, up = passed.packets, passed.sizes, passed.up
        self.sizes.add(sizes)
        self.latency.add(passed.rtts.values())
        self.rate.add(passed.at)
        self.spreads.add(passed.at, packets, passed.rtts)
        if up:
            self.up.add(list(compress(packets, up)), compress(sizes, up))
            _count_names(self.people, passed.senders)
            down = list(map(not_, up))
            packets, sizes = list(compress(packets, down)), list(compress(sizes, down))
        self.down.add(packets, sizes)
        if "error" in self.down.types:
            _count_names(self.codes, [it.code for it in packets if isinstance(it, Error)])


def _columns(run: ItemRun) -> _Passed:
    at, lanes, nicks = run.records.at, run.records.lanes, run.nicks
    upward = {lane for lane in nicks if lane.direction is _TO_SERVER}
    up = [lane in upward for lane in lanes] if upward else []
    senders = [nicks[lane] for lane in compress(lanes, up)]
    return _Passed(at, run.packets, list(map(len, run.payloads)), run.rtts, up, senders)


def _put_in_columns(items: Sequence[Item]) -> _Passed:
    return _Passed(
        [item.record.at for item in items],
        [item.packet for item in items if item.packet is not None],
        [item.size for item in items],
        {n: item.rtt for n, item in enumerate(items) if item.rtt >= 0},
        [item.record.direction is _TO_SERVER for item in items],
        [item.nick for item in items if item.record.direction is _TO_SERVER],
    )


def _count_names(counter: Counter[str], names: Iterable[str]) -> None:
    """Count *names*, which peers made up, in bounded memory."""
    for whole, count in Counter(names).items():
        name = whole[:MAX_NAME]
        known = name in counter or len(counter) < MAX_NAMES
        counter[name if known else OTHERS] += count
