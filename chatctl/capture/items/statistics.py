"""Figures about a capture, gathered in bounded memory while its items go by."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log2

from chatctl.capture.items.dissect import Item, What
from chatctl.capture.items.spreads import Spread, Spreads
from chatctl.capture.record import Record
from chatctl.wire.packets import Action, Chat, Direction, Error

BUCKETS = 60
MAX_FRESH = 4096
MAX_NAMES = 10_000
MAX_CONNS = 100_000


class Spectrum:
    """Values of one kind: their number and, within 2 percent, their quantiles."""

    __slots__ = ("_buckets", "_fresh", "_largest", "_sorted")

    def __init__(self) -> None:
        """Begin with none."""
        self._fresh: dict[int, int] = {}
        self._buckets = Counter[int]()
        self._sorted = 0
        self._largest = 0

    def add(self, value: int, times: int = 1) -> None:
        """Count *value*, not negative."""
        fresh = self._fresh
        fresh[value] = fresh.get(value, 0) + times
        if len(fresh) > MAX_FRESH:
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

    def add(self, at: int, times: int = 1) -> None:
        """Count so many at *at*, nanoseconds."""
        place = max(0, at - self.begin) // self.width
        try:
            self.counts[place] += times
        except IndexError:
            self._grow(at, times)

    def slice_of(self, at: int) -> tuple[int, int]:
        """Return begin and end of the slice in which *at* is counted."""
        place = max(0, at - self.begin) // self.width
        begin = self.begin + place * self.width
        return begin, begin + self.width

    def _grow(self, at: int, times: int) -> None:
        if not self.counts:
            self.begin = at
        while (place := max(0, at - self.begin) // self.width) >= BUCKETS:
            self.width *= 2
            pairs = [self.counts[i : i + 2] for i in range(0, len(self.counts), 2)]
            self.counts = [sum(pair) for pair in pairs]
        self.counts += [0] * (place + 1 - len(self.counts))
        self.counts[place] += times


@dataclass(slots=True)
class Total:
    """Packets of one type, direction and nick, and their payload octets."""

    type: str
    direction: Direction
    nick: str
    count: int = 0
    octets: int = 0


@dataclass(slots=True)
class _Run:
    """Copies of one packet that follow each other, and where they are counted."""

    packet: object
    size: int
    total: Total
    spread: Spread | None


_NO_RUN = _Run(object(), 0, Total("", Direction.TO_CLIENT, ""), None)
"""That of an item of which no copy can follow."""


@dataclass(slots=True)
class Statistics:
    """What there is in a capture.

    Attributes:
        first: time of the first item, nanoseconds since 1970; ``last`` that of the last.
        totals: packets by type, direction and, of those to the server, nick.
        items: what else there is, by kind.
        codes: error packets by code.
        conns: the connections, up to ``MAX_CONNS``.
        sizes: of payloads; ``latency`` of answers, in nanoseconds.
        rate: packets over time.
        spreads: how sayings went round.
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
    spreads: Spreads = field(default_factory=Spreads)

    def gather(self, items: Iterable[Item]) -> None:
        """Take *items*, all of them.

        What goes to a room's members is one packet object over and over (see ``Copies``). Of such a
        run only the first is looked at; the others are counted, as long as they answer nothing and
        fall into one slice of time.
        """
        run, begin, end = _NO_RUN, 0, 0
        packet, copies, last = run.packet, 0, 0
        for item in items:
            if item.packet is packet and begin <= (at := item.record.at) < end and item.rtt < 0:
                copies += 1
                last = at
                continue
            if copies:
                self._repeat(run, copies, last)
                copies = 0
            run = self._count(item)
            packet = run.packet
            begin, end = self.rate.slice_of(item.record.at)
        if copies:
            self._repeat(run, copies, last)

    def _count(self, item: Item) -> _Run:
        """Count *item*; return the run that it may begin."""
        packet, record = item.packet, item.record
        self.first = self.first or record.at
        self.last = record.at
        if packet is None:
            self.items[item.what] += 1
            if len(self.conns) < MAX_CONNS:
                self.conns.add(record.conn)
            return _NO_RUN
        to_client = record.direction is Direction.TO_CLIENT
        total = self._total(item.type, record.direction, "" if to_client else item.nick)
        total.count += 1
        total.octets += item.size
        self.sizes.add(item.size)
        self.rate.add(record.at)
        if item.rtt >= 0:
            self.latency.add(item.rtt)
        if isinstance(packet, Error):
            self.codes[packet.code] += 1
        spread = None
        if isinstance(packet, Chat | Action) and record.at:
            spread = self._spread(packet, record, item.rtt)
        return _Run(packet, item.size, total, spread) if to_client else _NO_RUN

    def _repeat(self, run: _Run, copies: int, last: int) -> None:
        """Count *copies* more of what *run* began with, the last at *last*."""
        self.last = last
        run.total.count += copies
        run.total.octets += copies * run.size
        self.sizes.add(run.size, copies)
        self.rate.add(last, copies)
        if run.spread is not None:
            run.spread.last = last
            run.spread.copies += copies

    def _spread(self, packet: Chat | Action, record: Record, rtt: int) -> Spread | None:
        spread = self.spreads.of(packet, record.at)
        if spread is not None:
            spread.last = record.at
            spread.copies += 1
            if rtt >= 0:
                spread.said = record.at - rtt
        return spread

    def _total(self, *key: *tuple[str, Direction, str]) -> Total:
        total = self.totals.get(key)
        if total is None:
            if len(self.totals) >= MAX_NAMES:
                key = ("(others)", key[1], "")
            total = self.totals.setdefault(key, Total(*key))
        return total
