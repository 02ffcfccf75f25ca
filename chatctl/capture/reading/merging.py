"""Several captures as one, by time.

Files of one recording of ours, and captures of other programs among each other, are merged packet
by packet: a connection may begin in one and end in another. All else is merged record by record,
each with connections of its own, for a recording of ours numbers octets from 0 and tcpdump does
not, and two recordings may use the same addresses for different peers.
"""

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import TypeVar

from msgspec.structs import replace

from chatctl.capture.reading.captured import Captured
from chatctl.capture.reading.sniff import Form
from chatctl.capture.reading.sources import Source
from chatctl.capture.record import Batch, Record, moment

PACKETS = frozenset({Form.PCAPNG, Form.PCAP})
"""Forms that hold packets."""

TOGETHER = 512
"""Items that go on together, where nobody waits for them."""

_OURS = b"chatctl "
_HEADER = re.compile(rb'\{"chatctl":\d+,"began":[1-9]\d*,[^}]*\}')
T = TypeVar("T")
R = TypeVar("R", Captured, Record)


@dataclass(frozen=True, slots=True)
class Opened:
    """A capture about to be read.

    Attributes:
        source: its octets.
        form: what they are.
        shift: nanoseconds to move its times by.
    """

    source: Source
    form: Form
    shift: int = 0


def together(places: Sequence[Opened]) -> list[list[Opened]]:
    """Return *places* in groups, each to be merged packet by packet; one of its own for others."""
    if len(places) == 1:
        return [list(places)]
    groups: dict[bytes | int, list[Opened]] = {}
    for number, place in enumerate(places):
        key: bytes | int = number
        if place.form in PACKETS:
            head = place.source.head(512)
            found = _HEADER.search(head)
            key = (found[0] if found else number) if _OURS in head else b""
        groups.setdefault(key, []).append(place)
    return list(groups.values())


def moved(batches: Iterator[Batch[R]], nanoseconds: int) -> Iterator[Batch[R]]:
    """Return *batches*, the times in them moved, as far as there are such times."""
    if not nanoseconds:
        return batches
    return (
        [replace(item, at=moment(item.at + nanoseconds)) for item in batch] for batch in batches
    )


def merged_packets(
    places: Sequence[Iterator[Batch[Captured]]], *, live: bool
) -> Iterator[Batch[Captured]]:
    """Return the packets of all *places*; one by one if somebody waits for them *live*."""
    if len(places) == 1:
        return places[0]
    packets = map(chain.from_iterable, places)
    return listed(heapq.merge(*packets, key=lambda packet: packet.at), live=live)


def merged_records(
    places: Sequence[Iterator[Batch[Record]]], *, live: bool
) -> Iterator[Batch[Record]]:
    """Return the records of all *places*; each place's connections get numbers of their own."""
    if len(places) == 1:
        return places[0]
    return listed(_renumbered(map(chain.from_iterable, places)), live=live)


def _renumbered(places: Iterable[Iterator[Record]]) -> Iterator[Record]:
    numbers: dict[tuple[int, int], int] = {}
    marked = [zip(records, repeat(place)) for place, records in enumerate(places)]
    for record, place in heapq.merge(*marked, key=lambda pair: pair[0].at):
        conn = numbers.setdefault((place, record.conn), len(numbers) + 1)
        yield record if conn == record.conn else replace(record, conn=conn)


def listed(items: Iterator[T], *, live: bool) -> Iterator[Batch[T]]:
    """Yield *items*, some together; one by one if somebody waits for them *live*."""
    size = 1 if live else TOGETHER
    while batch := list(islice(items, size)):
        yield batch
