"""The line where people write: as many rows as needed, nothing lost, nothing sent by accident."""

from typing import Any

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from chatctl.tui import keys
from chatctl.tui.completion import Completion, Sources, complete
from chatctl.tui.recall import Recall

MOST_ROWS = 5
GUARD_LINES = 5
GUARD_BYTES = 2000


class Composer(TextArea):
    """A multi-line input with history, completion and a guard against big pastes."""

    DEFAULT_CSS = """
    Composer { height: auto; max-height: 5; width: 1fr; border: none; padding: 0; }
    Composer:focus { border: none; }
    """
    BINDINGS = keys.bindings(keys.COMPOSER, priority=False)

    class Sent(Message):
        """The person has pressed Enter."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Pasted(Message):
        """So much was pasted that the person is asked first."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Offered(Message):
        """The completion list has changed: *words*, of which number *chosen* is in the line."""

        def __init__(self, words: tuple[str, ...], chosen: int) -> None:
            super().__init__()
            self.words = words
            self.chosen = chosen

    def __init__(self, sources: Sources) -> None:
        super().__init__(
            id="composer",
            compact=True,
            tab_behavior="focus",
            highlight_cursor_line=False,
            soft_wrap=True,
        )
        self.recall = Recall()
        self._sources = sources
        self._offer: Completion | None = None
        self._chosen = -1

    @property
    def empty(self) -> bool:
        """Whether nothing is written."""
        return not self.text

    def write(self, text: str) -> None:
        """Put *text* in place of what is written, the caret behind it."""
        self.text = text
        self.move_cursor(self.document.end)

    # ------------------------------------------------------------ keys

    async def _on_key(self, event: events.Key) -> None:
        """Do here and now what a key is bound to; any other key ends a completion.

        Left to bubble, Enter would act after the letters typed behind it: on a slow link, where
        they come together, two lines would go out as one.
        """
        bound = None if event.is_printable else self.screen.active_bindings.get(event.key)
        if bound is not None and bound.node is self:
            event.prevent_default()
            event.stop()
            await self.run_action(bound.binding.action)
        elif event.key != "escape":
            self._end_offer()

    async def _on_paste(self, event: events.Paste) -> None:
        """Take a paste whole; a big one only after asking."""
        event.prevent_default()
        event.stop()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        if text.count("\n") >= GUARD_LINES or len(text.encode(errors="replace")) > GUARD_BYTES:
            self.post_message(self.Pasted(text))
        else:
            self.insert(text)

    def action_send(self) -> None:
        """Hand over what is written."""
        text, self.text = self.text, ""
        self._end_offer()
        self.recall.sent(text)
        self.post_message(self.Sent(text))

    def action_newline(self) -> None:
        """Begin a new line."""
        self.insert("\n")

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

    def action_recall(self) -> None:
        """Find something sent before that contains what is written."""
        if (line := self.recall.find(self.text)) is not None:
            self.write(line)

    def action_complete(self) -> None:
        """Put the first, then the next completion into the line."""
        self._cycle(1)

    def action_complete_back(self) -> None:
        """Put the completion before into the line."""
        self._cycle(-1)

    def action_dismiss(self) -> None:
        """Put the completion list away."""
        self._end_offer()

    # ------------------------------------------------------------ completion

    def _cycle(self, step: int) -> None:
        row, column = self.cursor_location
        if self._offer is None:
            line = self.document.get_line(row)[:column]
            self._offer = complete(line if row == 0 else f" {line}", self._sources)
            if row:
                self._offer = Completion(self._offer.start - 1, self._offer.words)
            self._chosen = -1 if step > 0 else 0
        if not self._offer.words:
            self._end_offer()
            return
        self._chosen = (self._chosen + step) % len(self._offer.words)
        word = self._offer.words[self._chosen]
        self.replace(word, (row, self._offer.start), (row, column))
        if len(self._offer.words) == 1:
            self._end_offer()
        else:
            self.post_message(self.Offered(self._offer.words, self._chosen))

    def _end_offer(self) -> None:
        if self._offer is not None:
            self._offer = None
            self.post_message(self.Offered((), -1))

    def _on_blur(self, event: Any) -> None:
        self._end_offer()
        super()._on_blur(event)
