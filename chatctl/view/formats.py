"""Lines of a shape of one's own: ``{t} {nick}: {text}``, or chosen fields between tabs."""

import re
import time
from collections.abc import Callable

from chatctl.capture.filtering.fields import FIELDS, Begin, member
from chatctl.capture.items.item import Item
from chatctl.errors import UsageError
from chatctl.suggesting import did_you_mean
from chatctl.view.escape import escape
from chatctl.view.summary import summary

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|\{")


def stamp(at: int) -> str:
    """Return *at*, nanoseconds since 1970, as date and time in UTC; empty if no year has it."""
    second, nanoseconds = divmod(at, 1_000_000_000)
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)) + f".{nanoseconds:09}Z"
    except (OverflowError, ValueError, OSError):
        return ""


_EXTRA: dict[str, Callable[[Item], object]] = {
    "time": lambda item: stamp(item.record.at),
    "summary": summary,
    "arrow": lambda item: "→" if item.record.direction.value == "to-server" else "←",
    "payload": lambda item: item.payload.decode(errors="replace"),
    "epoch": lambda item: f"{item.record.at / 1e9:.6f}",
}


class Shape:
    """Gets fields of items as text."""

    def __init__(self, begin: Begin) -> None:
        """Count times from *begin*, as filters do."""
        self._begin = begin

    def line(self, text: str) -> Callable[[Item], str]:
        r"""Return what fills *text*: ``{field}``, ``{.member}``; ``\t`` and ``\n`` are meant.

        ``{{`` and ``}}`` are braces.

        Raises:
            UsageError: there is no such field, or a brace is not closed.
        """
        text = text.replace("\\t", "\t").replace("\\n", "\n")
        parts: list[Callable[[Item], str]] = []
        place = 0
        for found in _PLACE.finditer(text):
            parts += [_always(text[place : found.start()]), self._place(found)]
            place = found.end()
        parts.append(_always(text[place:]))
        return lambda item: "".join([part(item) for part in parts])

    def _place(self, found: re.Match[str]) -> Callable[[Item], str]:
        if found[0] in ("{{", "}}"):
            return _always(found[0][0])
        if found[0] == "{":
            error = UsageError(f"a '{{' is not closed at character {found.start() + 1}")
            error.add_note("write '{{' for a brace")
            raise error
        return self.field(found[1])

    def row(self, names: str) -> Callable[[Item], str]:
        """Return what joins the fields *names*, a comma between, by tabs.

        Raises:
            UsageError: there is no such field.
        """
        fields = [self.field(name.strip()) for name in names.split(",")]
        return lambda item: "\t".join(field(item) for field in fields)

    def field(self, name: str) -> Callable[[Item], str]:
        """Return what gets the field *name* as escaped text, empty where there is none.

        Raises:
            UsageError: there is no such field.
        """
        if name == "t":
            return self._seconds
        get = member(name) if name.startswith(".") else _EXTRA.get(name) or FIELDS.get(name)
        if get is None:
            error = UsageError(f"there is no field {name!r}")
            error.add_note(did_you_mean(name, [*FIELDS, *_EXTRA]))
            raise error
        return lambda item: _text(get(item))

    def _seconds(self, item: Item) -> str:
        return f"{(item.record.at - self._begin.at) / 1e9:.6f}"


def _always(text: str) -> Callable[[Item], str]:
    return lambda _item: text


def _text(value: object) -> str:
    return "" if value is None else escape(str(value))
