"""A record: one thing that crossed a socket. The narrow waist between sources of bytes and views.

Whatever was captured, by us or by tcpdump, becomes an iterator of records; whatever looks at a
capture takes one. A record holds the chunk the socket saw, not a packet, so that a framing fault
stays visible. docs/capture-format.md.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Protocol, TypeVar

from msgspec import Struct

from chatctl.wire.packets import Direction

REDACTED = "redacted:"
"""How the note of a DATA record begins in which members are disguised; their names follow."""

LATEST = (1 << 64) - 1
"""The last time that a capture can hold, nanoseconds since 1970: 21 July 2554."""

MAX_LANES = 10_000
"""Lanes that are remembered of records that come one by one."""

T = TypeVar("T", covariant=True)

_PORT = re.compile(r":(\d{1,5})(?:, |$)", re.ASCII)


def moment(at: int) -> int:
    """Return *at*, nanoseconds since 1970; where no capture can hold it, the nearest one can."""
    return min(max(at, 0), LATEST)


def ports_of(ends: str) -> list[int]:
    """Return the ports of *ends*, ``127.0.0.1:3490`` or several with a comma and a blank between.

    What has no port, such as a unix socket, is passed over.
    """
    return list(map(int, _PORT.findall(ends)))


class Batch(Protocol[T]):
    """Things that are at hand together, in the order of the capture."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[T]: ...


class Kind(StrEnum):
    """What a record is about."""

    OPEN = "open"
    DATA = "data"
    GAP = "gap"
    CLOSE = "close"
    MARK = "mark"


class Record(Struct, frozen=True, gc=False):
    """One thing that crossed a socket, or happened to it.

    Attributes:
        at: nanoseconds since 1970-01-01T00:00:00Z; never smaller than its predecessor's of the
            same file, except where files were merged.
        conn: the connection, numbered from 1 in the order of their first records.
        kind: what happened.
        direction: which way the data went; of OPEN, CLOSE and MARK, who did it.
        data: DATA: the octets, exactly as on the socket. Else empty.
        client: the client's address as text, ``127.0.0.1:50312`` or ``[::1]:50312``.
        server: the server's address as text.
        missing: GAP: how many octets of that direction were not captured.
        note: what is known in words: CLOSE's reason, MARK's text, a capture comment.
        reset: CLOSE: it was a reset (RST), not an orderly end (FIN).
        nick: OPEN: who it is, of a connection that is joined midway and was seen before; also of
            any record that was made of an item.
    """

    at: int
    conn: int
    kind: Kind
    direction: Direction
    data: bytes = b""
    client: str = ""
    server: str = ""
    missing: int = 0
    note: str = ""
    reset: bool = False
    nick: str = ""


class Lane:
    """One direction of one connection: what all its DATA records have in common.

    Each is known by its identity. Attributes as of ``Record``.
    """

    __slots__ = ("client", "conn", "direction", "server")

    def __init__(self, conn: int, direction: Direction, client: str, server: str) -> None:
        """Nothing of it ever changes."""
        self.conn = conn
        self.direction = direction
        self.client = client
        self.server = server

    def record(self, at: int, data: bytes = b"") -> Record:
        """Return the record of *data* that crossed *at* nanoseconds."""
        return Record(at, self.conn, Kind.DATA, self.direction, data, self.client, self.server)


class RecordRun:
    """DATA records without notes in a row, kept in columns.

    That is quicker to make, and to look through, than the records, which come out on iteration.

    Attributes:
        at: their times; as of ``Record``.
        lanes: what each went on.
        data: the octets of each.
    """

    __slots__ = ("at", "data", "lanes")

    def __init__(self, at: list[int], lanes: list[Lane], data: list[bytes]) -> None:
        """Take the columns; all are of one length."""
        self.at = at
        self.lanes = lanes
        self.data = data

    def __len__(self) -> int:
        return len(self.at)

    def __iter__(self) -> Iterator[Record]:
        return (
            Record(at, lane.conn, Kind.DATA, lane.direction, data, lane.client, lane.server)
            for at, lane, data in zip(self.at, self.lanes, self.data, strict=True)
        )

    def chosen(self, places: Sequence[int]) -> "RecordRun":
        """Return the records at *places*, in that order; a place may be there several times."""
        return RecordRun(
            [self.at[place] for place in places],
            [self.lanes[place] for place in places],
            [self.data[place] for place in places],
        )

    def moved(self, lanes: Mapping[Lane, Lane]) -> "RecordRun":
        """Return these records on the *lanes* that theirs lead to."""
        return RecordRun(self.at, [lanes[lane] for lane in self.lanes], self.data)


class Lanes:
    """Puts records that came one by one into runs."""

    def __init__(self) -> None:
        """Know no lanes yet."""
        self._lanes: dict[tuple[int, Direction, str, str], Lane] = {}

    def runs(self, records: Iterable[Record]) -> Iterator[Batch[Record]]:
        """Yield *records*, those together that may be in a run."""
        for plain, group in groupby(records, lambda it: it.kind is Kind.DATA and not it.note):
            some = list(group)
            if plain and len(some) > 1:
                lanes = [self._lane(record) for record in some]
                yield RecordRun([it.at for it in some], lanes, [it.data for it in some])
            else:
                yield some

    def _lane(self, record: Record) -> Lane:
        key = record.conn, record.direction, record.client, record.server
        lane = self._lanes.get(key)
        if lane is None:
            if len(self._lanes) >= MAX_LANES:
                self._lanes.clear()
            lane = self._lanes[key] = Lane(*key)
        return lane


class Tap:
    """What sees every read and write of a process's sockets, and by default ignores it.

    Sockets' owners call it in the order things happened; it must return at once and never raise.
    ``conn`` is the owner's own number for the connection, used for one connection only.
    """

    def opened(self, conn: int, client: str, server: str) -> None:
        """*conn* was accepted or made; addresses as text, see ``Record``."""

    def joined(self, conn: int, client: str, server: str, nick: str = "") -> None:
        """*conn*, known as *nick*, was open already when this tap came; else as ``opened``."""

    def crossed(self, conn: int, direction: Direction, data: bytes) -> None:
        """*data*, not empty, was read from or written to the socket of *conn*."""

    def spread(self, conns: Sequence[int], direction: Direction, data: bytes) -> None:
        """*data*, not empty, was written to the sockets of all *conns*, one after the other."""
        for conn in conns:
            self.crossed(conn, direction, data)

    def closed(self, conn: int, direction: Direction, reason: str, *, reset: bool = False) -> None:
        """*conn* ended: *direction* is the way the FIN (or RST) travelled."""

    def marked(self, conn: int, text: str) -> None:
        """Somebody wants this place of the recording found again."""
