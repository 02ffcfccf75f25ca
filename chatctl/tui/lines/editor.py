"""One line being typed: what keys do to it, and how it looks in a given width. Pure.

Small on purpose. A library for this (prompt_toolkit) costs more start-up time than everything else
here together and echoes prompts into pipes; readline cannot be redrawn safely while somebody else's
words come in. All that line mode needs is a line that survives them, history, and the usual keys.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from enum import Enum

from chatctl.view.escape import escape
from chatctl.view.wrap import columns

MOST_HISTORY = 500
_KEY = re.compile(r"\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z]|[^\[O])|.", re.DOTALL)
_NAMED = {
    "\x1b[D": "left",
    "\x02": "left",
    "\x1b[C": "right",
    "\x06": "right",
    "\x1b[H": "home",
    "\x1bOH": "home",
    "\x1b[1~": "home",
    "\x01": "home",
    "\x1b[F": "end",
    "\x1bOF": "end",
    "\x1b[4~": "end",
    "\x05": "end",
    "\x1b[A": "up",
    "\x1bOA": "up",
    "\x10": "up",
    "\x1b[B": "down",
    "\x1bOB": "down",
    "\x0e": "down",
    "\x1bOD": "left",
    "\x1bOC": "right",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x1b[3~": "delete",
    "\x15": "kill_before",
    "\x0b": "kill_after",
    "\x17": "kill_word",
    "\x1b\x7f": "kill_word",
    "\x1bb": "word_left",
    "\x1b[1;5D": "word_left",
    "\x1bf": "word_right",
    "\x1b[1;5C": "word_right",
}


class Told(Enum):
    """What a key says beyond changing the line."""

    INTERRUPT = "interrupt"
    END = "end"
    SUSPEND = "suspend"
    REDRAW = "redraw"


_TELLING = {"\x03": Told.INTERRUPT, "\x1a": Told.SUSPEND, "\x0c": Told.REDRAW}


@dataclass(slots=True)
class Editor:
    """The line that is being typed.

    Attributes:
        text: what stands in it.
        caret: how many characters stand before the caret.
        history: lines entered in sessions before, oldest first.
        entered: called with each line that the history did not end with.
    """

    text: str = ""
    caret: int = 0
    history: InitVar[Sequence[str]] = ()
    entered: Callable[[str], None] = lambda _: None
    _rest: str = ""
    _history: list[str] = field(default_factory=list)
    _place: int = 0
    _draft: str = ""

    def __post_init__(self, history: Sequence[str]) -> None:
        self._history = [line for line in history if "\n" not in line][-MOST_HISTORY:]
        self._place = len(self._history)

    def feed(self, typed: str) -> list[str | Told]:
        """Take *typed*, as the terminal gave it; return lines that were entered, and what was told.

        Ctrl-C on a line with text clears it; Ctrl-D deletes, and on an empty line ends the input.
        """
        typed, self._rest = _whole(self._rest + typed)
        said: list[str | Told] = []
        for key in _KEY.findall(typed):
            if key in "\r\n":
                said.append(self._enter())
            elif key == "\x03" and self.text:
                self._place = len(self._history)
                self._set("")
            elif key == "\x04":
                said += self._end()
            elif key in _TELLING:
                said.append(_TELLING[key])
            else:
                self._edit(key)
        return said

    def view(self, prompt: str, width: int) -> tuple[str, int]:
        """Return the row to draw in *width* columns, and the column of the caret in it.

        A line too long is shown around its caret.
        """
        room = max(2, width - columns(prompt) - 1)
        start = 0
        while columns(escape(self.text[start : self.caret])) > room:
            start += 1
        end = len(self.text)
        while columns(escape(self.text[start:end])) > room:
            end -= 1
        before = escape(self.text[start : self.caret])
        return prompt + escape(self.text[start:end]), columns(prompt + before)

    # ------------------------------------------------------------ inside

    def _enter(self) -> str:
        line = self.text
        if line.strip() and self._history[-1:] != [line]:
            self._history.append(line)
            del self._history[:-MOST_HISTORY]
            self.entered(line)
        self._place = len(self._history)
        self._set("")
        return line

    def _end(self) -> list[str | Told]:
        if not self.text:
            return [Told.END]
        self._edit("\x1b[3~")
        return []

    def _edit(self, key: str) -> None:
        name = _NAMED.get(key)
        if name in {"up", "down"}:
            self._recall(-1 if name == "up" else 1)
        elif name is not None:
            self._move_or_kill(name)
        elif key == "\t" or not (len(key) > 1 or unicodedata.category(key) == "Cc"):
            self.text = self.text[: self.caret] + key + self.text[self.caret :]
            self.caret += 1

    def _move_or_kill(self, name: str) -> None:
        text, caret = self.text, self.caret
        to = {
            "left": _step(text, caret, -1),
            "right": _step(text, caret, 1),
            "home": 0,
            "end": len(text),
            "word_left": _word(text, caret),
            "word_right": len(text) - _word(text[::-1], len(text) - caret),
            "backspace": _step(text, caret, -1),
            "delete": _step(text, caret, 1),
            "kill_before": 0,
            "kill_after": len(text),
            "kill_word": _word(text, caret),
        }[name]
        first, last = sorted((caret, to))
        if name in {"backspace", "delete"} or name.startswith("kill"):
            self.text = text[:first] + text[last:]
            to = first
        self.caret = to

    def _recall(self, step: int) -> None:
        place = self._place + step
        if not 0 <= place <= len(self._history):
            return
        if self._place == len(self._history):
            self._draft = self.text
        self._place = place
        self._set(self._draft if place == len(self._history) else self._history[place])

    def _set(self, text: str) -> None:
        self.text, self.caret = text, len(text)


def _whole(typed: str) -> tuple[str, str]:
    """Return *typed* up to an escape sequence that is not whole yet, and that."""
    start = typed.rfind("\x1b")
    if start < 0 or re.match(r"\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z]|[^\[O])", typed[start:]):
        return typed, ""
    return typed[:start], typed[start:]


def _step(text: str, caret: int, by: int) -> int:
    """Return the caret one letter on, with the marks and joiners that belong to it."""
    caret += by
    while 0 < caret < len(text) and _joins(text[caret - 1], text[caret]):
        caret += by
    return min(max(caret, 0), len(text))


def _joins(before: str, char: str) -> bool:
    return (
        bool(unicodedata.combining(char))
        or char in "\u200d\ufe0f\ufe0e"
        or before == "\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )


def _word(text: str, caret: int) -> int:
    """Return the start of the word before *caret*."""
    return len(re.sub(r"\S+\s*$", "", text[:caret])) if text[:caret].strip() else 0
