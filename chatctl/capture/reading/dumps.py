"""Octets that somebody printed: hex dumps of bare frames, and what ``socat -x`` tells.

Of hex dumps those of xxd, hexdump -C and tshark -x, and plain hex. socat says when and which way:
``>`` is from its first address to its second, which is taken for the server.
"""

import re
import time
from collections.abc import Iterator
from itertools import repeat

from chatctl.capture.reading.frames import read_frames
from chatctl.capture.reading.jsonl import lines
from chatctl.capture.reading.sources import CHUNK, Source
from chatctl.capture.record import Kind, Record
from chatctl.errors import CaptureDamaged
from chatctl.wire.packets import Direction

_OFFSET = re.compile(r"\s*(?:0x)?[0-9a-fA-F]{4,16}(?::\s?|\s{1,3}(?=[0-9a-fA-F]{2}\s))")
_END = re.compile(r"\s*(?:0x)?[0-9a-fA-F]{4,16}\s*")
"""How a dump ends: the size alone."""

_SOCAT = re.compile(
    rb"([<>]) (\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)\.(\d{1,9}) +length=(\d{1,18}) from=(\d+) to=\d+"
)

MAX_CHUNK = 16 << 20
"""Octets that socat reads at a time at most, as far as we believe it; by default it is 8192."""


def read_hex(source: Source) -> Iterator[Record]:
    """Yield the records of bare frames that *source* holds as a hex dump.

    Raises:
        CaptureDamaged: at a line that is no hex, or at a frame cut short.
    """
    return read_frames(Source(_octets(source), source.name))


def _octets(source: Source) -> Iterator[bytes]:
    before = b""
    fill = False
    place = 0
    for offset, line in lines(source):
        text = line.decode("latin-1")
        if text.strip() == "*":
            fill = True
            continue
        at, octets = _last(text, place, squeezed=fill) or _line(text, offset)
        if place > 0 and at < 0:
            raise CaptureDamaged(f"a line has no offset: {text[:40]!r}", offset)
        if fill and before and at > place:
            yield from _repeated(before, (at - place) // len(before))
        fill = False
        place = at + len(octets) if at >= 0 else -1
        before = octets or before
        yield octets


def _repeated(octets: bytes, times: int) -> Iterator[bytes]:
    """Yield *octets* so many *times*, little together: a line may claim any number of them."""
    most = max(1, CHUNK // len(octets))
    whole, rest = divmod(times, most)
    yield from repeat(octets * most, whole)
    if rest:
        yield octets * rest


def _last(text: str, place: int, *, squeezed: bool) -> tuple[int, bytes] | None:
    """Return the place that a line without octets is at, where that is the end; None elsewhere."""
    if place <= 0 or not _END.fullmatch(text):
        return None
    at = int(text, 16)
    return (at, b"") if at == place or (squeezed and at > place) else None


def _line(text: str, offset: int) -> tuple[int, bytes]:
    """Return the place that a line says it is at, -1 for none, and its octets.

    Raises:
        CaptureDamaged: it is no hex.
    """
    found = _OFFSET.match(text)
    at = int(found[0].strip().removeprefix("0x").rstrip(":"), 16) if found else -1
    body = text[found.end() :] if found else text
    if "|" in body:
        body = body.partition("|")[0]
    elif found:
        body = re.split(r"\s{2,}", body.strip(), maxsplit=1)[0]
    try:
        return at, bytes.fromhex("".join(body.split()))
    except ValueError:
        raise CaptureDamaged(f"a line is no hex: {text[:40]!r}", offset) from None


def read_socat(source: Source) -> Iterator[Record]:
    """Yield the records of *source*, what ``socat -x`` or ``socat -x -v`` has told.

    Raises:
        CaptureDamaged: at a line that is none of socat's, or where octets are missing.
    """
    conn, at, direction, expected = 0, 0, Direction.TO_SERVER, 0
    chunk = bytearray()
    ended: set[Direction] = set()
    for offset, line in lines(source):
        if found := _SOCAT.match(line):
            _check_whole(chunk, expected, offset)
            direction = Direction.TO_SERVER if found[1] == b">" else Direction.TO_CLIENT
            at, expected, chunk = _time(found), _length(found, offset), bytearray()
            if conn == 0 or (found[5] == b"0" and direction in ended):
                conn, ended = conn + 1, set()
                yield Record(at, conn, Kind.OPEN, Direction.TO_SERVER)
            ended.add(direction)
        elif line.strip() != b"--":
            chunk += _told(line, expected - len(chunk), offset)
            if len(chunk) == expected:
                yield Record(at, conn, Kind.DATA, direction, bytes(chunk))
    _check_whole(chunk, expected, source.offset)


def _check_whole(chunk: bytearray, expected: int, offset: int) -> None:
    if len(chunk) < expected:
        raise CaptureDamaged(f"cut short: {len(chunk)} octets of {expected}", offset)


def _length(found: re.Match[bytes], offset: int) -> int:
    length = int(found[4])
    if length > MAX_CHUNK:
        raise CaptureDamaged(f"a chunk cannot be {length} octets long", offset)
    return length


def _told(line: bytes, most: int, offset: int) -> bytes:
    octets = bytearray()
    for word in line.split(b"  ")[0].split():
        if len(octets) == most or len(word) != 2:
            break
        try:
            octets.append(int(word, 16))
        except ValueError:
            break
    if not octets:
        raise CaptureDamaged("a line is none of socat -x", offset)
    return bytes(octets)


def _time(found: re.Match[bytes]) -> int:
    try:
        seconds = int(time.mktime(time.strptime(found[2].decode(), "%Y/%m/%d %H:%M:%S")))
    except (ValueError, OverflowError):
        seconds = 0
    return seconds * 1_000_000_000 + int(found[3].ljust(9, b"0"))
