"""A place in a long capture by its time, without an index: about a dozen looks into the file.

Times of a recording never go back, so the place is found by bisection. A look lands anywhere; the
next block is where four in a row have a known type and agree with themselves about their length.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import BinaryIO

from chatctl.capture.pcapng import ENHANCED_PACKET
from chatctl.capture.reading.blocks import KNOWN_BLOCKS
from chatctl.capture.reading.sources import Source

LOOK = 512 * 1024
"""Octets read at a look; four blocks of the largest packets fit."""

NEAR = 64 * 1024
"""Octets within which the rest is read, not bisected."""

LONG = 4 << 20
"""A file shorter than this is read from its beginning: that is as quick, and knows every nick."""

_LITTLE_SECTION = b"\x0a\x0d\x0d\x0a"
_HEAD = Struct("<II").unpack_from
_STAMP = Struct("<II").unpack_from


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a recording.

    Attributes:
        source: the file's first blocks, then those from the place on; connections that were opened
            earlier are joined midway.
        offset: where it is.
        begin: when the recording began, nanoseconds since 1970.
    """

    source: Source
    offset: int
    begin: int


def open_at(path: Path, when: Callable[[int], int]) -> Place | None:
    """Return the place in the recording at *path* shortly before the time that is meant.

    *when* tells it from the time when the recording began; both are nanoseconds since 1970.

    Return None where the file is no long recording of ours.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(4096)
        if path.stat().st_size < LONG or not head.startswith(_LITTLE_SECTION):
            return None
        size = int.from_bytes(head[4:8], "little")
        begin = size + int.from_bytes(head[size + 4 : size + 8], "little")
        first = _packet_after(file, begin)
    if b"chatctl " not in head[:size] or first is None or first[0] != begin:
        return None
    offset = max(begin, seek(path, when(first[1])))
    return Place(Source(_from(path, head[:begin], offset), str(path)), offset, first[1])


def _from(path: Path, head: bytes, offset: int) -> Iterator[bytes]:
    yield head
    with path.open("rb") as file:
        file.seek(offset)
        while data := file.read(LOOK):
            yield data


def seek(path: Path, at: int) -> int:
    """Return an offset in *path* that begins a block before the first packet of time *at*.

    It is near that packet, or 0 where the file cannot be bisected. *path* holds one little-endian
    section of nanoseconds, as our recordings do; *at* is nanoseconds since 1970.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        low, high = 0, path.stat().st_size
        while high - low > NEAR:
            middle = (low + high) // 2
            found = _packet_after(file, middle)
            if found is None or found[0] >= high:
                high = middle
            elif found[1] < at:
                low = found[0]
            else:
                high = middle
        return low


def _packet_after(file: BinaryIO, offset: int) -> tuple[int, int] | None:
    """Return offset and time of the first packet from *offset* on that is surely one."""
    file.seek(offset)
    data = file.read(LOOK)
    for start in range(-offset % 4, len(data) - 12, 4):
        if _HEAD(data, start)[0] == ENHANCED_PACKET and _chain(data, start):
            high, low = _STAMP(data, start + 12)
            return offset + start, high << 32 | low
    return None


def _chain(data: bytes, start: int) -> bool:
    """Return whether four blocks follow each other from *start*, or fewer up to the end."""
    for _ in range(4):
        if start + 12 > len(data):
            return True
        kind, length = _HEAD(data, start)
        end = start + length
        if kind not in KNOWN_BLOCKS or length < 12 or length % 4:
            return False
        if end > len(data):
            return True
        if data[end - 4 : end] != data[start + 4 : start + 8]:
            return False
        start = end
    return True
