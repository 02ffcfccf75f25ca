"""What lies over the chat for a moment: help, the question before a big paste, the bare view."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class Find(ModalScreen[str]):
    """Asks what to look for; Enter with the same text looks further back."""

    BINDINGS: ClassVar[list[Any]] = [("escape", "give_up", "Back")]
    DEFAULT_CSS = """
    Find { align: center bottom; background: $background 0%; }
    Find > Input { width: 100%; }
    """

    def __init__(self, needle: str) -> None:
        super().__init__()
        self._needle = needle

    def compose(self) -> ComposeResult:
        """Show the question."""
        yield Input(self._needle, placeholder="find; Enter: next older, Esc: stop", compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give back what was written."""
        _ = self.dismiss(event.value)

    def action_give_up(self) -> None:
        """Look for nothing."""
        _ = self.dismiss("")


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

    def __init__(self, lines: int, size: int) -> None:
        super().__init__()
        self._question = f"Paste {lines} lines, {size:,} bytes?"

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
    """The words alone, without columns and mouse, for the terminal's own selection."""

    BINDINGS: ClassVar[list[Any]] = [("escape,f7,q,enter", "back", "Back")]
    DEFAULT_CSS = """
    Bare { background: $background; }
    Bare > Static { width: 1fr; height: 1fr; }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Show the text."""
        yield Static(Content(self._text))

    def action_back(self) -> None:
        """Go back to the chat."""
        _ = self.dismiss(None)
