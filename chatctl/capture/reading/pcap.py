"""Packets out of a classic pcap file, as tcpdump writes it: micro- or nanoseconds, either order."""

from collections.abc import Iterator
from struct import Struct

from chatctl.capture.reading.captured import CapturedRun
from chatctl.capture.reading.sources import Source
from chatctl.errors import CaptureDamaged

MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""The file's first four octets: byte order, and nanoseconds in a unit of the stamps' fraction."""

HEAD = 16
"""Octets before a packet: seconds, fraction, octets kept, octets on the wire."""

MAX_PACKET = 16 << 20


def read_pcap(source: Source) -> Iterator[CapturedRun]:
    """Yield the packets of *source*, a pcap file, as many together as are at hand.

    Raises:
        CaptureDamaged: after the last sound packet.
    """
    head = source.head(24)
    if head[:4] not in MAGICS:
        raise CaptureDamaged("it does not begin as a pcap file does", 0)
    mark, unit = MAGICS[head[:4]]
    if len(head) < 24:
        raise CaptureDamaged("cut short in the file's head", 0)
    linktype = Struct(mark + "I").unpack_from(head, 20)[0] & 0x0FFFFFFF
    source.take(24)
    cutter = _Cutter(Struct(mark + "III"), unit, linktype)
    while more := source.chunk(cutter.lacks):
        if run := cutter.cut(more):
            yield run
        cutter.check()
    cutter.end()


class _Cutter:
    """Cuts octets into packets; keeps what is not yet a whole one."""

    def __init__(self, head: Struct, unit: int, linktype: int) -> None:
        self._unpack = head.unpack_from
        self._unit = unit
        self._linktype = linktype
        self._rest = b""
        self._offset = 24
        self._need = HEAD

    @property
    def lacks(self) -> int:
        """How many octets are missing of the next packet, or of its head."""
        return self._need - len(self._rest)

    def cut(self, more: bytes) -> CapturedRun:
        """Return the packets that are whole with *more*, up to one that cannot be one."""
        buffer = self._rest + more
        run = CapturedRun(self._linktype, buffer)
        start, self._need = 0, HEAD
        while start + HEAD <= len(buffer):
            seconds, fraction, kept = self._unpack(buffer, start)
            begin, end = start + HEAD, start + HEAD + kept
            if kept > MAX_PACKET or end > len(buffer):
                self._need = HEAD + kept
                break
            run.at.append(seconds * 1_000_000_000 + fraction * self._unit)
            run.begins.append(begin)
            run.ends.append(end)
            start = end
        self._rest = buffer[start:]
        self._offset += start
        return run

    def check(self) -> None:
        """Raise where what comes next cannot be a packet."""
        if (size := self._need - HEAD) > MAX_PACKET:
            raise CaptureDamaged(f"a packet cannot be {size} octets long", self._offset)

    def end(self) -> None:
        """Raise where the file ends within a packet."""
        if self._rest:
            text = f"cut short: the last packet has {len(self._rest)} octets of {self._need}"
            raise CaptureDamaged(text, self._offset)
