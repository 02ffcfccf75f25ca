"""Our end of the terminal: what is written never holds up the chat, and everything is given back.

Textual waits for a terminal that does not read, keys, link and signals with it, and for ever for
one that has gone away.
"""

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver

from chatctl.tui.screen.outside import NO_TITLE, TITLE, Outside

HANGUP = 129
PATIENCE = 1.0
"""Seconds that a terminal gets to take what is left when we go."""

_PUSH_TITLE, _POP_TITLE = "\x1b[22;2t", "\x1b[23;2t"


class Output(threading.Thread):
    """Writes to a descriptor, in a thread of its own, what is put into its queue.

    Attributes:
        behind: how many characters have not been written yet.
    """

    def __init__(self, descriptor: int, gone: Callable[[], object]) -> None:
        """Prepare; *gone* is called, in the thread, when nothing can be written any more."""
        super().__init__(daemon=True, name="chatctl-output")
        self.behind = 0
        self._descriptor = descriptor
        self._gone = gone
        self._lock = threading.Lock()
        self._queue: SimpleQueue[str | None] = SimpleQueue()

    def put(self, text: str) -> None:
        """Have *text* written; never waits."""
        with self._lock:
            self.behind += len(text)
        self._queue.put(text)

    def run(self) -> None:
        """Write until the end is put into the queue."""
        lost = False
        while (text := self._queue.get()) is not None:
            try:
                if not lost:
                    _write_all(self._descriptor, text.encode(errors="replace"))
            except OSError:
                lost = True
                self._gone()
            with self._lock:
                self.behind -= len(text)

    def finish(self) -> None:
        """Wait until all is written, but for ``PATIENCE`` at most."""
        self._queue.put(None)
        self.join(PATIENCE)


class Terminal(LinuxDriver):
    """Textual's driver with an output of ours, which also keeps the title that the window had.

    The title is given back wherever Textual gives back the rest of the terminal: on every way out,
    and while we are in the background.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._title = ""
        self._output: Output | None = None
        self._suspended = False

    @property
    def outside(self) -> Outside:
        """What a screen can do to this terminal beside drawing."""
        return Outside(self._tell, lambda: self._output.behind if self._output else 0)

    def write(self, data: str) -> None:
        """Write *data* at some time soon."""
        if self._output is not None:
            self._output.put(data)

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._output = Output(cast(TextIO, self._file).fileno(), self._gone)
        self._output.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._title:
            self.write(_PUSH_TITLE + self._title)

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        if self._title:
            self.write(NO_TITLE + _POP_TITLE)
        super().stop_application_mode()

    def suspend_application_mode(self) -> None:
        """Give the terminal back for a while."""
        self._suspended = True
        super().suspend_application_mode()

    def resume_application_mode(self) -> None:
        """Take the terminal again, if it was given back: SIGCONT can come to anybody.

        A terminal multiplexer that ends sends it right behind SIGHUP. Taken while we leave, the
        terminal would be read by a thread that nobody ends.
        """
        if self._suspended:
            self._suspended = False
            super().resume_application_mode()

    def close(self) -> None:
        """Write what is left."""
        super().close()
        output, self._output = self._output, None
        if output is not None:
            output.finish()

    def run_input_thread(self) -> None:
        """Read keys until we go, or the terminal does."""
        try:
            super().run_input_thread()
        except OSError:
            self._gone()

    def _tell(self, data: str) -> None:
        """Write *data* of ``Outside``; before the first title, the window's own is kept."""
        if data.startswith(TITLE):
            self.write("" if self._title else _PUSH_TITLE)
            self._title = data
        self.write(data)

    def _gone(self) -> None:
        """Leave, as there is no terminal any more; called in a thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._app.exit, HANGUP)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
