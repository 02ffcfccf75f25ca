"""A text area with what fingers know from a shell: words, cutting, putting back."""

import unicodedata
from collections.abc import Callable
from functools import partial

from textual import actions
from textual.binding import Binding
from textual.widgets import TextArea

_CLIPBOARD = frozenset({"cut", "copy", "paste"})
"""Textual's own, which Ctrl-Y does not read, nor anything outside."""
_JOINERS = frozenset("\u200c\u200d") | frozenset(map(chr, range(0xE0020, 0xE0080)))


class Editing(TextArea):
    """A text area whose keys are those of a shell's line, and whose text is always harmless."""

    def __init__(self, name: str) -> None:
        super().__init__(
            id=name,
            compact=True,
            tab_behavior="focus",
            highlight_cursor_line=False,
            soft_wrap=True,
        )
        self._killed = ""

    def plain_keys(self) -> dict[str, Callable[[], object]]:
        """Return what the keys of any text area do: moving, deleting, undoing.

        Ctrl-B is among them, and nothing else is ever put there: it is tmux's own.
        """
        found: dict[str, Callable[[], object]] = {"ctrl+b": self.action_cursor_left}
        for binding in TextArea.BINDINGS:
            if isinstance(binding, Binding):
                _, name, arguments = actions.parse(binding.action)
                if name in _CLIPBOARD:
                    continue
                deed = partial(getattr(self, f"action_{name}"), *arguments)
                found |= dict.fromkeys(binding.key.split(","), deed)
        return found

    # ------------------------------------------------------------ moving

    def action_word_back(self) -> None:
        """Go a word back."""
        self.action_cursor_word_left()

    def action_word_on(self) -> None:
        """Go a word on."""
        self.action_cursor_word_right()

    # ------------------------------------------------------------ cutting

    def action_kill_word_back(self) -> None:
        """Cut the word before the caret."""
        self._kill(self.action_delete_word_left)

    def action_kill_word(self) -> None:
        """Cut the word behind the caret."""
        self._kill(self.action_delete_word_right)

    def action_kill_start(self) -> None:
        """Cut to the start of the line."""
        self._kill(self.action_delete_to_start_of_line)

    def action_kill_end(self) -> None:
        """Cut to the end of the line."""
        self._kill(self.action_delete_to_end_of_line)

    def action_yank(self) -> None:
        """Put back what was cut last."""
        self.insert(self._killed)

    def _kill(self, deed: Callable[[], object]) -> None:
        """Do *deed*, which deletes something beside the caret, and keep what it deleted."""
        before = self.text
        deed()
        gone = len(before) - len(self.text)
        if gone > 0:
            start = len(self.get_text_range((0, 0), self.cursor_location))
            self._killed = before[start : start + gone]


def typeable(text: str) -> str:
    """Return *text* without what a keyboard does not give: it is drawn as it stands.

    Control characters but newline and tab go, as do bidi controls and lone surrogates; joiners,
    which letters and emoji need, stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char for char in text if char in "\n\t" or _is_typed(char))


def _is_typed(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
