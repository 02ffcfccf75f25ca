"""What is written: errors that say of what they are.

An ``OSError`` of the system names no stream: a full disk behind ``> out.txt`` looks like one behind
a file that is read, and would end in the status of that.
"""

import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chatctl.errors import OutputError, UsageError


class _StandardOutput(io.FileIO):
    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except (BrokenPipeError, BlockingIOError):
            raise
        except OSError as error:
            raise OutputError(f"cannot write to standard output: {error.strerror}") from None


def claim() -> None:
    """Make ``sys.stdout`` raise OutputError for what cannot be written, apart from a broken pipe.

    To be called before anything is written. What is no plain descriptor, like a console of
    Windows, stays as it is.
    """
    usual = sys.stdout
    if not isinstance(usual, io.TextIOWrapper):
        return
    if type(getattr(usual.buffer, "raw", usual.buffer)) is not io.FileIO:
        return
    raw: Any = _StandardOutput(usual.fileno(), "w", closefd=False)
    sys.stdout = io.TextIOWrapper(
        raw if usual.write_through else io.BufferedWriter(raw),
        encoding=usual.encoding,
        errors=usual.errors,
        line_buffering=usual.line_buffering,
        write_through=usual.write_through,
    )


def abandon(number: int = 1) -> None:
    """Point the standard stream *number* at nothing.

    Else the interpreter tries again at exit to write what is left, and ends in a status of its own.
    """
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, number)


def refuse_inputs(path: Path, inputs: Iterable[Path | str]) -> None:
    """See that *path*, which is about to be written, is none of the files that are being read.

    Raises:
        UsageError: it is one of them, by this name or another.
    """
    if any(_is_same(path, name) for name in inputs):
        raise UsageError(f"{path} cannot be read and written at once")


def _is_same(path: Path, other: Path | str) -> bool:
    """Return whether both are one file; *other* may be ``-``, what standard input reads."""
    try:
        if other == "-":
            return os.path.samestat(path.stat(), os.fstat(0))
        return path.samefile(other)
    except OSError:
        return False


def write_file(path: Path, data: bytes) -> None:
    """Make *data* the contents of the file *path*.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
