"""An item: one line of a decoded capture. What views, filters and statistics look at."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import count, repeat
from typing import get_args

from msgspec import Struct

from chatctl.capture.record import Lane, Record, RecordRun
from chatctl.wire.packets import Packet, ToClient, ToServer, Unknown


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


def tag_of(kind: type) -> str:
    """Return the ``type`` member of packets of the class *kind*; empty for unknown ones."""
    return _TAGS.get(kind, "")


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


class ItemRun:
    """PACKET items in a row, kept in columns.

    That is quicker to make, and to look through, than the items, which come out on iteration.

    Attributes:
        number: of the first.
        records: the record of each.
        nicks: who the connections were, by their lanes.
        payloads: of each; as of ``Item``.
        packets: what each understood is.
        rtts: of those that answer a request, by their places in the run.
    """

    __slots__ = ("nicks", "number", "packets", "payloads", "records", "rtts")

    def __init__(
        self,
        number: int,
        records: RecordRun,
        nicks: Mapping[Lane, str],
        payloads: list[bytes],
        packets: list[Packet | Unknown],
        rtts: Mapping[int, int],
    ) -> None:
        """Take the columns; all are of one length."""
        self.number = number
        self.records = records
        self.nicks = nicks
        self.payloads = payloads
        self.packets = packets
        self.rtts = rtts

    def __len__(self) -> int:
        return len(self.packets)

    def __iter__(self) -> Iterator[Item]:
        return map(
            Item,
            count(self.number),
            repeat(What.PACKET),
            self.records,
            map(self.nicks.__getitem__, self.records.lanes),
            self.payloads,
            self.packets,
            repeat(""),
            map(len, self.payloads),
            map(self.rtts.get, range(len(self)), repeat(-1)) if self.rtts else repeat(-1),
        )
