"""Records understood: each packet, each event of a connection, and each fault as one item.

A fault never hides what is behind it: a payload that is no packet is an item like the others, and
after a hole the stream is taken up where it can be.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import chain

from chatctl.capture.items.chunks import plain_run, understood
from chatctl.capture.items.item import Item, ItemRun, What
from chatctl.capture.items.pairing import Pairing
from chatctl.capture.items.reframe import Found, Reframer
from chatctl.capture.naming import NAMING, nick_after
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.tcp import MIDSTREAM
from chatctl.capture.record import REDACTED, Batch, Kind, Lane, Record, RecordRun
from chatctl.errors import MalformedPayload
from chatctl.wire.packets import Direction, Packet, Unknown

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

    def frames(self, direction: Direction) -> Reframer:
        """Return what cuts the frames of *direction*."""
        return self.down if direction is _TO_CLIENT else self.up


class Dissector:
    """Turns the records of one capture into items."""

    def __init__(self, findings: Findings | None = None) -> None:
        """Count skipped octets in *findings*."""
        self.pairing = Pairing()
        self._findings = findings or Findings()
        self._talks: OrderedDict[int, _Talk] = OrderedDict()
        self._items: list[Item] = []
        self._number = 0

    def dissect(self, records: Iterable[Record]) -> Iterator[Item]:
        """Yield the items of *records*, then what was left unfinished at the end."""
        return chain.from_iterable(self.batches([record] for record in records))

    def batches(self, batches: Iterable[Batch[Record]]) -> Iterator[Batch[Item]]:
        """Yield what ``dissect`` does, the items of each of *batches* together."""
        for records in batches:
            yield self.take(records)
        items: list[Item] = []
        self._items = items
        for talk in list(self._talks.values()):
            for direction in Direction:
                self._unfinished(talk.last, direction)
        yield items

    def take(self, records: Batch[Record]) -> Batch[Item]:
        """Return the items that *records*, the next ones, complete."""
        run = self._run(records) if isinstance(records, RecordRun) else None
        if run is not None:
            return run
        items: list[Item] = []
        self._items = items
        for record in records:
            self._general(record)
        return items

    def nick(self, conn: int) -> str:
        """Return who *conn* is by now, empty while nobody."""
        talk = self._talks.get(conn)
        return talk.nick if talk is not None else ""

    def forget(self, conn: int) -> None:
        """Let go of a connection that has ended."""
        self._talks.pop(conn, None)

    # ------------------------------------------------------------ the express lane

    def _run(self, run: RecordRun) -> ItemRun | None:
        """Return the items of *run*; None, and nothing has happened, where it is not plain.

        The hot path of all decoding. A run is plain if each record is of whole frames and all of
        them are packets that leave nicks as they are: then what they say is worked out together,
        and only requests and what may answer them are looked at one by one. The general way would
        do the same, at thrice the cost.
        """
        lanes = dict.fromkeys(run.lanes)
        understood = plain_run(run) if all(map(self._in_step, lanes)) else None
        if understood is None:
            return None
        for lane, at in dict(zip(run.lanes, run.at, strict=True)).items():
            talk = self._talks[lane.conn]
            if at >= talk.last.at:
                talk.last = lane.record(at)
        run, payloads, packets = understood
        nicks = {lane: self._talks[lane.conn].nick for lane in lanes}
        number = self._number + 1
        self._number += len(run)
        return ItemRun(number, run, nicks, payloads, packets, self._paired(run, nicks, packets))

    def _in_step(self, lane: Lane) -> bool:
        talk = self._talks.get(lane.conn)
        return talk is not None and talk.frames(lane.direction).between

    def _paired(
        self, run: RecordRun, nicks: dict[Lane, str], packets: list[Packet | Unknown]
    ) -> dict[int, int]:
        """Pair requests in *run* with answers; return the round trips, by the answers' places."""
        pairing, waiting = self.pairing, self.pairing.waiting
        rtts: dict[int, int] = {}
        down = {lane.conn: lane for lane in nicks if lane.direction is _TO_CLIENT}
        calm = {lane for conn, lane in down.items() if conn not in waiting}
        if len(calm) == len(nicks):
            return rtts
        for place, lane in enumerate(run.lanes):
            if lane in calm:
                continue
            conn, nick = lane.conn, nicks[lane]
            rtt = pairing.seen(run.at[place], conn, lane.direction, nick, packets[place])
            if rtt >= 0:
                rtts[place] = rtt
            if conn in waiting:
                calm.discard(down.get(conn, lane))
            elif conn in down:
                calm.add(down[conn])
        return rtts

    # ------------------------------------------------------------ the general way

    def _general(self, record: Record) -> None:
        if record.kind is not _DATA:
            self._event(record)
            return
        talk = self._talk(record)
        talk.last = record
        if record.note and not record.note.startswith(REDACTED):
            self._add(What.MARK, record, talk.nick, record.note)
        frames = talk.frames(record.direction)
        if frames.search is None:
            self._packets(record, talk, frames.cut(record.data))
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
        self._packets(record, talk, found.payloads, resynced=found.resynced)

    def _packets(
        self, record: Record, talk: _Talk, payloads: list[bytes], *, resynced: bool = False
    ) -> None:
        for payload, packet in understood(payloads, record.direction):
            if isinstance(packet, MalformedPayload):
                self._add(What.MALFORMED, record, talk.nick, str(packet), payload, len(payload))
                continue
            if packet.__class__ in NAMING:
                talk.nick = nick_after(talk.nick, packet)
            nick = talk.nick
            rtt = self.pairing.seen(record.at, record.conn, record.direction, nick, packet)
            self._number += 1
            number, size = self._number, len(payload)
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
            talk.frames(record.direction).gap()
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
        frames = talk.frames(direction)
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
