"""Packets as a capture holds them, before anybody looks into them."""

from collections.abc import Iterator
from itertools import accumulate, groupby

from msgspec import Struct

from chatctl.capture.record import Batch


class Captured(Struct, frozen=True, gc=False):
    """A packet as captured.

    Attributes:
        at: nanoseconds since 1970.
        linktype: how *data* begins, by the numbers of tcpdump.org/linktypes.html.
        data: the octets that were kept.
        comment: what somebody wrote on it; several are joined by newlines.
    """

    at: int
    linktype: int
    data: bytes
    comment: str = ""


class CapturedRun:
    """Packets without comments in a row, on one kind of link, kept in columns.

    That is quicker to make, and to look through, than the packets, which come out on iteration.

    Attributes:
        linktype: as of ``Captured``.
        octets: what they lie in.
        at: their times.
        begins: where in *octets* each begins.
        ends: where each ends.
    """

    __slots__ = ("at", "begins", "ends", "linktype", "octets")

    def __init__(self, linktype: int, octets: bytes) -> None:
        """Begin without packets."""
        self.linktype = linktype
        self.octets = octets
        self.at: list[int] = []
        self.begins: list[int] = []
        self.ends: list[int] = []

    def __len__(self) -> int:
        return len(self.at)

    def __iter__(self) -> Iterator[Captured]:
        return map(self.packet, self.at, self.begins, self.ends)

    def packet(self, at: int, begin: int, end: int) -> Captured:
        """Return the packet that lies between *begin* and *end*."""
        return Captured(at, self.linktype, self.octets[begin:end])


def in_runs(packets: Batch[Captured]) -> Iterator[Batch[Captured]]:
    """Yield *packets* as runs, as far as they may be in one."""
    if isinstance(packets, CapturedRun):
        yield packets
        return
    for (linktype, single), group in groupby(packets, lambda it: (it.linktype, bool(it.comment))):
        some = list(group)
        if single or len(some) == 1:
            yield some
            continue
        run = CapturedRun(linktype, b"".join([packet.data for packet in some]))
        run.at = [packet.at for packet in some]
        run.ends = list(accumulate(len(packet.data) for packet in some))
        run.begins = [0, *run.ends[:-1]]
        yield run
