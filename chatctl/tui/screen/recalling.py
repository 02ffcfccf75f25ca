"""A line in which what was sent before can be had again, by going there or by what it holds."""

from collections.abc import Mapping

from textual import events
from textual.message import Message

from chatctl.tui.screen import keys
from chatctl.tui.screen.editing import Editing, typeable
from chatctl.tui.screen.recall import Recall


class Recalling(Editing):
    """A text area that remembers what was sent.

    While something is sought, letters say what it has to hold, and the line shows the newest that
    does. Enter takes it, Escape gives back what was being written; any other key takes it, too,
    and does what it always does.

    Attributes:
        recall: what was sent.
    """

    class Sought(Message):
        """What is sought in the lines sent before has changed: *text* says so; empty: no more."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, recall: Recall, chosen: Mapping[str, str]) -> None:
        super().__init__("composer")
        self.recall = recall
        self._wanted: str | None = None
        self._before = ""
        self._chosen_keys = chosen

    def write(self, text: str) -> None:
        """Put *text* in place of what is written, the caret behind it."""
        self.text = typeable(text)
        self.move_cursor(self.document.end)

    # ------------------------------------------------------------ going there

    def action_earlier(self) -> None:
        """Go up a line, or from the first one to what was sent before."""
        if self.cursor_location[0] > 0:
            self.action_cursor_up()
        elif (line := self.recall.earlier(self.text)) is not None:
            self.write(line)

    def action_later(self) -> None:
        """Go down a line, or from the last one to what was sent after."""
        if self.cursor_location[0] < self.document.line_count - 1:
            self.action_cursor_down()
        elif (line := self.recall.later()) is not None:
            self.write(line)

    # ------------------------------------------------------------ seeking

    def action_recall(self) -> None:
        """Seek what is written in what was sent before; asked again, further back."""
        if self._wanted is None:
            self._before = self.text
            self.recall.begin(self.text)
            self._seek(self.text)
        else:
            self._seek(self._wanted, further=True)

    def seeks(self, event: events.Key) -> bool:
        """Take the key, if something is sought and the key is about that; say whether it was."""
        if self._wanted is None:
            return False
        if event.is_printable and event.character:
            self._seek(self._wanted + event.character)
        elif event.key == "backspace":
            self._seek(self._wanted[:-1])
        elif event.key in keys.keys_of("recall", self._chosen_keys):
            self.action_recall()
        else:
            return self._end_seeking(event.key)
        return True

    def _end_seeking(self, key: str) -> bool:
        """Seek no more; say whether *key* was for that alone."""
        self.seek_no_more()
        if key in keys.keys_of("dismiss", self._chosen_keys):
            self.write(self._before)
            return True
        return key in keys.keys_of("send", self._chosen_keys)

    def seek_no_more(self) -> None:
        """Keep what was found."""
        if self._wanted is not None:
            self._wanted = None
            self.post_message(self.Sought(""))

    def _seek(self, wanted: str, *, further: bool = False) -> None:
        self._wanted = wanted
        line = self.recall.seek(wanted, further=further) if wanted else self._before
        if line is not None:
            self.write(line)
        self.post_message(self.Sought(f"sent before: {wanted}   {self._hint(line, further)}"))

    def _hint(self, line: str | None, further: bool) -> str:
        if line is None:
            return "nothing older holds that" if further else "nothing holds that"
        told = {"recall": "older", "send": "take it", "dismiss": "back"}
        shown = [(keys.label(name, self._chosen_keys), about) for name, about in told.items()]
        return "  ".join(f"{key}: {about}" for key, about in shown if key)
