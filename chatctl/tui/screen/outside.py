"""What the screen does to the terminal beside drawing on it: title, calls, clipboard, mouse.

Every text goes through here as one OSC sequence of ours, spelled out and cut first, so nothing a
peer writes can end it or begin another.
"""

import base64
from collections.abc import Callable

from chatctl.errors import UsageError
from chatctl.view.escape import escape

CALLS = ("none", "bell", "osc9", "osc777")
"""How somebody can be called who is mentioned, or told something, while looking elsewhere."""

MOST_BEHIND = 100_000
MOST_TITLE = 120
MOST_CALL = 200
MOST_COPIED = 74_000
"""Characters of base64 that terminals are known to take."""

_OSC, _END = "\x1b]", "\x07"
TITLE = f"{_OSC}2;"
NO_TITLE = f"{TITLE}{_END}"
_MOUSE = (1000, 1003)
"""What is reported; how it is reported stays as Textual has agreed with the terminal."""


def nowhere(_: str) -> None:
    """Write nothing: there is no terminal."""


class Outside:
    """A terminal that is written to, if there is one."""

    def __init__(
        self, write: Callable[[str], None] = nowhere, behind: Callable[[], int] = int
    ) -> None:
        """Write with *write*; *behind* says how many characters the terminal has yet to take."""
        self._write = write
        self._behind = behind
        self._title = ""

    @property
    def busy(self) -> bool:
        """Whether the terminal does not keep up: more frames would only be late."""
        return self._behind() > MOST_BEHIND

    def title(self, text: str) -> None:
        """Let the window be called *text*."""
        text = _cut(escape(text), MOST_TITLE)
        if text != self._title:
            self._title = text
            self._write(f"{TITLE}{text}{_END}")

    def call(self, how: str, about: str, text: str) -> None:
        """Call the person, one of ``CALLS``; *about* says where, *text* what was said.

        A note always begins with *about*: some terminals take OSC 9 with digits for something else.
        """
        about = f"chatctl {_cut(escape(about), MOST_TITLE)}"
        text = _cut(escape(text), MOST_CALL)
        match how:
            case "bell":
                self._write(_END)
            case "osc9":
                self._write(f"{_OSC}9;{about}: {text}{_END}")
            case "osc777":
                about = about.replace(";", ",")
                self._write(f"{_OSC}777;notify;{about};{text}{_END}")
            case _:
                pass

    def copy(self, text: str) -> None:
        """Put *text* into the clipboard, by the terminal (OSC 52).

        Raises:
            UsageError: it is more than terminals take.
        """
        coded = base64.b64encode(text.encode(errors="replace")).decode()
        if len(coded) > MOST_COPIED:
            raise UsageError(f"{len(text):,} characters are more than a terminal copies")
        self._write(f"{_OSC}52;c;{coded}{_END}")

    def mouse(self, *, ours: bool) -> None:
        """Have the mouse reported to us, or leave it to the terminal's own selection."""
        self._write("".join(f"\x1b[?{mode}{'h' if ours else 'l'}" for mode in _MOUSE))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
