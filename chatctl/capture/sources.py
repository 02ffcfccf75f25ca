"""Octets to read a capture from: a file, standard input or any stream, unpacked if need be.

Only reads forward and only what is asked for, so a pipe that is still being written shows each
packet as it comes, and memory stays flat whatever the size.
"""

import io
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import zstandard

from chatctl.errors import CaptureDamaged, UsageError

HEAD = 4096
"""Octets looked at to tell what a source holds."""

CHUNK = 256 * 1024
GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"


class Source:
    """A forward reader that can look at its beginning without taking it."""

    def __init__(self, chunks: Iterator[bytes], name: str) -> None:
        """Read from *chunks*; *name* is for error texts."""
        self.name = name
        self.offset = 0
        self._chunks = chunks
        self._buffer = b""
        self._damage: CaptureDamaged | None = None

    def head(self, size: int = HEAD) -> bytes:
        """Return the next octets without taking them: *size*, or fewer at the end."""
        while len(self._buffer) < size and (more := self._next()):
            self._buffer += more
        return self._buffer[:size]

    def chunk(self) -> bytes:
        """Take and return the next octets, as many as are at hand; ``b""`` at the end.

        Raises:
            CaptureDamaged: the compressed data cannot be unpacked beyond this place.
        """
        data, self._buffer = self._buffer, b""
        if not data:
            data = self._next()
        if not data and self._damage is not None:
            raise self._damage
        self.offset += len(data)
        return data

    def take(self, size: int) -> bytes:
        """Take and return the next *size* octets, fewer at the end."""
        data = self.head(size)
        self._buffer = self._buffer[size:]
        self.offset += len(data)
        return data

    def _next(self) -> bytes:
        """Return a chunk, ``b""`` at the end; damage is kept for when all before it was taken."""
        if self._damage is not None:
            return b""
        try:
            return next(self._chunks, b"")
        except CaptureDamaged as damage:
            self._damage = damage
            return b""


def open_source(place: Path | BinaryIO | str) -> Source:
    """Return a source over *place*, a path, an open binary stream or ``"-"``, unpacked.

    Raises:
        UsageError: the file cannot be opened.
    """
    stream, name = _stream(place)
    plain = Source(_chunks(stream), name)
    magic = plain.head(4)
    if magic.startswith(GZIP):
        return Source(_gunzip(plain), name)
    if magic == ZSTD or (magic[1:] == _ZSTD_SKIPPABLE and magic[0] & 0xF0 == 0x50):
        return Source(_unzstd(plain), name)
    return plain


def _stream(place: Path | BinaryIO | str) -> tuple[BinaryIO, str]:
    if place == "-":
        return sys.stdin.buffer, "standard input"
    if not isinstance(place, Path | str):
        return place, str(getattr(place, "name", "a stream"))
    try:
        return Path(place).open("rb"), str(place)
    except OSError as error:
        raise UsageError(f"cannot read {place}: {error.strerror}") from None


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what *stream* has ready, so that a live pipe is not waited for."""
    read = stream.read1 if isinstance(stream, io.BufferedReader) else stream.read
    try:
        while data := read(CHUNK):
            yield data
    except OSError as error:
        raise UsageError(f"cannot read: {error.strerror}") from None
    finally:
        if stream is not sys.stdin.buffer:
            stream.close()


def _gunzip(packed: Source) -> Iterator[bytes]:
    done = 0
    data = b""
    while data or (data := packed.chunk()):
        unpacker = zlib.decompressobj(wbits=31)
        while data and not unpacker.eof:
            try:
                plain = unpacker.decompress(data, CHUNK)
            except zlib.error as error:
                raise CaptureDamaged(f"the gzip data is broken ({error})", done) from None
            data = unpacker.unconsumed_tail or unpacker.unused_data
            done += len(plain)
            if plain:
                yield plain
            if not data and not unpacker.eof:
                data = packed.chunk()
        if not unpacker.eof:
            raise CaptureDamaged("the gzip data is cut short", done)


def _unzstd(packed: Source) -> Iterator[bytes]:
    done = 0
    data = b""
    while data or (data := packed.chunk()):
        unpacker = zstandard.ZstdDecompressor().decompressobj()
        while data and not unpacker.eof:
            piece, data = data[:4096], data[4096:]
            try:
                plain = unpacker.decompress(piece)
            except zstandard.ZstdError as error:
                raise CaptureDamaged(f"the zstd data is broken ({error})", done) from None
            data = unpacker.unused_data + data
            done += len(plain)
            if plain:
                yield plain
            if not data and not unpacker.eof:
                data = packed.chunk()
        if not unpacker.eof:
            raise CaptureDamaged("the zstd data is cut short", done)
