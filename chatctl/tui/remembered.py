r"""What somebody wrote, kept for the next time: a private file, bounded, that can be switched off.

One JSON string a line, oldest first, so that text of several lines is one entry. The file is the
owner's alone, whatever their umask: direct messages stand in it too. What begins with a space is
not kept, as in shells.
"""

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from chatctl.errors import MalformedPayload
from chatctl.wire.codec import read_json, write_json

MOST = 1000
MOST_TEXT = 4000
_READ = 1 << 20


class Remembered:
    """A file of lines; whatever is wrong with it never stands in anybody's way.

    Attributes:
        lines: what was in it, oldest first.
        trouble: why nothing can be kept; empty where all is well.
    """

    def __init__(self, file: Path | None, most: int = MOST) -> None:
        """Read *file*; None keeps nothing."""
        self.lines: list[str] = []
        self.trouble = ""
        self.keeping = file is not None
        self._file = file
        self._most = most
        self._count = 0
        if file is not None:
            self._load(file)

    def add(self, line: str) -> None:
        """Keep *line*."""
        if not self.keeping or self._file is None or self.trouble:
            return
        if line.startswith(" ") or len(line) > MOST_TEXT:
            return
        self.lines.append(line)
        self._count += 1
        try:
            if self._count > 2 * self._most:
                self._shorten(self._file)
            else:
                _append(self._file, [line])
        except OSError as error:
            self.trouble = f"{self._file}: {error.strerror}"
        except MalformedPayload:  # a lone surrogate, which no terminal types
            pass

    def _load(self, file: Path) -> None:
        try:
            data = _tail(file)
        except OSError:  # there is none yet, or it will be told of at the first line
            return
        texts = data.split(b"\n")
        self._count = len(texts) - 1
        self.lines = [line for text in texts if (line := _read(text))][-self._most :]

    def _shorten(self, file: Path) -> None:
        """Write the newest lines anew, in one step: another session may be reading."""
        self.lines = self.lines[-self._most :]
        self._count = len(self.lines)
        short = file.with_suffix(f".{os.getpid()}")
        try:
            _append(short, self.lines)
            short.replace(file)
        finally:
            with suppress(OSError):
                short.unlink()


def _append(file: Path, lines: Sequence[str]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as out:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)
        out.write(b"".join(write_json(line) + b"\n" for line in lines))


def _tail(file: Path) -> bytes:
    """Return the end of *file*, from a line's start on."""
    with file.open("rb") as stream:
        start = max(0, stream.seek(0, os.SEEK_END) - _READ)
        stream.seek(start)
        data = stream.read(_READ)
    return data if not start else data.partition(b"\n")[2]


def _read(text: bytes) -> str:
    try:
        line = read_json(text) if text else ""
    except MalformedPayload:
        return ""
    return line if isinstance(line, str) else ""
