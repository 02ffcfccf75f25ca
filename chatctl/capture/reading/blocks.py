"""Packets out of a pcapng file: any writer's, either byte order, any number of sections.

Unknown blocks and options are passed over. A block that cannot be one ends the reading with
``CaptureDamaged``, after everything before it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct

from msgspec import Struct as Value

from chatctl.capture import pcapng
from chatctl.capture.reading.sources import Source
from chatctl.capture.reassembly.findings import Findings
from chatctl.errors import CaptureDamaged, MalformedPayload, NotACapture
from chatctl.wire import codec

MAX_BLOCK = 16 << 20
SECTION_HEADER = pcapng.SECTION_HEADER
KNOWN_BLOCKS = (*range(1, 7), pcapng.DECRYPTION_SECRETS, SECTION_HEADER)
PROFILES = (1,)


class Captured(Value, frozen=True, gc=False):
    """A packet as captured.

    Attributes:
        at: nanoseconds since 1970.
        linktype: how *data* begins, by the numbers of tcpdump.org/linktypes.html.
        data: the octets that were kept.
        size: how many there were on the wire.
        comment: what somebody wrote on it; several are joined by newlines.
    """

    at: int
    linktype: int
    data: bytes
    size: int
    comment: str = ""


@dataclass(slots=True)
class _Interface:
    linktype: int
    units: int = 1_000_000
    offset: int = 0


@dataclass(slots=True)
class _Order:
    """How numbers of a section are laid out."""

    head: Struct
    packet: Struct
    old_packet: Struct
    option: Struct
    interface: Struct
    u64: Struct


@dataclass(slots=True)
class _Section:
    order: _Order
    ours: bool = False
    interfaces: list[_Interface] = field(default_factory=list)


def _order(mark: str) -> _Order:
    return _Order(
        head=Struct(mark + "II"),
        packet=Struct(mark + "IIIII"),
        old_packet=Struct(mark + "HHIIII"),
        option=Struct(mark + "HH"),
        interface=Struct(mark + "HHI"),
        u64=Struct(mark + "Q"),
    )


LITTLE, BIG = _order("<"), _order(">")


class Blocks:
    """Cuts a source into blocks.

    Attributes:
        offset: where the block in hand begins, for error texts.
        order: how its numbers are laid out.
        lost: where octets were passed over in salvage, and how many.
    """

    def __init__(self, source: Source, *, salvage: bool = False) -> None:
        """Read from *source*; with *salvage*, go on behind damage."""
        self.source = source
        self.order = LITTLE
        self.offset = 0
        self.lost: list[tuple[int, int]] = []
        self._salvage = salvage
        self._buffer = b""

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
        buffer, start, size = self._buffer, 0, len(self._buffer)
        try:
            while True:
                have = size - start
                head = self.order.head.unpack_from
                while have >= 12:
                    kind, length = head(buffer, start)
                    if length > have or length < 12 or length & 3 or kind == SECTION_HEADER:
                        break
                    end = start + length
                    if buffer[end - 4 : end] != buffer[start + 4 : start + 8]:
                        raise CaptureDamaged("a block's two lengths differ", self.offset)
                    yield kind, buffer[start + 8 : end - 4]
                    start, have = end, have - length
                    self.offset += length
                need = self._need(buffer, start)
                if 12 < need <= have:
                    yield SECTION_HEADER, self._section(buffer, start, need)
                    start += need
                    self.offset += need
                    continue
                more = self.source.chunk()
                if not more:
                    self._end(have, need)
                    return
                buffer, start = buffer[start:] + more, 0
                size = len(buffer)
        finally:
            self._buffer = buffer[start:]

    def _find_next(self) -> bool:
        """Go on where two whole blocks follow each other; return whether there is such a place."""
        begin = self.offset
        while True:
            buffer = self._buffer
            for start in range(1, len(buffer) - 12):
                end = self._block_end(buffer, start)
                if end and (end == len(buffer) or self._block_end(buffer, end)):
                    self.offset += start
                    self.lost.append((begin, self.offset - begin))
                    self._buffer = buffer[start:]
                    return True
            more = self.source.chunk()
            if not more:
                return False
            kept = min(len(buffer), 2 * 65_700)
            self.offset += len(buffer) - kept
            self._buffer = buffer[len(buffer) - kept :] + more

    def _block_end(self, buffer: bytes, start: int) -> int:
        """Return where a block of a known type that begins at *start* ends, 0 if none does."""
        if start + 12 > len(buffer):
            return 0
        kind, length = self.order.head.unpack_from(buffer, start)
        end: int = start + length
        if kind not in KNOWN_BLOCKS or length < 12 or length & 3 or end > len(buffer):
            return 0
        return end if buffer[end - 4 : end] == buffer[start + 4 : start + 8] else 0

    def _need(self, buffer: bytes, start: int) -> int:
        """Return how many octets the block at *start* takes, or 12 while that is not known."""
        if len(buffer) - start < 12:
            return 12
        if buffer[start : start + 4] == b"\x0a\x0d\x0d\x0a":
            self._turn(buffer[start + 8 : start + 12])
        length: int = self.order.head.unpack_from(buffer, start)[1]
        if length < 12 or length % 4 or length > MAX_BLOCK:
            raise CaptureDamaged(f"a block cannot be {length} octets long", self.offset)
        return length

    def _turn(self, magic: bytes) -> None:
        if magic == b"\x4d\x3c\x2b\x1a":
            self.order = LITTLE
        elif magic == b"\x1a\x2b\x3c\x4d":
            self.order = BIG
        else:
            raise CaptureDamaged("a section begins with no byte order", self.offset)

    def _section(self, buffer: bytes, start: int, length: int) -> bytes:
        if buffer[start + length - 4 : start + length] != buffer[start + 4 : start + 8]:
            raise CaptureDamaged("a block's two lengths differ", self.offset)
        return buffer[start + 8 : start + length - 4]

    def _end(self, have: int, need: int) -> None:
        if have:
            text = f"cut short: the last block has {have} octets of {need}"
            raise CaptureDamaged(text if need > 12 else "cut short in a block's head", self.offset)


def read_pcapng(source: Source, findings: Findings, *, salvage: bool = False) -> Iterator[Captured]:
    """Yield the packets of *source*, a pcapng file; with *salvage*, those behind damage too.

    Raises:
        NotACapture: a profile of ours that a later version wrote.
        CaptureDamaged: after the last sound packet.
    """
    blocks = Blocks(source, salvage=salvage)
    section = _Section(LITTLE)
    for kind, body in blocks:
        try:
            if (parse := _PACKETS.get(kind)) is not None:
                yield parse(section, body)
            elif kind == SECTION_HEADER:
                section = _begin(blocks.order, body, findings)
            else:
                _note(section, kind, body, findings)
        except (IndexError, ValueError, struct.error) as error:
            if not salvage:
                raise CaptureDamaged(f"a block makes no sense ({error})", blocks.offset) from None
    for offset, count in blocks.lost:
        findings.warnings.append(f"{count} octets from octet {offset} on were no whole blocks")


def read_options(order: _Order, body: bytes, start: int) -> Iterator[pcapng.Option]:
    """Yield the options in *body* from *start* on; stops quietly where they make no sense."""
    while start + 4 <= len(body):
        code, size = order.option.unpack_from(body, start)
        start += 4
        if code == pcapng.END_OF_OPTIONS or start + size > len(body):
            return
        yield code, body[start : start + size]
        start += size + (-size & 3)


def _enhanced(section: _Section, body: bytes) -> Captured:
    number, high, low, kept, size = section.order.packet.unpack_from(body)
    end = 20 + kept
    if end > len(body):
        raise ValueError("more octets kept than there are")
    interface = section.interfaces[number]
    at = _nanoseconds(interface, high << 32 | low)
    comment = _comments(section.order, body, end + (-kept & 3)) if len(body) > end + 3 else ""
    return Captured(at, interface.linktype, body[20:end], size, comment)


def _old(section: _Section, body: bytes) -> Captured:
    number, _, high, low, kept, size = section.order.old_packet.unpack_from(body)
    interface = section.interfaces[number]
    data = body[20 : 20 + kept]
    return Captured(_nanoseconds(interface, high << 32 | low), interface.linktype, data, size)


def _simple(section: _Section, body: bytes) -> Captured:
    (size, _) = section.order.head.unpack(body[:4] + b"\0\0\0\0")
    return Captured(0, section.interfaces[0].linktype, body[4 : 4 + size], size)


_PACKETS = {
    pcapng.ENHANCED_PACKET: _enhanced,
    pcapng.OLD_PACKET: _old,
    pcapng.SIMPLE_PACKET: _simple,
}


def _note(section: _Section, kind: int, body: bytes, findings: Findings) -> None:
    if kind == pcapng.INTERFACE:
        section.interfaces.append(_interface(section.order, body))
    elif kind == pcapng.STATISTICS and section.ours:
        _checkpoint(section.order, body, findings)


def _nanoseconds(interface: _Interface, stamp: int) -> int:
    units = interface.units
    if units == 1_000_000_000:
        return stamp + interface.offset
    return stamp * 1_000_000_000 // units + interface.offset


def _comments(order: _Order, body: bytes, start: int) -> str:
    texts = [text for code, text in read_options(order, body, start) if code == pcapng.COMMENT]
    return b"\n".join(texts).decode(errors="replace")


def _interface(order: _Order, body: bytes) -> _Interface:
    linktype, _, _ = order.interface.unpack_from(body)
    found = _Interface(linktype)
    for code, value in read_options(order, body, 8):
        if code == pcapng.TIME_RESOLUTION and value:
            power = value[0] & 0x7F
            found.units = 2**power if value[0] & 0x80 else 10**power
        elif code == pcapng.TIME_OFFSET and len(value) == 8:
            found.offset = order.u64.unpack(value)[0] * 1_000_000_000
    return found


def _begin(order: _Order, body: bytes, findings: Findings) -> _Section:
    if len(body) < 16:
        raise ValueError("a section header is too short")
    section = _Section(order)
    said = dict(read_options(order, body, 16))
    if said.get(pcapng.USER_APPLICATION, b"").startswith(b"chatctl "):
        section.ours = True
        findings.closed = False
        findings.profile = _profile(said.get(pcapng.COMMENT, b""))
    return section


def _profile(comment: bytes) -> dict[str, object]:
    try:
        told = codec.read_json(comment)
    except MalformedPayload:
        return {}
    if not isinstance(told, dict):
        return {}
    version = told.get("chatctl")
    if version not in PROFILES:
        raise NotACapture(
            f"this capture was written in profile {version!r} by a later version of chatctl; "
            f"this one reads profile {PROFILES[-1]}"
        )
    return told


def _checkpoint(order: _Order, body: bytes, findings: Findings) -> None:
    for code, value in read_options(order, body, 12):
        if code == pcapng.COMMENT:
            findings.closed = value.endswith(b" last")
        elif code == pcapng.DROPPED and len(value) == 8:
            findings.dropped = order.u64.unpack(value)[0]
