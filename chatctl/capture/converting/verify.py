"""Whether a recording is as it was written: checkpoint by checkpoint, octet by octet."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from chatctl.capture import pcapng
from chatctl.capture.reading.blocks import Blocks, Order
from chatctl.capture.reading.headers import is_ours
from chatctl.capture.reading.sections import read_options
from chatctl.capture.reading.sniff import PCAPNG_MAGIC
from chatctl.capture.reading.sources import Source, open_source
from chatctl.errors import CaptureDamaged, NotACapture

_CHECKPOINT = re.compile(
    rb"checkpoint n=(?P<n>\d{1,20}) off=\d{1,20} crc32=(?P<crc32>[0-9a-f]{8})"
    rb"(?: own=(?P<own>[0-9a-f]{8}))?(?P<last> last)?"
)


@dataclass(slots=True)
class Verdict:
    """What is known about a recording.

    Attributes:
        packets: packets found.
        checkpoints: checkpoints that agree.
        closed: whether the last checkpoint of each section says that it is the last.
        faults: what is wrong, a sentence each.
    """

    packets: int = 0
    checkpoints: int = 0
    closed: bool = False
    faults: list[str] = field(default_factory=list)


class _Summing:
    """Sums up the octets of a source's blocks on their way to ``Blocks``."""

    def __init__(self) -> None:
        self.crc = 0
        self.before = 0

    def take(self, kind: int, body: bytes, order: Order) -> None:
        self.crc = crc32(_whole(kind, body, order), self.crc)

    def restart(self) -> None:
        self.crc = 0


def verify(path: Path | str) -> Verdict:
    """Return what is known about the recording at *path*.

    Raises:
        CaptureError: it cannot be opened.
        NotACapture: it is no recording of ours; others have no checkpoints to verify.
    """
    source = open_source(path)
    if source.head(4) != PCAPNG_MAGIC:
        raise NotACapture(f"{source.name} is no recording of chatctl: there is nothing to verify")
    verdict = Verdict()
    try:
        _walk(source, verdict)
    except CaptureDamaged as damage:
        verdict.closed = False
        verdict.faults.append(f"damaged at octet {damage.offset}: {damage}")
    return verdict


def _walk(source: Source, verdict: Verdict) -> None:
    blocks = Blocks(source)
    summing = _Summing()
    unended = 0
    for kind, body in blocks:
        if kind == pcapng.STATISTICS:
            _checkpoint(blocks, body, summing, verdict)
            summing.restart()
            continue
        if kind == pcapng.SECTION_HEADER:
            _check_ours(source, blocks, body)
            unended += blocks.offset > 0 and not verdict.closed
            summing.restart()
            summing.before = verdict.packets
        verdict.closed = False
        verdict.packets += kind == pcapng.ENHANCED_PACKET
        summing.take(kind, body, blocks.order)
    verdict.closed = verdict.closed and not unended


def _whole(kind: int, body: bytes, order: Order) -> bytes:
    """Return the block as it is in the file."""
    length = len(body) + 12
    return order.head.pack(kind, length) + body + order.u32.pack(length)


def _check_ours(source: Source, blocks: Blocks, body: bytes) -> None:
    if not is_ours(blocks.order, body):
        raise NotACapture(f"{source.name} is no recording of chatctl: there is nothing to verify")


def _checkpoint(blocks: Blocks, body: bytes, summing: _Summing, verdict: Verdict) -> None:
    said = dict(read_options(blocks.order, body, 12)).get(pcapng.COMMENT, b"")
    place = f"the checkpoint at {blocks.offset}"
    told = _CHECKPOINT.fullmatch(said)
    if told is None or not _is_itself(told["own"], body, blocks.order):
        verdict.faults.append(f"{place} is not as it was written")
        return
    verdict.closed = told["last"] is not None
    if told["crc32"] == b"%08x" % summing.crc:
        verdict.checkpoints += 1
    else:
        verdict.faults.append(f"the octets before {place} are not those that were written")
    found = verdict.packets - summing.before
    if told["n"] != b"%d" % found:
        verdict.faults.append(
            f"{told['n'].decode()} packets were written before {place}, {found} are there"
        )


def _is_itself(own: bytes | None, body: bytes, order: Order) -> bool:
    """Return whether the checkpoint sums up to its *own* sum, which early ones do not have."""
    if own is None:
        return True
    zeroed = body.replace(b"own=" + own, b"own=00000000", 1)
    return own == b"%08x" % crc32(_whole(pcapng.STATISTICS, zeroed, order))
