"""Terms and what they mean, side by side: what is wrapped stays under itself."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from chatctl.tui.screen.cells import fit, wrap

LEAST = 24
"""Cells that a meaning needs beside its term; where there are fewer it stands below."""


class Glossary(Widget):
    """A table of two columns, of texts that are harmless already."""

    DEFAULT_CSS = "Glossary { height: auto; width: 1fr; }"

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._rows = rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return how many lines it takes."""
        return len(lines(self._rows, width))

    def render(self) -> RenderResult:
        """Return what is shown."""
        shown = [
            Content.assemble((term, "$text-primary"), meaning)
            for term, meaning in lines(self._rows, self.size.width)
        ]
        return Content("\n").join(shown)


def lines(rows: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """Return (term, meaning) of each line that *rows* take at *width* cells."""
    widest = max((cell_len(term) for term, _ in rows), default=0) + 4
    beside = width - widest >= LEAST
    return [line for row in rows for line in (_beside if beside else _below)(row, width, widest)]


def _beside(row: tuple[str, str], width: int, widest: int) -> Iterator[tuple[str, str]]:
    term, meaning = row
    for number, line in enumerate(wrap(meaning, width - widest)):
        yield fit("" if number else f"  {term}", widest), line.rstrip()


def _below(row: tuple[str, str], width: int, _: int) -> Iterator[tuple[str, str]]:
    term, meaning = row
    for line in wrap(term, width):
        yield line, ""
    for line in wrap(meaning, max(1, width - 2)):
        yield "", f"  {line.rstrip()}"
