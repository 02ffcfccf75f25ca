"""What lies over the chat for a moment: help, the question before a big paste, the bare view."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class Find(ModalScreen[None]):
    """Asks what to look for, and looks, while the chat stays in sight above."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape,ctrl+c", "give_up", "Back", priority=True),
        Binding("up,ctrl+f", "look(-1)", "Older", priority=True),
        Binding("down", "look(1)", "Newer", priority=True),
    ]
    DEFAULT_CSS = """
    Find { align: center bottom; background: $background 0%; }
    Find > Horizontal { height: 1; background: $panel; }
    Find Input { width: 1fr; background: $panel; }
    Find Static { width: auto; padding: 0 1; color: $text-warning; }
    Find #prompt { color: $text-accent; }
    """

    def __init__(self, needle: str, look: Callable[[str, int], str]) -> None:
        """Begin with *needle*; *look* finds it older (-1) or newer (1), or says why it cannot."""
        super().__init__()
        self._needle = needle
        self._look = look

    def compose(self) -> ComposeResult:
        """Show the question."""
        with Horizontal():
            yield Static(Content("find>"), id="prompt")
            yield Input(
                self._needle, placeholder="Enter, Up: older  Down: newer  Esc: stop", compact=True
            )
            yield Static(Content(""), id="outcome")

    def on_input_submitted(self, event: Input.Submitted) -> None:  # noqa: ARG002
        """Look further back."""
        self.action_look(-1)

    def action_look(self, step: int) -> None:
        """Look for what is written."""
        outcome = self._look(self.query_one(Input).value, step)
        self.query_one("#outcome", Static).update(Content(outcome))

    def action_give_up(self) -> None:
        """Look no more."""
        _ = self._look("", -1)
        _ = self.dismiss(None)


class Help(ModalScreen[None]):
    """Tables of keys and commands; any of Escape, F1, q and Enter puts it away."""

    BINDINGS: ClassVar[list[Any]] = [("escape,f1,q,enter", "dismiss_help", "Back")]
    DEFAULT_CSS = """
    Help { align: center middle; }
    Help > VerticalScroll {
        width: 90%; max-width: 100; height: 90%; border: round $primary; padding: 0 1;
        background: $surface;
    }
    """

    def __init__(self, sections: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        super().__init__()
        self._sections = sections

    def compose(self) -> ComposeResult:
        """Lay the tables out, one below the other."""
        with VerticalScroll() as scroll:
            scroll.can_focus = True
            scroll.border_subtitle = "Esc: back"
            for heading, rows in self._sections:
                yield Static(Content.styled(f"\n{heading}", "bold"))
                widest = max((len(term) for term, _ in rows), default=0)
                for term, meaning in rows:
                    line = Content.styled(f"  {term.ljust(widest)}  ", "$text-primary")
                    yield Static(line + Content(meaning))

    def action_dismiss_help(self) -> None:
        """Go back to the chat."""
        _ = self.dismiss(None)


class PasteGuard(ModalScreen[bool]):
    """Asks before a big paste goes into the composer; nothing is sent either way."""

    BINDINGS: ClassVar[list[Any]] = [
        ("enter,y", "answer(True)", "Paste"),
        ("escape,n", "answer(False)", "Drop"),
    ]
    DEFAULT_CSS = """
    PasteGuard { align: center middle; }
    PasteGuard > Vertical {
        width: auto; max-width: 90%; height: auto; border: round $warning; padding: 0 1;
        background: $surface;
    }
    PasteGuard Static { width: auto; }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        lines, size = len(text.splitlines()), len(text.encode(errors="replace"))
        counted = "1 line" if lines == 1 else f"{lines:,} lines"
        self._question = f"Paste {counted}, {size:,} bytes?"

    def compose(self) -> ComposeResult:
        """Show the question."""
        with Vertical():
            yield Static(Content(self._question))
            yield Static(Content("Enter: into the input line, where you can still change it"))
            yield Static(Content("Esc: drop it"))

    def action_answer(self, yes: bool) -> None:
        """Give the answer back."""
        _ = self.dismiss(yes)


class Bare(ModalScreen[None]):
    """The words alone, without columns and mouse, for the terminal's own selection.

    Its end is seen first. Terminals send arrow keys for the wheel where nobody wants the mouse.
    """

    BINDINGS: ClassVar[list[Any]] = [("escape,f7,q,enter", "back", "Back")]
    DEFAULT_CSS = """
    Bare { background: $background; }
    Bare > VerticalScroll { scrollbar-size: 0 0; }
    Bare > #hint { dock: bottom; width: 1fr; height: 1; color: $text-muted; text-align: center; }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Show the text, and how to leave it."""
        with VerticalScroll() as scroll:
            yield Static(Content(self._text))
        yield Static(Content("Esc: back   ↑ ↓ PageUp PageDown: scroll"), id="hint")
        self.call_after_refresh(scroll.scroll_end, animate=False)

    def action_back(self) -> None:
        """Go back to the chat."""
        _ = self.dismiss(None)
