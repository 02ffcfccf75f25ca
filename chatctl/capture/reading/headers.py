"""What the sections of a capture say of themselves, looked up before its packets are read.

For what must be known of all of them at once: a copy says it in its header, which comes first.
"""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from chatctl.capture import pcapng
from chatctl.capture.reading.blocks import SECTION_HEADER, Blocks, Order
from chatctl.capture.reading.sections import read_options
from chatctl.capture.reading.sniff import PCAPNG_MAGIC
from chatctl.capture.reading.sources import Source, open_source
from chatctl.errors import CaptureDamaged, MalformedPayload
from chatctl.wire import codec

Profile = dict[str, object]


def is_ours(order: Order, body: bytes) -> bool:
    """Return whether the section that the header *body* begins was written by chatctl."""
    said = dict(read_options(order, body, 16))
    return said.get(pcapng.USER_APPLICATION, b"").startswith(b"chatctl ")


def profiles(path: Path | str, *, salvage: bool = False) -> list[Profile]:
    """Return what each section of the capture at *path* says of itself, as far as it is sound.

    It is empty for a section of another program, and so is the only one of another form.

    Args:
        path: a file that can be read again.
        salvage: whether to look behind damage as well.

    Raises:
        CaptureError: it cannot be opened or read.
    """
    source = open_source(path)
    if source.head(4) != PCAPNG_MAGIC:
        return [{}]
    most = None if _may_hold_several(source) else 1
    return list(islice(_profiles(open_source(path), salvage=salvage), most))


def _may_hold_several(source: Source) -> bool:
    """Return whether what begins a section is anywhere else than at the beginning of *source*.

    Nearly always it is not, which is found out several times as fast as blocks are cut.
    """
    end = b"\0" + source.take(4)[1:]
    with suppress(CaptureDamaged):
        while chunk := source.chunk():
            if PCAPNG_MAGIC in chunk or PCAPNG_MAGIC in end + chunk[:3]:
                return True
            end = (end + chunk[-3:])[-3:]
    return False


def _profiles(source: Source, *, salvage: bool) -> Iterator[Profile]:
    blocks = Blocks(source, salvage=salvage)
    with suppress(CaptureDamaged):
        for kind, body in blocks:
            if kind == SECTION_HEADER:
                yield _profile(blocks.order, body)


def _profile(order: Order, body: bytes) -> Profile:
    if not is_ours(order, body):
        return {}
    try:
        told = codec.read_json(dict(read_options(order, body, 16)).get(pcapng.COMMENT, b""))
    except MalformedPayload:
        return {}
    return told if isinstance(told, dict) else {}
