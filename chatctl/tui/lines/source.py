"""Standard input where it is no terminal, read by a thread: asyncio cannot watch files."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable

from chatctl.transport.dialling import READ_SIZE
from chatctl.tui.lines.stream import Lines

READ_AHEAD = 1
"""Reads that may wait to be taken: the writer of the pipe waits as we wait for the server."""


class Source:
    """The lines of a file descriptor, as they come."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = threading.Semaphore(READ_AHEAD)
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    async def lines(self, ready: Callable[[], bool], wake: asyncio.Event) -> AsyncIterator[str]:
        """Yield line after line, each only once *ready* says so; *wake* says to ask it again.

        Raises:
            UsageError: a line is too long.
        """
        lines = Lines()
        while True:
            data = await self._queue.get()
            for line in lines.feed(data) if data else lines.end():
                while not ready():
                    wake.clear()
                    await wake.wait()
                yield line
            if not data:
                return
            self._room.release()

    def _read(self) -> None:
        """Hand on what can be read, until the end. Runs in the thread."""
        data = b"more"
        while data:
            self._room.acquire()
            try:
                data = os.read(self._descriptor, READ_SIZE)
            except OSError:
                data = b""
            try:
                self._loop.call_soon_threadsafe(self._queue.put_nowait, data)
            except RuntimeError:
                return  # the loop is closed: the program ends
