"""Packets out of a pcapng file: any number of sections and interfaces, of any writer.

Unknown blocks and options are passed over.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from chatctl.capture import pcapng
from chatctl.capture.reading.blocks import LITTLE, SECTION_HEADER, Blocks, Order
from chatctl.capture.reading.captured import Captured, CapturedRun
from chatctl.capture.reading.sources import Source
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import LATEST, Batch, moment
from chatctl.errors import CaptureDamaged, MalformedPayload, NotACapture
from chatctl.wire import codec

PROFILES = (1,)
NANO = 1_000_000_000
SMALLEST = 32
"""Octets of an Enhanced Packet Block without data and options."""

_DATA_AT = 28
_ROUND = SMALLEST + 3


@dataclass(slots=True)
class _Interface:
    linktype: int
    snaplen: int = 0
    units: int = 1_000_000
    offset: int = 0


_OURS = _Interface(pcapng.LINKTYPE_RAW, units=NANO)
"""The only interface of a recording of ours."""

_WRITTEN = (pcapng.INTERFACE, pcapng.NAME_RESOLUTION, pcapng.STATISTICS, pcapng.ENHANCED_PACKET)
"""The blocks that there are in a section of ours."""


@dataclass(slots=True)
class _Section:
    """What is known of a section; of one that is *known*, without reading it, what all have."""

    order: Order
    ours: bool = False
    known: bool = False
    interfaces: list[_Interface] = field(default_factory=list)


def read_pcapng(
    source: Source, findings: Findings, *, salvage: bool = False
) -> Iterator[Batch[Captured]]:
    """Yield the packets of *source*, a pcapng file, as many together as are at hand.

    With *salvage*, also those behind damage. What all recordings of ours have in common is then
    known without reading it.

    Raises:
        NotACapture: a profile of ours that a later version wrote.
        CaptureDamaged: after the last sound packet.
    """
    blocks = Blocks(source, salvage=salvage)
    try:
        yield from _read(blocks, findings, salvage=salvage)
    finally:
        findings.warnings += _losses(blocks)


def _read(blocks: Blocks, findings: Findings, *, salvage: bool) -> Iterator[Batch[Captured]]:
    section = _Section(LITTLE)
    for kind, body in blocks:
        packets: list[Captured] = []
        try:
            if kind == SECTION_HEADER:
                section = _begin(blocks.order, body, findings, salvage=salvage)
            else:
                packets += _take(section, kind, body, findings)
        except (IndexError, ValueError, struct.error) as error:
            if not salvage:
                raise CaptureDamaged(f"a block makes no sense ({error})", blocks.offset) from None
            blocks.nonsense += 1
        if packets:
            yield packets
        if section.interfaces and (run := _take_plain(blocks, section)):
            yield run


def _losses(blocks: Blocks) -> Iterator[str]:
    for offset, count in blocks.lost:
        yield f"{count} octets from octet {offset} on were no whole blocks"
    if count := blocks.nonsense:
        blocks_were = "1 block was" if count == 1 else f"{count} blocks were"
        yield f"{blocks_were} whole but made no sense"


def _take(section: _Section, kind: int, body: bytes, findings: Findings) -> tuple[Captured, ...]:
    """Take a block within a section; return the packet in it, if it holds one.

    Raises:
        ValueError, IndexError, struct.error: it makes no sense.
    """
    if section.known:
        _check_known(section, kind, body)
    if parse := _PACKETS.get(kind):
        return (parse(section, body),)
    if kind == pcapng.INTERFACE:
        if not section.known:
            section.interfaces.append(_interface(section.order, body))
    elif kind == pcapng.STATISTICS and section.ours:
        _checkpoint(section.order, body, findings)
    return ()


def _check_known(section: _Section, kind: int, body: bytes) -> None:
    """See that a block within a section of ours is like all others in such sections.

    Raises:
        ValueError: it is not.
    """
    if kind not in _WRITTEN:
        raise ValueError("a block that we do not write")
    if kind == pcapng.INTERFACE and _interface(section.order, body) != _OURS:
        raise ValueError("an interface that is not ours")


def _take_plain(blocks: Blocks, section: _Section) -> CapturedRun:
    """Take the blocks that come next as long as they are like nearly all.

    That is: a packet on the section's first interface, without options, whole, and at hand. The
    first that is not is left to the general way, which takes these too, at thrice the cost.
    """
    interface = section.interfaces[0]
    scale, odd = divmod(NANO, interface.units)
    buffer, start, size = blocks.buffer, blocks.start, len(blocks.buffer)
    run = CapturedRun(interface.linktype, buffer)
    if odd:
        return run
    head, tail = section.order.enhanced.unpack_from, section.order.u32.unpack_from
    add_at, add_begin, add_end = run.at.append, run.begins.append, run.ends.append
    upper, base = -1, 0
    while start <= size - SMALLEST:
        kind, length, number, high, low, kept = head(buffer, start)
        end = start + length
        if (
            kind != pcapng.ENHANCED_PACKET
            or number
            or length != (_ROUND + kept & ~3)
            or end > size
            or tail(buffer, end - 4)[0] != length
        ):
            break
        if high != upper:
            upper, base = high, (high << 32) * scale + interface.offset
            if not 0 <= base <= LATEST - (scale << 32):
                break
        begin = start + _DATA_AT
        add_at(base + low * scale)
        add_begin(begin)
        add_end(begin + kept)
        start = end
    blocks.start = start
    return run


def read_options(order: Order, body: bytes, start: int) -> Iterator[pcapng.Option]:
    """Yield the options in *body* from *start* on; stops quietly where they make no sense."""
    while start + 4 <= len(body):
        code, size = order.option.unpack_from(body, start)
        start += 4
        if code == pcapng.END_OF_OPTIONS or start + size > len(body):
            return
        yield code, body[start : start + size]
        start += size + (-size & 3)


def _enhanced(section: _Section, body: bytes) -> Captured:
    number, high, low, kept = section.order.packet.unpack_from(body)
    end = 20 + kept
    if end > len(body):
        raise ValueError("more octets kept than there are")
    interface = section.interfaces[number]
    at = _nanoseconds(interface, high << 32 | low)
    comment = read_comments(section.order, body, end + (-kept & 3)) if len(body) > end + 3 else ""
    return Captured(at, interface.linktype, body[20:end], comment)


def _old(section: _Section, body: bytes) -> Captured:
    number, _, high, low, kept = section.order.old_packet.unpack_from(body)
    interface = section.interfaces[number]
    data = body[20 : 20 + kept]
    return Captured(_nanoseconds(interface, high << 32 | low), interface.linktype, data)


def _simple(section: _Section, body: bytes) -> Captured:
    (size,) = section.order.u32.unpack_from(body)
    interface = section.interfaces[0]
    kept = min(size, interface.snaplen) if interface.snaplen else size
    return Captured(0, interface.linktype, body[4 : 4 + kept])


_PACKETS = {
    pcapng.ENHANCED_PACKET: _enhanced,
    pcapng.OLD_PACKET: _old,
    pcapng.SIMPLE_PACKET: _simple,
}


def _nanoseconds(interface: _Interface, stamp: int) -> int:
    return moment(stamp * NANO // interface.units + interface.offset)


def read_comments(order: Order, body: bytes, start: int) -> str:
    """Return the comments among the options in *body* from *start* on, a line each."""
    texts = [text for code, text in read_options(order, body, start) if code == pcapng.COMMENT]
    return b"\n".join(texts).decode(errors="replace")


def _interface(order: Order, body: bytes) -> _Interface:
    linktype, _, snaplen = order.interface.unpack_from(body)
    found = _Interface(linktype, snaplen)
    for code, value in read_options(order, body, 8):
        if code == pcapng.TIME_RESOLUTION and value:
            power = value[0] & 0x7F
            found.units = 2**power if value[0] & 0x80 else 10**power
        elif code == pcapng.TIME_OFFSET and len(value) == 8:
            found.offset = order.i64.unpack(value)[0] * NANO
    return found


def _begin(order: Order, body: bytes, findings: Findings, *, salvage: bool) -> _Section:
    if len(body) < 16:
        raise ValueError("a section header is too short")
    section = _Section(order)
    said = dict(read_options(order, body, 16))
    if said.get(pcapng.USER_APPLICATION, b"").startswith(b"chatctl "):
        section.ours = True
        if salvage:
            section.known = True
            section.interfaces.append(_OURS)
        findings.sections += 1
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


def _checkpoint(order: Order, body: bytes, findings: Findings) -> None:
    for code, value in read_options(order, body, 12):
        if code == pcapng.COMMENT:
            findings.ended += value.endswith(b" last")
        elif code == pcapng.DROPPED and len(value) == 8:
            findings.dropped = order.i64.unpack(value)[0]
