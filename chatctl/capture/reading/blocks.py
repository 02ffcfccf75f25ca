"""A pcapng file cut into its blocks: any writer's, in either byte order.

What cannot be a block ends the reading with ``CaptureDamaged``, after everything before it; in
salvage the next place is looked for where two whole blocks follow each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from chatctl.capture import pcapng
from chatctl.capture.reading.sources import Source
from chatctl.errors import CaptureDamaged

MAX_BLOCK = 16 << 20
SECTION_HEADER = pcapng.SECTION_HEADER
KNOWN_BLOCKS = (*range(1, 7), pcapng.DECRYPTION_SECRETS, SECTION_HEADER)
MIN_BLOCK = 12
"""Octets of an empty block: its type and, twice, its length."""

_LOOKED_BACK = 2 * 65_700
"""Octets looked at again in salvage, when more have come: two of the longest packets fit."""


@dataclass(slots=True)
class Order:
    """How numbers of a section are laid out.

    Attributes:
        head: of any block: type and length.
        enhanced: an Enhanced Packet Block: also interface, time, high half first, octets kept.
        packet: the same without type and length, as in the block's body.
        old_packet: the same of a Packet Block: interface, packets lost before, time, octets kept.
        option: an option's code and length.
        interface: an Interface Description up to its options.
        u32: a number, such as the length that ends a block.
        i64: a long number that may be negative.
    """

    head: Struct
    enhanced: Struct
    packet: Struct
    old_packet: Struct
    option: Struct
    interface: Struct
    u32: Struct
    i64: Struct


def _order(mark: str) -> Order:
    return Order(
        head=Struct(mark + "II"),
        enhanced=Struct(mark + "IIIIII"),
        packet=Struct(mark + "IIII"),
        old_packet=Struct(mark + "HHIII"),
        option=Struct(mark + "HH"),
        interface=Struct(mark + "HHI"),
        u32=Struct(mark + "I"),
        i64=Struct(mark + "q"),
    )


LITTLE, BIG = _order("<"), _order(">")
_ORDERS = {b"\x4d\x3c\x2b\x1a": LITTLE, b"\x1a\x2b\x3c\x4d": BIG}


class Blocks:
    """Cuts a source into blocks, one after the other.

    Between two of them its user may look at ``buffer`` from ``start`` on, take blocks that are
    whole there by itself, and move ``start`` behind them.

    Attributes:
        buffer: octets at hand.
        start: where in them the next block begins.
        order: how its numbers are laid out.
        offset: where in the source the block in hand begins, for error texts.
        lost: where octets were passed over in salvage, and how many.
        nonsense: whole blocks that its user could make no sense of, and passed over.
    """

    def __init__(self, source: Source, *, salvage: bool = False) -> None:
        """Read from *source*; with *salvage*, go on behind damage."""
        self.source = source
        self.buffer = b""
        self.start = 0
        self.order = LITTLE
        self.offset = 0
        self.lost: list[tuple[int, int]] = []
        self.nonsense = 0
        self._salvage = salvage
        self._before = 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield each block's type and body.

        Raises:
            CaptureDamaged: what follows is no whole block; in salvage, only at the very end.
        """
        while True:
            try:
                yield from self._blocks()
            except CaptureDamaged:
                if not self._salvage or not self._find_next():
                    raise
            else:
                return

    def _blocks(self) -> Iterator[tuple[int, bytes]]:
        while length := self._next():
            buffer, start = self.buffer, self.start
            kind: int = self.order.head.unpack_from(buffer, start)[0]
            end = start + length
            if buffer[end - 4 : end] != buffer[start + 4 : start + 8]:
                raise CaptureDamaged("a block's two lengths differ", self.offset)
            self.start = end
            yield kind, buffer[start + 8 : end - 4]

    def _next(self) -> int:
        """Have the next block whole at hand; return how long it is, 0 if there is none."""
        while True:
            self.offset = self._before + self.start
            have = len(self.buffer) - self.start
            need = self._need() if have >= MIN_BLOCK else 0
            if need and need <= have:
                return need
            more = self.source.chunk((need or MIN_BLOCK) - have)
            if not more:
                self._end(have, need)
                return 0
            self._before = self.offset
            self.buffer, self.start = self.buffer[self.start :] + more, 0

    def _need(self) -> int:
        """Return how many octets the next block takes; its head is at hand."""
        buffer, start = self.buffer, self.start
        if buffer[start : start + 4] == b"\x0a\x0d\x0d\x0a":
            self._turn(buffer[start + 8 : start + 12])
        length: int = self.order.head.unpack_from(buffer, start)[1]
        if length < MIN_BLOCK or length % 4 or length > MAX_BLOCK:
            raise CaptureDamaged(f"a block cannot be {length} octets long", self.offset)
        return length

    def _turn(self, magic: bytes) -> None:
        if magic not in _ORDERS:
            raise CaptureDamaged("a section begins with no byte order", self.offset)
        self.order = _ORDERS[magic]

    def _end(self, have: int, need: int) -> None:
        if have:
            text = f"cut short: the last block has {have} octets of {need}"
            raise CaptureDamaged(text if need else "cut short in a block's head", self.offset)

    def _find_next(self) -> bool:
        """Go on where two whole blocks follow each other; return whether there is such a place."""
        begin = self.offset
        self._before, self.buffer, self.start = begin, self.buffer[self.start :], 0
        while True:
            buffer = self.buffer
            for start in range(1, len(buffer) - MIN_BLOCK):
                end, order = _block_end(buffer, start, self.order)
                if end and (end == len(buffer) or _block_end(buffer, end, order)[0]):
                    self.start = start
                    self.lost.append((begin, self._before + start - begin))
                    return True
            more = self.source.chunk(_LOOKED_BACK)
            if not more:
                return False
            kept = min(len(buffer), _LOOKED_BACK)
            self._before += len(buffer) - kept
            self.buffer = buffer[len(buffer) - kept :] + more


def _block_end(buffer: bytes, start: int, order: Order) -> tuple[int, Order]:
    """Return where a block of a known type that begins at *start* ends, 0 if none does.

    Its numbers are laid out in *order*, unless it begins a section: then in the order returned.
    """
    if start + MIN_BLOCK > len(buffer):
        return 0, order
    kind, length = order.head.unpack_from(buffer, start)
    if kind == SECTION_HEADER:
        order = _ORDERS.get(buffer[start + 8 : start + 12], order)
        length = order.u32.unpack_from(buffer, start + 4)[0]
    end: int = start + length
    if kind not in KNOWN_BLOCKS or length < MIN_BLOCK or length & 3 or end > len(buffer):
        return 0, order
    sound = buffer[end - 4 : end] == buffer[start + 4 : start + 8]
    return (end if sound else 0), order
