"""Where a recording's octets go: a file, a series of files, a pipe, or a ring in memory.

A sink may raise OSError; the recorder turns that into a stopped recording. None of them can make
a chat wait: a pipe, which may be full for as long as its reader likes, has a thread of its own. A
copy of a capture, for which nobody waits, is written to a pipe as fast as its reader takes it.
"""

import errno
import os
import queue
import stat
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from chatctl.capture.config import RecordConfig, Rotation

MAX_QUEUED = 4096
"""Batches a pipe's reader may be behind before the recording stops."""

PATIENCE = 1.0
"""Seconds that the end of a recording waits for the reader of its pipe."""

TOO_SLOW = "the pipe's reader is too slow"

SYNC_EVERY = 1.0
"""Seconds between two waits for the disk: a wait costs milliseconds, and holds up the chat."""


class Sink:
    """A file written at once, whole batches at a time."""

    def __init__(self, path: Path, *, sync: bool = False) -> None:
        """Open *path*, readable by its owner alone.

        Raises:
            OSError: it cannot be made or opened.
        """
        self.path = path
        self.size = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        os.fchmod(self._file, 0o600)
        self._sync = sync
        self._synced = 0.0

    def write(self, data: bytes) -> None:
        """Hand *data* to the system: a kill of this process cannot lose it any more."""
        _write_all(self._file, data)
        self.size += len(data)
        if self._sync and time.monotonic() - self._synced >= SYNC_EVERY:
            os.fdatasync(self._file)
            self._synced = time.monotonic()

    def full(self, age: float) -> bool:  # noqa: ARG002 - for those that have an end
        """Return whether the recording, *age* seconds into this file, should go on in another."""
        return False

    def turn(self) -> None:
        """Begin the next file; called only after ``full``."""

    def close(self) -> None:
        """Close it, on the disk where that was asked for."""
        if self._sync:
            os.fdatasync(self._file)
        os.close(self._file)


class Series(Sink):
    """Numbered files in turn: ``chat.pcapng`` becomes ``chat-00001.pcapng`` and so on."""

    def __init__(self, path: Path, rotation: Rotation, *, sync: bool = False) -> None:
        """Open the first file of the series that *path* names."""
        self._base = path
        self._rotation = rotation
        self._number = 1
        self._kept = deque([self._name()])
        super().__init__(self._name(), sync=sync)

    def full(self, age: float) -> bool:
        """Return whether this file has reached its size or its age."""
        size, seconds = self._rotation.size, self._rotation.seconds
        return (0 < size <= self.size) or (0 < seconds <= age)

    def turn(self) -> None:
        """Close this file, begin the next, and delete the oldest beyond those to keep."""
        self.close()
        self._number += 1
        self._kept.append(self._name())
        super().__init__(self._name(), sync=self._sync)
        while 0 < self._rotation.keep < len(self._kept):
            self._kept.popleft().unlink(missing_ok=True)

    def _name(self) -> Path:
        return self._base.with_name(f"{self._base.stem}-{self._number:05}{self._base.suffix}")


class Stream(Sink):
    """A descriptor that is open already, written at its reader's pace."""

    def __init__(self, file: int) -> None:
        """Write to the open descriptor *file*, closing it in the end."""
        self.size = 0
        self._file = file
        self._sync = False


class Pipe(Sink):
    """A pipe, written by a thread; what its reader does not take in time ends the recording."""

    def __init__(self, file: int) -> None:
        """Write to the open descriptor *file*, closing it in the end."""
        self.size = 0
        self._file = file
        self._error: OSError | None = None
        self._batches: queue.Queue[bytes] = queue.Queue(MAX_QUEUED)
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Queue *data* for the thread; raise what went wrong with an earlier batch."""
        if self._error is not None:
            raise self._error
        try:
            self._batches.put_nowait(data)
        except queue.Full:
            raise OSError(errno.EAGAIN, TOO_SLOW) from None
        self.size += len(data)

    def close(self) -> None:
        """Wait a moment for the reader to take what is queued.

        Raises:
            OSError: it did not, or is gone.
        """
        with suppress(queue.Full):
            self._batches.put_nowait(b"")
            self._thread.join(PATIENCE)
        if self._thread.is_alive():
            raise OSError(errno.EAGAIN, TOO_SLOW)
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while data := self._batches.get():
                _write_all(self._file, data)
        except OSError as error:
            self._error = error


class Occasional(Sink):
    """A file that is open only while it is written, where there are more than may be open."""

    def __init__(self, path: Path) -> None:
        """Begin *path* anew, readable by its owner alone.

        Raises:
            OSError: it cannot be made or opened.
        """
        super().__init__(path)
        os.close(self._file)

    def write(self, data: bytes) -> None:
        """Add *data* at the end."""
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            _write_all(file, data)
        finally:
            os.close(file)
        self.size += len(data)

    def close(self) -> None:
        """Do nothing: it is closed."""


class Parts(Sink):
    """Files one after the other, each begun when it is asked for."""

    def __init__(self, name: Callable[[int], Path]) -> None:
        """Open the first; *name* names them, from 1 on."""
        self._name = name
        self._number = 1
        super().__init__(name(1))

    def turn(self) -> None:
        """Close this file and begin the next."""
        self.close()
        self._number += 1
        super().__init__(self._name(self._number))


class Ring(Sink):
    """The newest octets in memory, written to *path* only when somebody asks."""

    def __init__(self, path: Path, capacity: int) -> None:
        """Keep up to *capacity* octets, at least the newest batch."""
        self.path = path
        self.size = 0
        self._capacity = capacity
        self._batches: deque[bytes] = deque()

    def write(self, data: bytes) -> None:
        """Keep *data*, letting go of the oldest batches."""
        self._batches.append(data)
        self.size += len(data)
        while self.size > self._capacity and len(self._batches) > 1:
            self.size -= len(self._batches.popleft())

    def contents(self) -> bytes:
        """Return what is kept, oldest first."""
        return b"".join(self._batches)

    def close(self) -> None:
        """Let go of everything."""
        self._batches.clear()


def open_sink(config: RecordConfig, *, copy: bool = False) -> Sink:
    """Return the sink that *config* asks for; one that waits for a pipe's reader for a *copy*.

    Raises:
        OSError: the file cannot be opened.
    """
    piped = Stream if copy else Pipe
    if config.path == "-":
        return piped(os.dup(sys.stdout.fileno()))
    path = Path(config.path)
    if config.ring:
        return Ring(path, config.ring)
    if config.rotation is not None:
        return Series(path, config.rotation, sync=config.sync)
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        return piped(os.open(path, os.O_WRONLY | os.O_CLOEXEC))
    return Sink(path, sync=config.sync)


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
