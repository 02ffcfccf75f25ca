"""A row of the scrollback as lines of cells.

    18:33         carol │ looks fine
    18:34 ▌         bob │ alice: ping, can you look?     names us
    18:36        alice… │ on its way                     then ✓, or ✗ and why below

The bar stands in one column whatever the nicks are, so words always begin in the same place, and a
peer's words are always right of it: nothing a peer writes can pass for a line of ours.
"""

import zlib
from colorsys import hls_to_rgb
from dataclasses import dataclass
from datetime import date

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chatctl.session.client.events import Delivery
from chatctl.tui.screen.cells import fit, wrap
from chatctl.tui.screen.rows import Row, undelivered
from chatctl.view.transcript import Tone

MEASURE = 100
MARKS = {Delivery.PENDING: "…", Delivery.CONFIRMED: "✓", Delivery.FAILED: "✗"}
TIMED = 50
"""Cells from which on there is room for the time of day beside packets."""

RETRYING = "↻"
_HUES = 13


@dataclass(frozen=True, slots=True)
class Gutter:
    """What stands left of the words at some width.

    Attributes:
        clock: whether the time of day is there.
        who: cells for the nick; 0 where there is no room for a column of its own.
        words: cells for the words.
    """

    clock: bool
    who: int
    words: int

    @classmethod
    def of(cls, width: int) -> "Gutter":
        """Return the gutter of a screen of *width* cells."""
        clock = width >= 30
        who = 14 if width >= 70 else max(5, width // 5) if width >= 20 else 0
        taken = (6 if clock else 0) + (who + 5 if who else 0)
        return cls(clock, who, max(1, min(MEASURE, width - taken)))


@dataclass(frozen=True, slots=True)
class Palette:
    """The styles of a theme.

    Attributes:
        dark: whether its ground is dark.
        mono: whether it has no colours.
    """

    dark: bool
    base: Style
    dim: Style
    accent: Style
    trouble: Style
    notice: Style
    own: Style
    mono: bool = False

    @property
    def lit(self) -> Style:
        """Return how what is looked for is shown wherever it stands."""
        return self.accent + Style(underline=True)

    @property
    def found(self) -> Style:
        """Return how it is shown in the row that was found last."""
        return self.base + Style(reverse=True, bold=True)

    def nick(self, nick: str) -> Style:
        """Return the colour of *nick*, the same in every run, readable on the theme's ground."""
        return Style() if self.mono else Style(color=nick_color(nick, dark=self.dark))


def nick_color(nick: str, *, dark: bool) -> str:
    """Return the colour of *nick*, ``#rrggbb``, readable on *dark* ground or on light."""
    hue = zlib.crc32(nick.casefold().encode(errors="replace")) % _HUES / _HUES
    red, green, blue = hls_to_rgb(hue, 0.70 if dark else 0.32, 0.65)
    return f"#{int(red * 255):02x}{int(green * 255):02x}{int(blue * 255):02x}"


@dataclass(frozen=True, slots=True)
class Light:
    """Shows *needle*, which is in lower case and may be empty, in a *style* of its own."""

    needle: str
    style: Style

    def on(self, text: str, style: Style) -> list[Segment]:
        """Return *text* in *style*, but for what is looked for."""
        if not self.needle or self.needle not in (folded := text.casefold()):
            return [Segment(text, style)]
        if len(folded) != len(text):
            return [Segment(text, self.style)]
        segments, start = [], 0
        while (found := folded.find(self.needle, start)) >= 0:
            end = found + len(self.needle)
            segments += [Segment(text[start:found], style), Segment(text[found:end], self.style)]
            start = end
        return [*segments, Segment(text[start:], style)]


def draw(
    row: Row,
    width: int,
    palette: Palette,
    needle: str = "",
    again: str = "",
    *,
    found: bool = False,
) -> list[Strip]:
    """Return *row* at *width* cells; *needle*, if any, is shown wherever it stands in it.

    *again* says how words that were not delivered are said again; *found* whether this is the row
    that was found last.
    """
    light = Light(needle, palette.found if found else palette.lit)
    if row.across:
        return [rule(row.text, width, _who_style(row, palette))]
    gutter = Gutter.of(width)
    head = _head(row, gutter, palette, light)
    if not gutter.who:
        return _without_columns(row, width, palette, light)
    blank = Segment(" " * (gutter.words and _head_width(gutter)), palette.base)
    bar = Segment("│ ", palette.dim)
    style = _words_style(row, palette)
    strips = [
        Strip([*([blank] if number else head), bar, *light.on(line, style)])
        for number, line in enumerate(wrap(row.text, gutter.words))
    ]
    if undelivered(row):
        why = f"not delivered{': ' if row.reason else ''}{row.reason}"
        why += f" · {again}" if again and not row.hopeless else ""
        strips += [
            Strip([blank, bar, Segment(line, palette.trouble)]) for line in wrap(why, gutter.words)
        ]
    return strips


def draw_packet(row: Row, width: int, palette: Palette) -> list[Strip]:
    """Return *row*, a packet, at *width* cells: an arrow and its octets, broken behind commas."""
    head = f"{row.clock} {row.who} " if width >= TIMED else f"{row.who} "
    indent = " " * len(head)
    return [
        Strip([Segment(indent if number else head, palette.dim), Segment(line, palette.base)])
        for number, line in enumerate(wrap(row.text, width - len(head), behind=","))
    ]


def _without_columns(row: Row, width: int, palette: Palette, light: Light) -> list[Strip]:
    """Return *row* where there is no room for a bar: all of it but its start is indented."""
    strips: list[Strip] = []
    for line in wrap(f"{row.who}: {row.text}", max(1, width - 1)):
        indent = [Segment(" ", palette.base)] if strips else []
        strips.append(Strip([*indent, *light.on(line, _words_style(row, palette))]))
    return strips


def rule(text: str, width: int, style: Style) -> Strip:
    """Return a line across the screen with *text* in its middle."""
    text = f" {fit(text, min(cell_len(text), max(0, width - 4)))} "
    left = max(0, (width - cell_len(text)) // 2)
    right = max(0, width - cell_len(text) - left)
    return Strip([Segment("─" * left + text + "─" * right, style)])


def day_name(day: int) -> str:
    """Return the day of an ordinal in words."""
    moment = date.fromordinal(day)
    return f"{moment:%A} {moment.day} {moment:%B %Y}"


def _head_width(gutter: Gutter) -> int:
    return (6 if gutter.clock else 0) + gutter.who + 3


def _head(row: Row, gutter: Gutter, palette: Palette, light: Light) -> list[Segment]:
    """Return the segments before the bar: time, whether it names us, nick, what became of it."""
    width = gutter.who
    who = fit(row.who, width) if cell_len(row.who) > width else row.who
    pad = " " * (width - cell_len(who))
    mark = _mark(row)
    segments = [Segment(f"{row.clock} ", palette.dim)] if gutter.clock else []
    segments += [
        Segment("▌" if row.mention else " ", palette.accent),
        Segment(pad, palette.base),
        *light.on(who, _who_style(row, palette)),
        Segment(f"{mark} ", palette.trouble if undelivered(row) else palette.dim),
    ]
    return segments


def _mark(row: Row) -> str:
    if row.again and row.state == Delivery.PENDING:
        return RETRYING
    return MARKS.get(Delivery(row.state), " ") if row.state else " "


def _who_style(row: Row, palette: Palette) -> Style:
    match row.tone:
        case Tone.TROUBLE:
            return palette.trouble
        case Tone.NOTICE:
            return palette.notice
        case Tone.PRESENCE:
            return palette.dim
        case _:
            return palette.own if row.own else palette.base + palette.nick(row.nick)


def _words_style(row: Row, palette: Palette) -> Style:
    if row.tone in {Tone.TROUBLE, Tone.PRESENCE}:
        return _who_style(row, palette)
    if row.state == Delivery.PENDING:
        return palette.dim
    return palette.base + Style(bold=True) if row.mention else palette.base
