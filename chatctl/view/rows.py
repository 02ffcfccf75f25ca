"""The table of decode: one item, one line; and what may be shown below it.

Lines are put together by hand, not by Rich: a capture has a million of them.
"""

import time
from collections.abc import Callable

from rich.cells import cell_len, set_cell_size

from chatctl.capture.items.item import Item, What
from chatctl.errors import MalformedPayload
from chatctl.view.escape import escape, escape_name
from chatctl.view.summary import summary
from chatctl.view.transcript import nick_colour
from chatctl.wire import codec
from chatctl.wire.packets import Direction

HEADER = f"{'no':>6}  {'time':<15}  {'delta':>10}  {'conn':>4} {'nick':<12}   {'type':<9} text"

TEXT_AT = 67
"""The column at which the text begins."""

_NICK = 12
_CODES = {
    "cyan": "36", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "red": "31",
    "bright_cyan": "96", "bright_green": "92",
}  # fmt: skip
_FAULTS = {What.MALFORMED, What.GAP, What.SKIPPED, What.TRUNCATED}
_EVENTS = {What.OPEN, What.CLOSE}
_TYPE_CODES = {"error": "1;31", "bye": "33", "join": "2", "leave": "2", "ping": "2", "pong": "2"}
_ADDED = {"chat": "", "me": "", "dm": "35"}

Paint = Callable[[str, str], str]


def colourful(text: str, code: str) -> str:
    """Return *text* in the colour of the ANSI *code*."""
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


def plain(text: str, _code: str) -> str:
    """Return *text* as it is."""
    return text


class Table:
    """Makes rows; knows the time of the one before, and the clock's last second."""

    def __init__(self, *, color: bool, width: int = 0, utc: bool = False) -> None:
        """Colour them if *color*; cut them to *width* cells, 0 for not at all."""
        self._paint: Paint = colourful if color else plain
        self._width = width
        self._broken_down = time.gmtime if utc else time.localtime
        self._second = -1
        self._clock = ""
        self._before = 0

    def row(self, item: Item) -> str:
        """Return the line of *item*, without its end."""
        paint = self._paint
        record = item.record
        at = record.at
        delta = (at - self._before) / 1e9 if self._before else 0.0
        self._before = at
        up = record.direction is Direction.TO_SERVER
        nick = _column(item.nick)
        text = summary(item)
        kind = item.type[:9] if item.packet is None else escape(item.type[:9])
        rtt = f" ({latency(item.rtt)})" if item.rtt >= 0 else ""
        head = f"{item.number:>6}  {self.clock(at)}  {delta:>+10.6f}  "
        if self._width:
            text = cut(text, self._width - TEXT_AT - len(rtt))
        return (
            f"{paint(head, '2')}{record.conn:>4} "
            f"{paint(nick, _CODES[nick_colour(item.nick)]) if item.nick else nick} "
            f"{'→' if up else '←'} {paint(f'{kind:<9}', _code(item))} "
            f"{paint(text, _text_code(item))}{paint(rtt, '2') if rtt else ''}"
        )

    def clock(self, at: int) -> str:
        """Return the time of day of *at*, to the microsecond; dashes where there is none."""
        if not at:
            return "-" * 15
        second, nanoseconds = divmod(at, 1_000_000_000)
        if second != self._second:
            self._second = second
            try:
                self._clock = time.strftime("%H:%M:%S", self._broken_down(second))
            except (OverflowError, ValueError, OSError):
                self._clock = "??:??:??"
        return f"{self._clock}.{nanoseconds // 1000:06}"

    def tree(self, item: Item) -> list[str]:
        """Return the members of the item's payload, one a line, nested as they are."""
        if not item.payload:
            return []
        try:
            value = codec.read_json(item.payload)
        except MalformedPayload:
            return [f"        {self._paint(escape(repr(item.payload)[1:]), '31')}"]
        return list(_tree(value, 2, self._paint))

    def octets(self, item: Item) -> list[str]:
        """Return a hex dump of the item's frame, its length apart from its payload."""
        if not item.payload:
            return []
        whole = item.what is not What.TRUNCATED
        head = len(item.payload).to_bytes(2, "big") if whole else b""
        return list(_dump(head, item.payload, self._paint))


def latency(nanoseconds: int) -> str:
    """Return a duration the way people say it: ``640 µs``, ``12.3 ms``, ``4.20 s``."""
    if nanoseconds < 1_000_000:
        return f"{nanoseconds // 1000} µs"
    if nanoseconds < 1_000_000_000:
        return f"{nanoseconds / 1e6:.1f} ms"
    return f"{nanoseconds / 1e9:.2f} s"


def _column(nick: str) -> str:
    if not nick:
        return " " * _NICK
    if nick.isascii() and nick.isalnum():
        return nick.ljust(_NICK) if len(nick) <= _NICK else nick[: _NICK - 1] + "…"
    return padded(escape_name(nick), _NICK)


def padded(text: str, width: int) -> str:
    """Return *text* in just *width* cells, its end an ellipsis where it is longer."""
    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, width)


def cut(text: str, width: int) -> str:
    """Return *text* in at most *width* cells, but 8 at least, an ellipsis where it goes on."""
    width = max(width, 8)
    if len(text) <= width // 2 or cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…"


def _code(item: Item) -> str:
    if item.packet is not None:
        return _TYPE_CODES.get(item.type, "36")
    return "1;31" if item.what in _FAULTS else "2"


def _text_code(item: Item) -> str:
    if item.packet is not None:
        return "2" if item.type in ("join", "leave", "ping", "pong") else ""
    return "31" if item.what in _FAULTS else "2" if item.what in _EVENTS else "33"


def _tree(value: object, depth: int, paint: Paint) -> list[str]:
    pairs: list[tuple[str, object]] = []
    if isinstance(value, dict):
        pairs = [(escape(name), inner) for name, inner in value.items()]
    elif isinstance(value, list):
        pairs = [(f"[{place}]", inner) for place, inner in enumerate(value)]
    lines = []
    for name, inner in pairs:
        head = f"{'    ' * depth}{paint(name, '36')}"
        if isinstance(inner, dict | list) and inner:
            lines += [head, *_tree(inner, depth + 1, paint)]
        else:
            lines.append(f"{head}: {escape(codec.write_json(inner).decode())}")
    return lines


def _dump(head: bytes, body: bytes, paint: Paint) -> list[str]:
    frame = head + body
    lines = []
    for start in range(0, len(frame), 16):
        row = frame[start : start + 16]
        cells = [
            paint(f"{octet:02x}", "33" if start + place < len(head) else "")
            for place, octet in enumerate(row)
        ]
        gap = "   " * (16 - len(row))
        text = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in row)
        line = f"        {paint(f'{start:04x}', '2')}  {' '.join(cells)}{gap}  {paint(text, '32')}"
        lines.append(line)
    return lines
