"""How far a long read has come: on stderr, on a terminal, and only after a second."""

import time
from collections.abc import Iterator
from typing import TextIO, TypeVar

from chatctl.capture.record import Batch

PATIENCE = 1.0
PAUSE = 0.2

T = TypeVar("T")


def shows_progress(stdout: TextIO, stderr: TextIO, *, quiet: bool) -> bool:
    """Return whether somebody is there to see it and nothing else would be in the way.

    On a terminal a view that prints as it reads is its own progress; *quiet* ones are not.
    """
    return stderr.isatty() and (quiet or not stdout.isatty())


def counted(batches: Iterator[Batch[T]], stream: TextIO) -> Iterator[Batch[T]]:
    """Yield *batches*; once that takes long, say on *stream* how many they held, and wipe it."""
    started = time.monotonic()
    due = started + PATIENCE
    shown = False
    number = 0
    try:
        for batch in batches:
            number += len(batch)
            if (now := time.monotonic()) >= due:
                rate = number / (now - started)
                stream.write(f"\r{number:,} packets, {rate:,.0f} a second \x1b[K")
                stream.flush()
                due, shown = now + PAUSE, True
            yield batch
    finally:
        if shown:
            stream.write("\r\x1b[K")
            stream.flush()
