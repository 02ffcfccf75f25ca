"""``--help`` in the look of uv and cargo: plain headings, no boxes, colour on a terminal only.

A command's docstring is its help: paragraphs are filled; an indented block is kept as it is, and
under ``Examples:`` its commands are coloured; from ``Raises:`` on it is for programmers.
"""

import inspect
import shutil
import sys
from textwrap import fill
from typing import Any

from chatctl.cli.terminal import colored, paint

_WIDEST = 100
_COLUMN = 30
_FOR_PROGRAMMERS = "\nRaises:"


class Page:
    """A help text in the making."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = width
        self.color = color
        self._lines: list[str] = []

    def __str__(self) -> str:
        """Return the page, without a final line feed."""
        return "\n".join(self._lines).strip("\n")

    def usage(self, path: str, pieces: list[str]) -> None:
        """Add the usage line."""
        heading = paint("Usage:", "green", color=self.color)
        self._lines += [f"{heading} {paint(path, 'cyan', color=self.color)} {' '.join(pieces)}", ""]

    def heading(self, text: str) -> None:
        """Add the heading of a section."""
        self._lines.append(paint(f"{text}:", "green", color=self.color))

    def prose(self, text: str) -> None:
        """Add *text*, a docstring without its indentation, paragraph by paragraph."""
        for paragraph in text.split("\n\n"):
            first, _, rest = paragraph.partition("\n")
            if first.endswith(":") and rest.startswith("  "):
                self.heading(first.removesuffix(":"))
                paragraph = rest
            if paragraph.startswith("  "):
                self._lines += [self._example(line) for line in paragraph.splitlines()]
            else:
                self._lines.append(fill(" ".join(paragraph.split()), self.width))
            self._lines.append("")

    def table(self, heading: str, rows: list[tuple[str, str]]) -> None:
        """Add a section of terms and their meanings, the meanings in one column."""
        if not rows:
            return
        self.heading(heading)
        column = min(max(len(term) for term, _ in rows) + 2, _COLUMN)
        for term, meaning in rows:
            self._row(term, meaning, column)
        self._lines.append("")

    def _row(self, term: str, meaning: str, column: int) -> None:
        indent = " " * (column + 2)
        lines = fill(meaning, self.width, initial_indent=indent, subsequent_indent=indent)
        painted = paint(term, "cyan", color=self.color)
        if len(term) + 2 > column:
            self._lines += [f"  {painted}", *([lines] if meaning else [])]
        else:
            self._lines.append(f"  {painted}{' ' * (column - len(term))}{lines.lstrip()}")

    def _example(self, line: str) -> str:
        command, mark, comment = line.partition("  #")
        painted = paint(command, "cyan", color=self.color) if command.strip() else command
        return painted + (paint(mark + comment, "dim", color=self.color) if mark else "")


def page() -> Page:
    """Return an empty page as wide as the terminal, at most 100 columns."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return Page(max(width, 50), color=colored(sys.stdout))


def text_of(doc: str | None) -> str:
    """Return the part of a docstring that is for whoever runs the command."""
    return inspect.cleandoc(doc or "").partition(_FOR_PROGRAMMERS)[0].rstrip()


def summary(doc: str | None) -> str:
    """Return the first sentence of a docstring without its full stop."""
    return " ".join(text_of(doc).partition("\n\n")[0].split()).removesuffix(".")


def add_parameters(into: Page, ctx: Any, params: list[Any]) -> None:
    """Add sections for *params*: arguments, options, then each named panel in order."""
    sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
    for param in sorted(params, key=lambda param: "Global" in (param.rich_help_panel or "")):
        if not param.hidden:
            usual = "Arguments" if param.param_type_name == "argument" else "Options"
            row = (_term(param, ctx), _meaning(param, ctx))
            sections.setdefault(param.rich_help_panel or usual, []).append(row)
    for heading, rows in sections.items():
        into.table(heading, rows)


def rows(params: list[Any], ctx: Any) -> list[tuple[str, str]]:
    """Return (how it is written, what it means) of each of *params*, arguments first."""
    seen = [param for param in params if not param.hidden]
    seen.sort(key=lambda param: bool(param.param_type_name != "argument"))
    return [(_term(param, ctx), _meaning(param, ctx)) for param in seen]


def _term(param: Any, ctx: Any) -> str:
    if param.param_type_name == "argument":
        return _argument(param)
    short = [name for name in param.opts if not name.startswith("--")]
    long = [name for name in (*param.opts, *param.secondary_opts) if name.startswith("--")]
    names = ", ".join([*short, *long])
    if not short:
        names = f"    {names}"
    return names if param.is_flag or param.count else f"{names} {_value(param, ctx)}"


def _argument(param: Any) -> str:
    name = str(param.metavar or param.name.upper())
    if param.nargs == -1 and not name.endswith("..."):
        name += "..."
    return name if param.required or name.startswith("[") else f"[{name}]"


def _value(param: Any, ctx: Any) -> str:
    """Return how the value of an option is written; N for any number."""
    if not param.metavar and param.type.name.startswith(("int", "float")):
        return "N"
    return str(param.make_metavar(ctx))


def usage_pieces(params: list[Any]) -> list[str]:
    """Return what follows the command in its usage line."""
    arguments = [p for p in params if p.param_type_name == "argument" and not p.hidden]
    return ["[OPTIONS]", *map(_argument, arguments)]


def _meaning(param: Any, ctx: Any) -> str:
    notes = [param.help or ""]
    default = param.get_default(ctx, call=False)
    if default not in {None, False, True, ""} and default != () and param.show_default:
        notes.append(
            f"[default: {param.show_default if isinstance(param.show_default, str) else default}]"
        )
    if param.envvar and param.show_envvar:
        notes.append(f"[env: {param.envvar}]")
    return " ".join(notes).strip()
