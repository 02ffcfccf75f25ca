"""Records understood: each packet, each event of a connection, and each fault as one item.

A fault never hides what is behind it: a payload that is no packet is an item like the others, and
after a hole the stream is taken up where it can be.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from chatctl.capture.items.copies import Copies, Said
from chatctl.capture.items.item import Item, What
from chatctl.capture.items.pairing import Pairing
from chatctl.capture.items.reframe import Found, Reframer
from chatctl.capture.naming import NAMING, nick_after
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.tcp import MIDSTREAM
from chatctl.capture.record import REDACTED, Kind, Record
from chatctl.wire.packets import Direction

MAX_TALKS = 20_000
"""Connections followed at a time; a capture of a flood must not fill the memory."""

_TO_CLIENT = Direction.TO_CLIENT
_DATA = Kind.DATA


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

    def __init__(self, findings: Findings | None = None) -> None:
        """Count skipped octets in *findings*."""
        self.pairing = Pairing()
        self._findings = findings or Findings()
        self._talks: OrderedDict[int, _Talk] = OrderedDict()
        self._up, self._down = Copies(Direction.TO_SERVER), Copies(_TO_CLIENT)
        self._items: list[Item] = []
        self._number = 0

    def dissect(self, records: Iterable[Record]) -> Iterator[Item]:
        """Yield the items of *records*, then what was left unfinished at the end."""
        return chain.from_iterable(self.batches([record] for record in records))

    def batches(self, batches: Iterable[Collection[Record]]) -> Iterator[list[Item]]:
        """Yield what ``dissect`` does, the items of each of *batches* together."""
        for records in batches:
            yield self.take(records)
        items: list[Item] = []
        self._items = items
        for talk in list(self._talks.values()):
            for direction in Direction:
                self._unfinished(talk.last, direction)
        yield items

    def take(self, records: Collection[Record]) -> list[Item]:
        """Return the items that *records*, the next ones, complete.

        The hot path of all decoding is here: what whole frames say is worked out for all records
        together (see ``Copies``), and to a client that waits for no answer it only has to be
        handed on. All else goes the general way, which would do the same, at twice the cost.
        """
        items: list[Item] = []
        self._items = items
        if len(records) > 1:  # one alone is understood as quickly when its turn comes
            self._learn(records)
        find, known, waiting = self._talks.get, self._down.sound.get, self.pairing.waiting
        for record in records:
            talk = find(record.conn)
            if (
                talk is not None
                and record.direction is _TO_CLIENT
                and record.kind is _DATA
                and talk.down.between
                and record.conn not in waiting
                and not record.note
                and (said := known(record.data)) is not None
            ):
                talk.last = record
                number, nick = self._number, talk.nick
                for payload, packet, _ in said:
                    number += 1
                    size = len(payload)
                    items.append(Item(number, _PACKET, record, nick, payload, packet, "", size))
                self._number = number
            else:
                self._general(record)
        return items

    def nick(self, conn: int) -> str:
        """Return who *conn* is by now, empty while nobody."""
        talk = self._talks.get(conn)
        return talk.nick if talk is not None else ""

    def forget(self, conn: int) -> None:
        """Let go of a connection that has ended."""
        self._talks.pop(conn, None)

    def _learn(self, records: Iterable[Record]) -> None:
        data = [record for record in records if record.kind is _DATA]
        self._down.learn(record.data for record in data if record.direction is _TO_CLIENT)
        self._up.learn(record.data for record in data if record.direction is not _TO_CLIENT)

    # ------------------------------------------------------------ the general way

    def _general(self, record: Record) -> None:
        if record.kind is not _DATA:
            self._event(record)
            return
        talk = self._talk(record)
        talk.last = record
        if record.note and not record.note.startswith(REDACTED):
            self._add(What.MARK, record, talk.nick, record.note)
        if record.direction is _TO_CLIENT:
            frames, copies = talk.down, self._down
        else:
            frames, copies = talk.up, self._up
        if frames.search is None:
            self._packets(record, talk, copies.said(record.data, frames))
        else:
            self._found(record, talk, frames.feed(record.data))

    def _talk(self, record: Record, *, midway: bool = False) -> _Talk:
        talk = self._talks.get(record.conn)
        if talk is None:
            talk = self._talks[record.conn] = _Talk(record, midway=midway)
            if len(self._talks) > MAX_TALKS:
                self._talks.popitem(last=False)
        return talk

    def _found(self, record: Record, talk: _Talk, found: Found) -> None:
        if found.skipped:
            self._findings.skipped += found.skipped
            note = f"{found.skipped} octets skipped to find the next frame"
            self._add(What.SKIPPED, record, talk.nick, note, size=found.skipped)
        copies = self._down if record.direction is _TO_CLIENT else self._up
        self._packets(record, talk, copies.understood(found.payloads), resynced=found.resynced)

    def _packets(
        self, record: Record, talk: _Talk, said: Iterable[Said], *, resynced: bool = False
    ) -> None:
        for payload, packet, why in said:
            if packet is None:
                self._add(What.MALFORMED, record, talk.nick, why, payload, len(payload))
                continue
            if packet.__class__ in NAMING:
                talk.nick = nick_after(talk.nick, packet)
            rtt = self.pairing.seen(record, talk.nick, packet) if record.at else -1
            self._number += 1
            number, nick, size = self._number, talk.nick, len(payload)
            self._items.append(
                Item(number, _PACKET, record, nick, payload, packet, "", size, rtt, resynced)
            )
            resynced = False

    def _event(self, record: Record) -> None:
        midway = record.kind is Kind.OPEN and record.note.startswith(MIDSTREAM)
        if record.kind is Kind.OPEN:
            self._talks.pop(record.conn, None)
        talk = self._talk(record, midway=midway)
        talk.nick = record.nick or talk.nick
        talk.last = record
        note = record.note
        if record.kind is Kind.GAP:
            (talk.down if record.direction is _TO_CLIENT else talk.up).gap()
            note = f"{record.missing} octets were not captured"
        elif record.kind is Kind.CLOSE:
            self._unfinished(record, record.direction)
            if record.reset:
                other = Direction.TO_SERVER if record.direction is _TO_CLIENT else _TO_CLIENT
                self._unfinished(record, other)
                note = f"reset: {note}" if note else "reset"
        self._add(What(record.kind.value), record, talk.nick, note, size=record.missing)

    def _unfinished(self, record: Record, direction: Direction) -> None:
        """Add what a direction that has ended leaves without a frame's end."""
        talk = self._talk(record)
        frames = talk.down if direction is _TO_CLIENT else talk.up
        ends = record.client, record.server
        there = Record(record.at, record.conn, _DATA, direction, b"", *ends)
        self._found(there, talk, frames.finish())
        rest = frames.rest
        if not rest:
            return
        announced = frames.announced
        whole = "" if announced is None else f" of {announced}"
        have = len(rest) - 2 if announced is not None else len(rest)
        note = f"cut short: {have}{whole} octets of a payload came"
        if announced is None:
            note = "cut short: one octet of a length came"
        self._add(What.TRUNCATED, there, talk.nick, note, rest, len(rest))
        if direction is _TO_CLIENT:
            talk.down = Reframer()
        else:
            talk.up = Reframer()

    def _add(
        self,
        what: What,
        record: Record,
        nick: str,
        note: str,
        payload: bytes = b"",
        size: int = 0,
    ) -> None:
        self._number += 1
        self._items.append(Item(self._number, what, record, nick, payload, note=note, size=size))
