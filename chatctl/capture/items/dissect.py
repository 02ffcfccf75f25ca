"""Records understood: each packet, each event of a connection, and each fault as one item.

What views, filters and statistics look at. A fault never hides what is behind it: a payload that
is no packet is an item like the others, and after a hole the stream is taken up where it can be.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import get_args

from msgspec import Struct

from chatctl.capture.items.pairing import Pairing
from chatctl.capture.items.reframe import Found, Reframer
from chatctl.capture.naming import NAMING, nick_after
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.tcp import MIDSTREAM
from chatctl.capture.record import Kind, Record
from chatctl.errors import MalformedPayload
from chatctl.wire.codec import decode_to_client, decode_to_server
from chatctl.wire.packets import Direction, Packet, ToClient, ToServer, Unknown

MAX_TALKS = 20_000
"""Connections followed at a time; a capture of a flood must not fill the memory."""

_TO_CLIENT = Direction.TO_CLIENT
_DATA = Kind.DATA


class What(StrEnum):
    """What an item is."""

    PACKET = "packet"
    MALFORMED = "malformed"
    OPEN = "open"
    CLOSE = "close"
    GAP = "gap"
    SKIPPED = "skipped"
    TRUNCATED = "truncated"
    MARK = "mark"


_TAGS: dict[type, str] = {
    kind: str(kind.__struct_config__.tag) for kind in (*get_args(ToServer), *get_args(ToClient))
}


class Item(Struct, frozen=True, gc=False):
    """One line of a decoded capture.

    Attributes:
        number: counted from 1.
        what: what it is.
        record: the record that completed it: when, on which connection, which way.
        nick: who the connection was at that time; empty while nobody.
        payload: the octets of a packet, a malformed payload, or a frame that was cut short.
        packet: PACKET: the payload understood.
        note: MALFORMED: why; GAP, SKIPPED, TRUNCATED: what is missing; else the record's note.
        size: octets: of the payload, or of what is missing.
        rtt: PACKET: nanoseconds since the request that it answers; -1 if it answers none.
        resynced: whether the place of its frame was found by search.
    """

    number: int
    what: What
    record: Record
    nick: str = ""
    payload: bytes = b""
    packet: Packet | Unknown | None = None
    note: str = ""
    size: int = 0
    rtt: int = -1
    resynced: bool = False

    @property
    def type(self) -> str:
        """The packet's type as sent; what the item is, for all others."""
        packet = self.packet
        tag = _TAGS.get(packet.__class__)
        if tag is not None:
            return tag
        return packet.type if isinstance(packet, Unknown) else self.what.value


_PACKET = What.PACKET


class _Talk:
    """One connection while it lasts."""

    __slots__ = ("down", "last", "nick", "up")

    def __init__(self, record: Record, *, midway: bool) -> None:
        self.last = record
        self.nick = ""
        self.up = Reframer(midway=midway)
        self.down = Reframer(midway=midway)


class Dissector:
    """Turns the records of one capture into items."""

    def __init__(self, findings: Findings | None = None, *, spreads: bool = False) -> None:
        """Count skipped octets in *findings*; follow *spreads* of sayings if that is wanted."""
        self.pairing = Pairing(spreads=spreads)
        self._findings = findings or Findings()
        self._talks: dict[int, _Talk] = {}
        self._number = 0

    def dissect(self, records: Iterable[Record]) -> Iterator[Item]:
        """Yield the items of *records*, then what was left unfinished at the end."""
        talks = self._talks
        for record in records:
            talk = talks.get(record.conn)
            if talk is not None and record.kind is _DATA and not record.note:
                talk.last = record
                frames = talk.down if record.direction is _TO_CLIENT else talk.up
                if frames.searched is None:
                    yield from self._packets(record, talk, frames.cut(record.data))
                    continue
            yield from self.take(record)
        for talk in list(self._talks.values()):
            yield from self._unfinished(talk.last, Direction.TO_SERVER)
            yield from self._unfinished(talk.last, _TO_CLIENT)

    def take(self, record: Record) -> Iterator[Item]:
        """Yield the items that the next record completes."""
        return self._data(record) if record.kind is Kind.DATA else self._event(record)

    def forget(self, conn: int) -> None:
        """Let go of a connection that has ended."""
        self._talks.pop(conn, None)

    def _talk(self, record: Record, *, midway: bool = False) -> _Talk:
        talk = self._talks.get(record.conn)
        if talk is None:
            talk = self._talks[record.conn] = _Talk(record, midway=midway)
            if len(self._talks) > MAX_TALKS:
                del self._talks[next(iter(self._talks))]
        return talk

    def _data(self, record: Record) -> Iterator[Item]:
        talk = self._talks.get(record.conn) or self._talk(record)
        talk.last = record
        frames = talk.down if record.direction is _TO_CLIENT else talk.up
        if record.note and not record.note.startswith("redacted:"):
            yield self._item(What.MARK, record, talk.nick, note=record.note)
        yield from self._found(record, talk, frames.feed(record.data))

    def _found(self, record: Record, talk: _Talk, found: Found) -> Iterator[Item]:
        if found.skipped:
            self._findings.skipped += found.skipped
            note = f"{found.skipped} octets skipped to find the next frame"
            yield self._item(What.SKIPPED, record, talk.nick, note=note, size=found.skipped)
        yield from self._packets(record, talk, found.payloads, resynced=found.resynced)

    def _packets(
        self, record: Record, talk: _Talk, payloads: list[bytes], *, resynced: bool = False
    ) -> list[Item]:
        """Return the items of *payloads*; this is the hot path of all decoding."""
        decode = decode_to_client if record.direction is _TO_CLIENT else decode_to_server
        items = []
        for payload in payloads:
            self._number = number = self._number + 1
            try:
                packet = decode(payload)
            except MalformedPayload as error:
                items.append(_malformed(number, record, talk.nick, payload, str(error)))
                continue
            if packet.__class__ in NAMING:
                talk.nick = nick_after(talk.nick, packet)
            rtt = self.pairing.seen(record, talk.nick, packet) if record.at else -1
            size = len(payload)
            items.append(
                Item(number, _PACKET, record, talk.nick, payload, packet, "", size, rtt, resynced)
            )
            resynced = False
        return items

    def _event(self, record: Record) -> Iterator[Item]:
        midway = record.kind is Kind.OPEN and record.note.startswith(MIDSTREAM)
        if record.kind is Kind.OPEN:
            self._talks.pop(record.conn, None)
        talk = self._talk(record, midway=midway)
        talk.last = record
        if record.kind is Kind.GAP:
            (talk.down if record.direction is _TO_CLIENT else talk.up).gap()
            note = f"{record.missing} octets were not captured"
            yield self._item(What.GAP, record, talk.nick, note=note, size=record.missing)
            return
        if record.kind is Kind.CLOSE:
            yield from self._unfinished(record, record.direction)
            if record.reset:
                other = Direction.TO_SERVER if record.direction is _TO_CLIENT else _TO_CLIENT
                yield from self._unfinished(record, other)
        note = record.note
        if record.kind is Kind.CLOSE and record.reset:
            note = f"reset: {note}" if note else "reset"
        yield self._item(What(record.kind.value), record, talk.nick, note=note)

    def _unfinished(self, record: Record, direction: Direction) -> Iterator[Item]:
        """Yield what a direction that has ended leaves without a frame's end."""
        talk = self._talk(record)
        frames = talk.down if direction is _TO_CLIENT else talk.up
        there = Record(
            record.at, record.conn, Kind.DATA, direction, b"", record.client, record.server
        )
        yield from self._found(there, talk, frames.finish())
        rest = frames.rest
        if not rest:
            return
        announced = frames.announced
        whole = "" if announced is None else f" of {announced}"
        have = len(rest) - 2 if announced is not None else len(rest)
        note = f"cut short: {have}{whole} octets of a payload came"
        if announced is None:
            note = "cut short: one octet of a length came"
        yield self._item(What.TRUNCATED, there, talk.nick, note=note, payload=rest, size=len(rest))
        if direction is _TO_CLIENT:
            talk.down = Reframer()
        else:
            talk.up = Reframer()

    def _item(
        self,
        what: What,
        record: Record,
        nick: str,
        *,
        note: str,
        payload: bytes = b"",
        size: int = 0,
    ) -> Item:
        self._number += 1
        return Item(self._number, what, record, nick, payload, note=note, size=size)


def _malformed(number: int, record: Record, nick: str, payload: bytes, why: str) -> Item:
    size = len(payload)
    return Item(number, What.MALFORMED, record, nick, payload, note=why, size=size)
