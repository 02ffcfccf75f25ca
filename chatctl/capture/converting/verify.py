"""Whether a recording is as it was written: checkpoint by checkpoint, octet by octet."""

from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from chatctl.capture import pcapng
from chatctl.capture.reading.blocks import LITTLE, Blocks
from chatctl.capture.reading.sections import read_options
from chatctl.capture.reading.sniff import PCAPNG_MAGIC
from chatctl.capture.reading.sources import Source, open_source
from chatctl.errors import CaptureDamaged, NotACapture


@dataclass(slots=True)
class Verdict:
    """What is known about a recording.

    Attributes:
        packets: packets found.
        checkpoints: checkpoints that agree.
        closed: whether the last checkpoint says that it is the last.
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

    def take(self, kind: int, body: bytes, little: bool) -> None:
        order = "little" if little else "big"
        length = (len(body) + 12).to_bytes(4, order)  # type: ignore[arg-type]
        head = kind.to_bytes(4, order)  # type: ignore[arg-type]
        self.crc = crc32(b"".join((head, length, body, length)), self.crc)

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
    for kind, body in blocks:
        if kind == pcapng.STATISTICS:
            _checkpoint(blocks, body, summing, verdict)
            summing.restart()
            continue
        if kind == pcapng.SECTION_HEADER:
            _check_ours(source, blocks, body)
            summing.restart()
            summing.before = verdict.packets
        if kind == pcapng.ENHANCED_PACKET:
            verdict.packets += 1
            verdict.closed = False
        summing.take(kind, body, blocks.order is LITTLE)


def _check_ours(source: Source, blocks: Blocks, body: bytes) -> None:
    said = dict(read_options(blocks.order, body, 16))
    if not said.get(pcapng.USER_APPLICATION, b"").startswith(b"chatctl "):
        raise NotACapture(f"{source.name} is no recording of chatctl: there is nothing to verify")


def _checkpoint(blocks: Blocks, body: bytes, summing: _Summing, verdict: Verdict) -> None:
    said = dict(read_options(blocks.order, body, 12)).get(pcapng.COMMENT, b"").decode()
    words = dict(word.partition("=")[::2] for word in said.split())
    verdict.closed = "last" in words
    if words.get("crc32") == f"{summing.crc:08x}":
        verdict.checkpoints += 1
    else:
        verdict.faults.append(
            f"the octets before the checkpoint at {blocks.offset} are not those that were written"
        )
    found = verdict.packets - summing.before
    if words.get("n", "").isdecimal() and int(words["n"]) != found:
        verdict.faults.append(
            f"{words['n']} packets were written up to octet {blocks.offset}, {found} are there"
        )
