"""The line where people write: as many rows as needed, nothing lost, nothing sent by accident."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from textual import events
from textual.message import Message

from chatctl.tui.completion import Completion, Sources, complete
from chatctl.tui.remembered import Remembered
from chatctl.tui.screen import keys
from chatctl.tui.screen.editing import typeable
from chatctl.tui.screen.recall import Recall
from chatctl.tui.screen.recalling import Recalling

MOST_ROWS = 5
GUARD_LINES = 5
GUARD_BYTES = 2000


@dataclass(frozen=True, slots=True)
class Told:
    """What the composer is told by the screen that it is on.

    Attributes:
        sent: called with what was written, at Enter.
        keys: what other keys do, by name; they keep their order with what is typed.
        idle: what keys do while nothing is written.
        chosen: action name to keys, for the composer's own.
        admits: asked before; says no, and why, to what cannot be sent as things stand.
    """

    sent: Callable[[str], None]
    keys: Mapping[str, Callable[[], object]]
    idle: Mapping[str, Callable[[], object]]
    chosen: Mapping[str, str]
    admits: Callable[[str], bool] = lambda _: True


class Composer(Recalling):
    """A multi-line input with history, completion and a guard against big pastes.

    Attributes:
        presses: how many keys were pressed, and pastes made, so far.
    """

    DEFAULT_CSS = """
    Composer { height: auto; max-height: 5; width: 1fr; border: none; padding: 0; }
    Composer:focus { border: none; }
    """

    class Pasted(Message):
        """So much was pasted that the person is asked first."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Offered(Message):
        """The completion list has changed: *words*, of which number *chosen* is in the line.

        *note* says what that one is, for people.
        """

        def __init__(self, words: tuple[str, ...], chosen: int, note: str = "") -> None:
            super().__init__()
            self.words = words
            self.chosen = chosen
            self.note = note

    class Dismissed(Message):
        """Whatever lies over the chat is not wanted any more."""

    def __init__(self, sources: Sources, told: Told, remembered: Remembered) -> None:
        super().__init__(Recall(remembered.lines), told.chosen)
        self.remembered = remembered
        self._sources = sources
        self._told = told
        self._deeds = {**self.plain_keys(), **keys.deeds(self, keys.COMPOSER, told.chosen)}
        self._offer: Completion | None = None
        self._chosen = -1
        self.presses = 0

    @property
    def empty(self) -> bool:
        """Whether nothing is written."""
        return not self.text

    def exchange(self, text: str) -> str:
        """Put *text* in place of what is written, and return that: both are unfinished."""
        self._end_offer()
        self.seek_no_more()
        written = self.recall.rest(self.text)
        self.write(text)
        return written

    # ------------------------------------------------------------ keys

    async def _on_key(self, event: events.Key) -> None:
        """Do what the key does, here and now.

        Textual would run bindings after the event has passed through every widget above, and let
        keys typed meanwhile overtake it: letters would follow a line that was being sent.
        """
        self.presses += 1
        if self.seeks(event):
            event.prevent_default()
            event.stop()
            return
        deed = self._told.keys.get(event.key) or self._deeds.get(event.key)
        if self.empty:
            deed = self._told.idle.get(event.key, deed)
        if event.key not in {"tab", "shift+tab"}:
            self._end_offer()
        if deed is not None:
            event.prevent_default()
            event.stop()
            done = deed()
            if inspect.isawaitable(done):  # a few of Textual's own are
                await done

    async def _on_paste(self, event: events.Paste) -> None:
        """Take a paste whole; a big one only after asking."""
        event.prevent_default()
        event.stop()
        self.presses += 1
        self.seek_no_more()
        text = typeable(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        if text.count("\n") >= GUARD_LINES or len(text.encode(errors="replace")) > GUARD_BYTES:
            self.post_message(self.Pasted(text))
        else:
            self.insert(text)

    def action_send(self) -> None:
        """Hand over what is written, unless it would be in vain: then it stays."""
        if not self._told.admits(self.text):
            return
        text, self.text = self.text, ""
        self._end_offer()
        if self.recall.sent(text):
            self.remembered.add(text)
        self._told.sent(text)

    def action_newline(self) -> None:
        """Begin a new line."""
        self.insert("\n")

    def action_complete(self) -> None:
        """Put the first, then the next completion into the line."""
        self._cycle(1)

    def action_complete_back(self) -> None:
        """Put the completion before into the line."""
        self._cycle(-1)

    def action_dismiss(self) -> None:
        """Put the completion list away; where there is none, whatever else can be."""
        if self._offer is None:
            self.post_message(self.Dismissed())
        self._end_offer()

    # ------------------------------------------------------------ completion

    def _cycle(self, step: int) -> None:
        row, column = self.cursor_location
        if self._offer is None:
            line = self.document.get_line(row)[:column]
            self._offer = complete(line if row == 0 else f" {line}", self._sources)
            if row:
                self._offer = replace(self._offer, start=self._offer.start - 1)
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
            note = self._offer.notes[self._chosen] if self._offer.notes else ""
            self.post_message(self.Offered(self._offer.words, self._chosen, note))

    def _end_offer(self) -> None:
        if self._offer is not None:
            self._offer = None
            self.post_message(self.Offered((), -1))

    def _on_blur(self, event: Any) -> None:
        self._end_offer()
        self.seek_no_more()
        super()._on_blur(event)
