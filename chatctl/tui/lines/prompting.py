"""Line mode on a terminal: a prompt at the bottom, and a half-typed line that survives."""

import asyncio
import codecs
import os
import signal
import termios
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

from chatctl.session.client.events import Event
from chatctl.tui.desk import Desk
from chatctl.tui.lines.editor import Editor, Told
from chatctl.tui.lines.line import LineMode
from chatctl.tui.remembered import Remembered
from chatctl.view.escape import escape_name
from chatctl.view.transcript import Line, rich_line
from chatctl.view.wrap import hang

READ_SIZE = 4096
CLEAR = "\r\x1b[K"


class Typewriter:
    """A terminal with one row at its bottom for the line that is being typed."""

    def __init__(
        self,
        stream: TextIO,
        descriptor: int,
        *,
        color: bool,
        remembered: Remembered | None = None,
    ) -> None:
        self._stream = stream
        self._descriptor = descriptor
        self._color = color
        self._remembered = remembered or Remembered(None)
        self.editor = Editor(history=self._remembered.lines, entered=self._remembered.add)
        self.prompt = ""

    def put(self, shown: Iterable[Line]) -> None:
        """Write *shown* above the line that is being typed."""
        width = self._width()
        rows = "".join(f"{self._styled(line, width)}\n" for line in shown)
        self._stream.write(CLEAR + rows)
        self.draw()

    def draw(self) -> None:
        """Draw the line that is being typed."""
        row, column = self.editor.view(self.prompt, self._width())
        self._stream.write(f"{CLEAR}{row}\r" + (f"\x1b[{column}C" if column else ""))
        self._stream.flush()

    def leave(self) -> None:
        """Take the prompt away."""
        self._stream.write(CLEAR)
        self._stream.flush()

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self._descriptor).columns or 80
        except OSError:
            return 80

    def _styled(self, line: Line, width: int) -> str:
        text = hang(str(line), width)
        if not self._color:
            return text
        return _ansi(line, text)


def _ansi(line: Line, text: str) -> str:
    """Return *text*, *line* as it was wrapped, with the head in its colour."""
    style = rich_line(line).spans[0].style if rich_line(line).spans else ""
    if not style or not text.startswith(line.head):
        return text
    from rich.color import ColorSystem
    from rich.style import Style

    head = Style.parse(str(style)).render(line.head, color_system=ColorSystem.STANDARD)
    return head + text[len(line.head) :]


@contextmanager
def unbuffered(descriptor: int) -> Iterator[None]:
    """Let the terminal give each key as it is pressed; restore it at the end, whatever happens."""
    before = termios.tcgetattr(descriptor)
    _unbuffer(descriptor)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _unbuffer(descriptor: int) -> None:
    mode = termios.tcgetattr(descriptor)
    mode[0] &= ~(termios.IXON | termios.ICRNL)
    mode[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
    mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSADRAIN, mode)


async def converse(desk: Desk, terminal: Typewriter, descriptor: int) -> bool:
    """Run line mode on a terminal until the person leaves, or the session is over.

    Returns:
        Whether it was Ctrl-C that ended it.

    Raises:
        ChatError: see ``Desk.events``.
    """
    talk = _Talk(desk, terminal, descriptor)
    with unbuffered(descriptor):
        try:
            async with asyncio.TaskGroup() as tasks:
                typing = tasks.create_task(talk.read())
                await talk.listen()
                typing.cancel()
        finally:
            terminal.leave()
    return talk.interrupted


class _Talk:
    def __init__(self, desk: Desk, terminal: Typewriter, descriptor: int) -> None:
        self._desk = desk
        self._terminal = terminal
        self._descriptor = descriptor
        self._mode = LineMode(desk, terminal, newlines=True)
        self.interrupted = False
        self._prompt()

    def _prompt(self) -> None:
        room = self._mode.room
        where = "" if room == "lobby" else f" [{escape_name(room)}]"
        self._terminal.prompt = f"{escape_name(self._desk.session.nick)}{where}> "

    async def listen(self) -> None:
        self._terminal.draw()
        async for batch in self._desk.events():
            self._tell(batch)

    def _tell(self, batch: list[Event]) -> None:
        self._mode.tell(batch)
        before = self._terminal.prompt
        self._prompt()
        if self._terminal.prompt != before:
            self._terminal.draw()

    async def read(self) -> None:
        """Take keys until the input ends; then leave."""
        async for keys in _keys(self._descriptor):
            for said in self._terminal.editor.feed(keys):
                self._heed(said)
            self._terminal.draw()
        self._desk.close()

    def _heed(self, said: str | Told) -> None:
        match said:
            case str():
                if not self._desk.session.leaving:
                    self._mode.typed(said)
            case Told.INTERRUPT:
                self.interrupted = True
                self._desk.close()
            case Told.END:
                self._desk.close()
            case Told.SUSPEND:
                self._suspend()
            case Told.REDRAW:
                pass

    def _suspend(self) -> None:
        """Go to the background as Ctrl-Z asks, the terminal as it was, and come back."""
        self._terminal.leave()
        mode = termios.tcgetattr(self._descriptor)
        mode[3] |= termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN
        mode[0] |= termios.ICRNL
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, mode)
        os.kill(os.getpid(), signal.SIGTSTP)
        _unbuffer(self._descriptor)


async def _keys(descriptor: int) -> AsyncIterator[str]:
    """Yield what is typed, until the terminal goes away."""
    loop = asyncio.get_running_loop()
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    typed: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        """Read at once: the loop calls this again as long as there is something to read."""
        try:
            data = os.read(descriptor, READ_SIZE)
        except OSError:
            data = b""
        if not data:
            loop.remove_reader(descriptor)
        typed.put_nowait(data)

    loop.add_reader(descriptor, read)
    try:
        while data := await typed.get():
            yield decoder.decode(data)
    finally:
        loop.remove_reader(descriptor)
