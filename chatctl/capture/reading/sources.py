"""Octets to read a capture from: a file, standard input or any stream, unpacked if need be.

Only reads forward and only what is asked for, so a pipe that is still being written shows each
packet as it comes, and memory stays flat whatever the size.
"""

import io
import os
import re
import stat
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from glob import escape
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard

from chatctl.errors import CaptureDamaged, CaptureError, UsageError

HEAD = 4096
"""Octets looked at to tell what a source holds."""

CHUNK = 64 * 1024
PIECE = 256
"""Octets unpacked at a time: of zeros, what comes out may be 32,768 times as long."""

POLL = 0.2
"""Seconds between two looks at a file that is followed."""

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"

_PART = re.compile(r"(.*)-(\d{5})", re.DOTALL)
"""The name of a file of a series, without its suffix: that of all, and its number."""


class Source:
    """A forward reader that can look at its beginning without taking it."""

    def __init__(self, chunks: Iterator[bytes], name: str, *, live: bool = False) -> None:
        """Read from *chunks*; *name* is for error texts; *live*: more may be long in coming."""
        self.name = name
        self.live = live
        self.offset = 0
        self._chunks = chunks
        self._buffer = b""
        self._damage: CaptureDamaged | None = None

    def head(self, size: int = HEAD) -> bytes:
        """Return the next octets without taking them: *size*, or fewer at the end."""
        while len(self._buffer) < size and (more := self._next()):
            self._buffer += more
        return self._buffer[:size]

    def beginning(self, enough: Callable[[bytes], bool]) -> bytes:
        """Return the next octets without taking them, to tell from them what the source holds.

        ``HEAD`` of them, or fewer at the end; of a live source, as few as are *enough*.
        """
        while len(self._buffer) < HEAD and not (self.live and enough(self._buffer)):
            if not (more := self._next()):
                break
            self._buffer += more
        return self._buffer[:HEAD]

    def chunk(self, least: int = 1) -> bytes:
        """Take and return the next octets, as many as are at hand; ``b""`` at the end.

        Wait for *least* of them; there are fewer only where the source ends.

        Raises:
            CaptureDamaged: the compressed data cannot be unpacked beyond this place.
        """
        data, self._buffer = self._buffer, b""
        if not data:
            data = self._next()
        if len(data) < least:
            data = self._gathered(data, least)
        if not data and self._damage is not None:
            raise self._damage
        self.offset += len(data)
        return data

    def _gathered(self, data: bytes, least: int) -> bytes:
        """Return *data* and what follows: *least* octets, at a cost that is not theirs squared."""
        gathered = bytearray(data)
        while len(gathered) < least and (more := self._next()):
            gathered += more
        return bytes(gathered)

    def take(self, size: int) -> bytes:
        """Take and return the next *size* octets, fewer at the end."""
        data = self.head(size)
        self._buffer = self._buffer[size:]
        self.offset += len(data)
        return data

    def check(self) -> None:
        """Raise what keeps the source from being unpacked at all, if anything does.

        Raises:
            CaptureDamaged: the compressed data is broken from the start.
        """
        if self._damage is not None and not self._buffer:
            raise self._damage

    def _next(self) -> bytes:
        """Return a chunk, ``b""`` at the end; damage is kept for when all before it was taken."""
        if self._damage is not None:
            return b""
        try:
            return next(self._chunks, b"")
        except CaptureDamaged as damage:
            self._damage = damage
            return b""


def open_source(place: Path | BinaryIO | str, *, follow: bool = False) -> Source:
    """Return a source over *place*, a path, an open binary stream or ``"-"``, unpacked.

    With *follow*, a file has no end: its reader waits for more, see ``following``.

    Raises:
        CaptureError: the file cannot be opened.
        UsageError: it is packed and should be followed.
    """
    if follow and isinstance(place, Path | str) and Path(place).is_file():
        return _followed(Path(place))
    stream, name = _stream(place)
    plain = Source(_chunks(stream), name, live=_is_live(stream))
    magic = plain.head(4)
    if magic.startswith(GZIP):
        return Source(_gunzip(plain), name, live=plain.live)
    return Source(_unzstd(plain), name, live=plain.live) if _is_zstd(magic) else plain


def _followed(path: Path) -> Source:
    source = Source(following(path), str(path), live=True)
    magic = source.head(4)
    if magic.startswith(GZIP) or _is_zstd(magic):
        raise UsageError(f"cannot follow {path}: it is packed, and ends where it was packed")
    return source


def _is_zstd(magic: bytes) -> bool:
    return magic == ZSTD or (magic[1:] == _ZSTD_SKIPPABLE and magic[0] & 0xF0 == 0x50)


def _is_live(stream: BinaryIO) -> bool:
    """Return whether what *stream* reads may come slowly, as from a pipe or a terminal."""
    try:
        return not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:
        return False


def _stream(place: Path | BinaryIO | str) -> tuple[BinaryIO, str]:
    if place == "-":
        return sys.stdin.buffer, "standard input"
    if not isinstance(place, Path | str):
        return place, str(getattr(place, "name", "a stream"))
    return _opened(Path(place)), str(place)


def _opened(path: Path, buffering: int = -1) -> BinaryIO:
    try:
        return path.open("rb", buffering)
    except OSError as error:
        refused = CaptureError(f"cannot read {path}: {error.strerror}")
        if series := [] if path.exists() else _series(path):
            refused.add_note(f"it was rotated: read {series[0]} and those after it")
        raise refused from None


def _series(path: Path) -> list[Path]:
    """Return the files, in order, in which a recording to *path* went on."""
    parts = path.parent.glob(f"{escape(path.stem)}-{'[0-9]' * 5}{escape(path.suffix)}")
    return sorted(parts)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what *stream* has ready, so that a live pipe is not waited for."""
    read = stream.read1 if isinstance(stream, io.BufferedReader) else stream.read
    try:
        while data := read(CHUNK):
            yield data
    except OSError as error:
        raise CaptureError(f"cannot read: {error.strerror}") from None
    finally:
        if stream is not sys.stdin.buffer:
            stream.close()


def following(path: Path) -> Iterator[bytes]:
    """Yield what *path* holds and what is added to it, without end.

    Where the file is replaced or cut, its new content follows; where a recording went on in the
    next file of a series (``chat-00001`` to ``chat-00002``), that one's does.

    Raises:
        CaptureError: it cannot be opened.
    """
    while True:
        with _opened(path, buffering=0) as stream:
            while True:
                if data := stream.read(CHUNK):
                    yield data
                elif (after := _next_of_series(path)) is not None:
                    while data := stream.read(CHUNK):
                        yield data
                    path = after
                    break
                elif _is_another(stream, path):
                    break
                else:
                    time.sleep(POLL)


def _next_of_series(path: Path) -> Path | None:
    """Return the file in which a recording went on after the one at *path*, if it did.

    Where that is gone already, for few are kept, *path* is gone as well: then it is the oldest of
    those that are there. One that was written before *path* is left over from an older recording.
    """
    found = _PART.fullmatch(path.stem)
    if found is None:
        return None
    if path.exists():
        after = path.with_stem(f"{found[1]}-{int(found[2]) + 1:05}")
        return after if _is_later(after, path) else None
    series = _series(path.with_stem(found[1]))
    return next((part for part in series if part.stem > path.stem), None)


def _is_later(after: Path, path: Path) -> bool:
    try:
        return after.stat().st_mtime_ns >= path.stat().st_mtime_ns
    except FileNotFoundError:
        return False


def _is_another(stream: BinaryIO, path: Path) -> bool:
    """Return whether *path* is not the file any more that *stream* reads, or became shorter."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(stream.fileno())
    return (there.st_ino, there.st_dev) != (here.st_ino, here.st_dev) or (
        there.st_size < stream.tell()
    )


def _gunzip(packed: Source) -> Iterator[bytes]:
    return _unpacked(packed, "gzip", lambda: zlib.decompressobj(wbits=31))


def _unzstd(packed: Source) -> Iterator[bytes]:
    return _unpacked(packed, "zstd", lambda: zstandard.ZstdDecompressor().decompressobj())


def _unpacked(packed: Source, name: str, begin: Callable[[], "_Unpacker"]) -> Iterator[bytes]:
    """Yield what *packed* holds, in one stream or several, each unpacked by one that *begin* makes.

    What is packed goes in by little pieces, so that what comes out is no flood.
    """
    done = 0
    data = b""
    while data or (data := packed.chunk()):
        unpacker = begin()
        while data and not unpacker.eof:
            piece, data = data[:PIECE], data[PIECE:]
            try:
                plain = unpacker.decompress(piece)
            except (zlib.error, zstandard.ZstdError) as error:
                raise CaptureDamaged(f"the {name} data is broken ({error})", done) from None
            data = unpacker.unused_data + data
            done += len(plain)
            if plain:
                yield plain
            if not data and not unpacker.eof:
                data = packed.chunk()
        if not unpacker.eof:
            raise CaptureDamaged(f"the {name} data is cut short", done)


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...
