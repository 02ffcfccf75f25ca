"""What lies over the chat for a moment: help, the question before a big paste, the bare view."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from chatctl.tui.screen import keys
from chatctl.tui.screen.glossary import Glossary
from chatctl.tui.screen.keys import ALL, FIND
from chatctl.view.counts import count_of

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """Something over the chat that has keys of its own, by the one table of them."""

    def __init__(self, chosen: Mapping[str, str], *names: str) -> None:
        """Obey the keys of the actions *names*, those *chosen* where some were."""
        super().__init__()
        self.chosen = chosen
        self._deeds = keys.deeds(self, [ALL[name] for name in names], chosen)

    def on_key(self, event: events.Key) -> None:
        """Do what the key does."""
        keys.obey(self._deeds, event)

    def label(self, name: str) -> str:
        """Return the first key of the action *name*, for people."""
        return keys.label(name, self.chosen)


class Find(Dialog[None]):
    """Asks what to look for, and looks, while the chat stays in sight above."""

    DEFAULT_CSS = """
    Find { align: center bottom; background: $background 0%; }
    Find > Horizontal { height: 1; background: $panel; }
    Find Input { width: 1fr; background: $panel; }
    Find Static { width: auto; padding: 0 1; color: $text-warning; }
    Find #prompt { color: $text-accent; }
    """

    def __init__(
        self, needle: str, look: Callable[[str, int], str], chosen: Mapping[str, str]
    ) -> None:
        """Begin with *needle*; *look* finds it older (-1) or newer (1), and says how that went."""
        super().__init__(chosen, "find", *(action.name for action in FIND))
        self._needle = needle
        self._look = look

    def compose(self) -> ComposeResult:
        """Show the question."""
        with Horizontal():
            yield Static(Content("find>"), id="prompt")
            yield Input(self._needle, placeholder=self._hint(), compact=True)
            yield Static(Content(""), id="outcome")

    def _hint(self) -> str:
        told = {"find_older": "older", "find_newer": "newer", "find_stop": "stop"}
        shown = [(self.label(name), about) for name, about in told.items()]
        return "  ".join(f"{key}: {about}" for key, about in shown if key)

    def action_find(self) -> None:
        """Look further back: that is what the key does that began it."""
        self._seek(-1)

    def action_find_older(self) -> None:
        """Look further back."""
        self._seek(-1)

    def action_find_newer(self) -> None:
        """Look further on."""
        self._seek(1)

    def _seek(self, step: int) -> None:
        outcome = self._look(self.query_one(Input).value, step)
        self.query_one("#outcome", Static).update(Content(outcome))

    def action_find_stop(self) -> None:
        """Look no more."""
        _ = self._look("", -1)
        _ = self.dismiss(None)


class Help(Dialog[None]):
    """Tables of keys and commands."""

    DEFAULT_CSS = """
    Help { align: center middle; }
    Help > VerticalScroll {
        width: 90%; max-width: 100; height: 90%; border: round $primary; padding: 0 1;
        background: $surface;
    }
    """

    def __init__(
        self,
        sections: Sequence[tuple[str, Sequence[tuple[str, str]]]],
        chosen: Mapping[str, str],
    ) -> None:
        super().__init__(chosen, "help", "put_away")
        self._sections = sections

    def compose(self) -> ComposeResult:
        """Lay the tables out, one below the other."""
        with VerticalScroll() as scroll:
            scroll.can_focus = True
            scroll.border_subtitle = f"{self.label('put_away')}: back"
            for number, (heading, rows) in enumerate(self._sections):
                yield Static(Content.styled(f"\n{heading}" if number else heading, "bold"))
                yield Glossary(rows)

    def action_help(self) -> None:
        """Go back to the chat, by the key that leads here."""
        self.action_put_away()

    def action_put_away(self) -> None:
        """Go back to the chat."""
        _ = self.dismiss(None)


class PasteGuard(Dialog[bool]):
    """Asks before a big paste goes into the composer; nothing is sent either way."""

    DEFAULT_CSS = """
    PasteGuard { align: center middle; }
    PasteGuard > Vertical {
        width: auto; max-width: 90%; height: auto; border: round $warning; padding: 0 1;
        background: $surface;
    }
    PasteGuard Static { width: auto; }
    """

    def __init__(self, text: str, chosen: Mapping[str, str]) -> None:
        super().__init__(chosen, "paste", "drop")
        lines, size = len(text.splitlines()), len(text.encode(errors="replace"))
        self._question = f"Paste {count_of(lines, 'line')}, {size:,} bytes?"

    def compose(self) -> ComposeResult:
        """Show the question."""
        with Vertical():
            yield Static(Content(self._question))
            if take := self.label("paste"):
                yield Static(Content(f"{take}: into the input line, where you can still change it"))
            yield Static(Content(f"{self.label('drop')}: drop it"))

    def action_paste(self) -> None:
        """Take it."""
        _ = self.dismiss(True)

    def action_drop(self) -> None:
        """Drop it."""
        _ = self.dismiss(False)


class Bare(Dialog[None]):
    """The words alone, without columns and mouse, for the terminal's own selection.

    Its end is seen first. Terminals send arrow keys for the wheel where nobody wants the mouse.
    """

    DEFAULT_CSS = """
    Bare { background: $background; }
    Bare > VerticalScroll { scrollbar-size: 0 0; }
    Bare > #hint { dock: bottom; width: 1fr; height: 1; color: $text-muted; text-align: center; }
    """

    def __init__(self, text: str, chosen: Mapping[str, str]) -> None:
        super().__init__(chosen, "bare", "put_away")
        self._text = text

    def compose(self) -> ComposeResult:
        """Show the text, and how to leave it."""
        with VerticalScroll() as scroll:
            yield Static(Content(self._text))
        hint = f"{self.label('put_away')}: back   ↑ ↓ PageUp PageDown: scroll"
        yield Static(Content(hint), id="hint")
        self.call_after_refresh(scroll.scroll_end, animate=False)

    def action_bare(self) -> None:
        """Go back to the chat, by the key that leads here."""
        self.action_put_away()

    def action_put_away(self) -> None:
        """Go back to the chat."""
        _ = self.dismiss(None)
