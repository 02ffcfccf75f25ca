"""Who was there before a place in a recording of ours, found without reading all that is before.

A recording says in a comment when a connection begins; its packets about nicks say who it is. Both
are searched for by their octets, much faster than packets are decoded. A nick whose packet came in
two segments is not seen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from chatctl.capture.items.reframe import Reframer
from chatctl.capture.naming import nick_after
from chatctl.capture.reading.blocks import LITTLE
from chatctl.capture.reading.sections import read_comments
from chatctl.capture.reading.sniff import PCAPNG_MAGIC
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.link import RAW, Segment, ends, segment_of
from chatctl.capture.reassembly.tcp import ABOUT, MIDSTREAM, about
from chatctl.capture.record import Batch, Kind, Lane, Record, RecordRun
from chatctl.errors import MalformedPayload
from chatctl.wire import codec
from chatctl.wire.packets import Direction

WINDOW = 1 << 20
"""Octets searched at a time; a multiple of 4, as blocks are."""

REACH = 66_000
"""Octets, in fours, that a block with a packet of ours takes at most."""

_NEEDLES = (ABOUT.encode(), b'"hello"', b'"welcome"', b':"nick"', b': "nick"')


@dataclass(slots=True)
class _Known:
    number: int
    key: bytes
    client: str
    server: str
    nick: str = ""


class Earlier:
    """Connections and their nicks as they were at a place in a recording.

    Attributes:
        several: whether another section may begin before the place. Then neither can the place be
            trusted, for times may go back there, nor what is known here.
    """

    def __init__(self, path: Path, offset: int) -> None:
        """Find out who was there at *offset* of the recording at *path*.

        Raises:
            OSError: it cannot be read.
        """
        self._known: dict[bytes, _Known] = {}
        self._ends: dict[tuple[str, str], _Known] = {}
        self._count = 0
        self.several = False
        for data, begin, end in _windows(path, offset):
            self.several = self.several or data.find(PCAPNG_MAGIC, max(1, begin), end + 3) >= 0
            for segment, comment in _telling(data, begin, end):
                self._told(segment, comment)

    def among(self, batches: Iterable[Batch[Record]]) -> Iterator[Batch[Record]]:
        """Yield *batches*, which begin at the place, with the numbers and nicks of the whole."""
        known: dict[int, _Known] = {}
        for batch in batches:
            if isinstance(batch, RecordRun):
                yield batch.moved({lane: self._moved(lane, known) for lane in set(batch.lanes)})
            else:
                yield [self._placed(record, known) for record in batch]

    def _moved(self, lane: Lane, known: dict[int, _Known]) -> Lane:
        it = self._placed(lane.record(0), known)
        return Lane(it.conn, it.direction, it.client, it.server)

    def _placed(self, record: Record, known: dict[int, _Known]) -> Record:
        it = known.get(record.conn)
        if it is None:
            it = known[record.conn] = self._recognised(record)
        nick = it.nick if record.kind is Kind.OPEN else ""
        return replace(record, conn=it.number, client=it.client, server=it.server, nick=nick)

    def _recognised(self, record: Record) -> _Known:
        """Return whose *record*, the first of a connection behind the place, is."""
        if record.kind is Kind.OPEN and record.note.startswith(MIDSTREAM):
            known = self._ends.get((record.client, record.server))
            if known is not None:
                return known
        self._count += 1
        return _Known(self._count, b"", record.client, record.server, record.nick)

    def _told(self, segment: Segment, comment: str) -> None:
        if comment.startswith(ABOUT):
            self._opened(segment.key, comment)
        elif (known := self._known.get(_pair(segment.key))) is not None:
            self._heard(known, segment)

    def _opened(self, key: bytes, comment: str) -> None:
        self._count += 1
        told, (client, server) = about(comment), ends(key)
        known = _Known(
            self._count,
            key,
            told.get("client", client),
            told.get("server", server),
            told.get("nick", ""),
        )
        self._known[_pair(key)] = self._ends[client, server] = known

    def _heard(self, known: _Known, segment: Segment) -> None:
        up = segment.key == known.key
        direction = Direction.TO_SERVER if up else Direction.TO_CLIENT
        frames = Reframer(midway=True)
        for payload in [*frames.feed(segment.data).payloads, *frames.finish().payloads]:
            try:
                known.nick = nick_after(known.nick, codec.decode(payload, direction))
            except MalformedPayload:
                continue


def _pair(key: bytes) -> bytes:
    """Return what the keys of both directions have in common."""
    half = (len(key) - 4) // 2
    one, other = key[:half] + key[-4:-2], key[half : 2 * half] + key[-2:]
    return min(one, other) + max(one, other)


def _windows(path: Path, offset: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the octets before *offset*, a window of them at a time, with what is round it.

    With each its begin and its end there.
    """
    with path.open("rb") as file:
        for begin in range(0, offset, WINDOW):
            before = min(begin, REACH)
            file.seek(begin - before)
            data = file.read(before + WINDOW + REACH)
            yield data, before, before + min(WINDOW, offset - begin)


def _telling(data: bytes, begin: int, end: int) -> Iterator[tuple[Segment, str]]:
    """Yield segments in *data* that tell of connections or nicks, each with its comment."""
    least = 0
    for place in _found(data, begin, end):
        if found := _block_around(data, place, least):
            least = found[1]
            yield from _parsed(data[found[0] : found[1]])
        else:  # nothing that begins up to here reaches beyond it
            least = max(least, (place & ~3) + 4)


def _found(data: bytes, begin: int, end: int) -> list[int]:
    places = []
    for needle in _NEEDLES:
        place = data.find(needle, begin, end)
        while place >= 0:
            places.append(place)
            place = data.find(needle, place + 1, end)
    return sorted(places)


def _block_around(data: bytes, place: int, least: int) -> tuple[int, int] | None:
    """Return begin and end of the packet block in *data* round *place*, None if there is none.

    It begins at *least*, a multiple of 4, or behind that.
    """
    for start in range(place & ~3, max(least - 1, place - REACH), -4):
        if data[start : start + 4] != b"\6\0\0\0":
            continue
        length = int.from_bytes(data[start + 4 : start + 8], "little")
        end = start + length
        if place < end <= len(data) and data[end - 4 : end] == data[start + 4 : start + 8]:
            return start, end
    return None


def _parsed(block: bytes) -> Iterator[tuple[Segment, str]]:
    kept = int.from_bytes(block[20:24], "little")
    segment = segment_of(RAW, block[28 : 28 + kept], Findings())
    if segment is not None:
        yield segment, read_comments(LITTLE, block[:-4], 28 + kept + (-kept & 3))
