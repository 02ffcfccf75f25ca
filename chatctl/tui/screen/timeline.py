"""The timeline: the rows of a room, drawn line by line, a screenful at a time.

It lays out the visible rows alone, walking from an anchor, so that adding a row, scrolling and
resizing cost the same with ten rows and with a hundred thousand. The anchor is a row and a line in
it, never a distance from an end: what comes below or is loaded above does not move the reader.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from rich.style import Style
from textual import events
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from chatctl.tui.screen.drawing import day_name, draw, rule
from chatctl.tui.screen.lists import WHEEL
from chatctl.tui.screen.room import Room
from chatctl.tui.screen.rows import Row
from chatctl.tui.screen.themes import palette_of

_CACHED = 3000


@dataclass(slots=True)
class Place:
    """Where somebody reads: *line* of row *number* is at the top; ``new_from`` was the end then."""

    number: int
    line: int
    new_from: int


class Stands(NamedTuple):
    """Where a row stands among the others.

    Attributes:
        first: whether the room's log begins with it.
        day: whether a day does.
        fresh: how many words were unread from it on; 0 where the line does not stand.
        found: whether it was found last.
    """

    first: bool
    day: bool
    fresh: int
    found: bool


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The lines of a row, and what they depend on besides the theme."""

    row: Row
    key: tuple[int, Stands]
    strips: list[Strip]


class Timeline(Widget):
    """Shows one room at a time and remembers the place in each.

    Attributes:
        room: the room that is shown.
        needle: what is shown wherever it stands, in lower case.
        found: the number of the row that was found last.
        again: how words that were not delivered are said again.
        palette: the styles of the theme, once something has been drawn.
    """

    DEFAULT_CSS = "Timeline { height: 1fr; width: 1fr; }"

    class AtTop(Message):
        """The oldest row we have has come into sight: older ones are wanted."""

    def __init__(self, room: Room, name: str) -> None:
        super().__init__(id=name)
        self.room = room
        self.needle = ""
        self.again = ""
        self.found: int | None = None
        self._places: dict[str, Place] = {}
        self._cache: dict[int, _Drawn] = {}
        self._lines: list[Strip] = []
        self._for: tuple[int, int] = (-1, -1)
        self._top = (0, 0)
        self._last = -1

    # ------------------------------------------------------------ what others ask

    @property
    def following(self) -> bool:
        """Whether the newest row is in sight and stays so."""
        self._arrange()
        return self.room.name not in self._places

    @property
    def new_below(self) -> int:
        """How many rows came since the reader left the end."""
        place = self._places.get(self.room.name)
        return self.room.rows.end - place.new_from if place else 0

    @property
    def percent(self) -> int:
        """How far down the room the screen is, 100 at its end."""
        rows = self.room.rows
        if self.following or not len(rows):
            return 100
        return max(0, min(99, 100 * (self._last + 1 - rows.first) // len(rows)))

    @property
    def shown(self) -> list[str]:
        """The visible lines as plain text."""
        self._arrange()
        return [strip.text.rstrip() for strip in self._lines]

    def rows_down_to_sight(self, most: int) -> list[Row]:
        """Return the last row of which something is visible, and up to *most* with those above."""
        self._arrange()
        rows = self.room.rows
        numbers = range(max(rows.first, self._last + 1 - most), self._last + 1)
        return [rows[number] for number in numbers if not rows[number].hidden]

    def show(self, room: Room) -> None:
        """Show *room* at the place where it was left."""
        self.room = room
        self.found = None
        self._cache.clear()
        self.redraw()

    def redraw(self) -> None:
        """Look at the room again: something in it, or about how it is shown, has changed."""
        self._for = (-1, -1)
        self.refresh()

    def forget_styles(self) -> None:
        """Draw every row anew: the theme, or what is searched for, has changed."""
        self._cache.clear()
        self.redraw()

    def look_for(self, needle: str) -> None:
        """Show *needle*, in lower case, wherever it stands; nothing ends that."""
        self.needle = needle
        self.found = None
        self.forget_styles()

    # ------------------------------------------------------------ moving

    def page(self, pages: int) -> None:
        """Move by screens, up where *pages* is negative, with one line in common."""
        self.move(pages * max(1, self.size.height - 1))

    def move(self, lines: int) -> None:
        """Move by *lines*, up where that is negative."""
        self._arrange()
        rows, (number, line) = self.room.rows, self._top
        number, line = self._climbed(number, line + lines)
        while number < rows.end and line >= (count := len(self._strips(number))):
            number, line = number + 1, line - count
        self._look_up(number, line)
        if number >= rows.end:
            self.to_end()
        else:
            self._stand(number, max(0, line))

    def to_end(self) -> None:
        """Show the newest rows from now on."""
        self._places.pop(self.room.name, None)
        self.room.rows.back_at_the_end()
        self.found = None
        self.redraw()

    def to_start(self) -> None:
        """Show the oldest rows there are."""
        self._stand(self.room.rows.first, 0)
        self.want_older()

    def to_row(self, number: int) -> None:
        """Show row *number*, some lines below the top; never less than a screenful."""
        self._arrange()
        number, line = self._climbed(number, -(self.size.height // 3))
        self._look_up(number, line)
        self._stand(number, max(0, line))

    def next_row(self, wanted: Callable[[Row], bool], step: int) -> int | None:
        """Return the next row that is *wanted*, from the one found last or the end in sight."""
        self._arrange()
        start = (
            self.found + step
            if self.found is not None
            else self._last
            if step < 0
            else self._top[0]
        )
        number = self.room.rows.search(wanted, start, step) if len(self.room.rows) else None
        if number is not None:
            self.found = number
        return number

    def _climbed(self, number: int, line: int) -> tuple[int, int]:
        """Return line *line* of row *number*, where that is above the row, as one of a row above.

        It stays below 0 where there are not so many rows.
        """
        while line < 0 and number > self.room.rows.first:
            number -= 1
            line += len(self._strips(number))
        return number, line

    def _look_up(self, number: int, line: int) -> None:
        """Ask for older rows if *line* of row *number* is where ours begin, or above that."""
        if line < 0 or (number, line) == (self.room.rows.first, 0):
            self.want_older()

    def want_older(self) -> None:
        """Ask for rows older than those here."""
        self.post_message(self.AtTop())

    def _stand(self, number: int, line: int) -> None:
        before = self._places.get(self.room.name)
        new_from = before.new_from if before else self.room.rows.end
        self._places[self.room.name] = Place(number, line, new_from)
        self.redraw()

    # ------------------------------------------------------------ drawing

    def render_line(self, y: int) -> Strip:
        """Return line *y* of the screen."""
        self._arrange()
        base = self.palette.base  # what rich_style is, but that is worked out anew at every look
        strip = self._lines[y] if y < len(self._lines) else Strip.blank(self.size.width, base)
        strip = strip.crop_extend(0, self.size.width, base)
        if (selection := self.text_selection) is not None and (span := selection.get_span(y)):
            strip = _selected(
                strip, span, self.screen.get_component_rich_style("screen--selection")
            )
        return strip.apply_offsets(0, y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what the mouse has selected, as it is shown."""
        return selection.extract("\n".join(strip.text for strip in self._lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002
        """Draw the selection."""
        self.refresh()

    def _arrange(self) -> None:
        """Lay out the visible rows, if anything has changed since."""
        asked = (self.size.width, self.size.height)
        if self._for == asked:
            return
        if self._for[0] != asked[0]:
            self.palette = palette_of(self)
        self._for = asked
        place = self._places.get(self.room.name)
        if place is None or not self._from_anchor(place):
            self._places.pop(self.room.name, None)
            self._from_end()

    def _from_anchor(self, place: Place) -> bool:
        """Lay out downwards from *place*; say whether something is left below."""
        rows, height = self.room.rows, self.size.height
        number, line = place.number, place.line
        if number < rows.first:
            number, line = rows.first, 0
        self._top = (number, line)
        lines: list[Strip] = []
        while number < rows.end and len(lines) < height:
            lines += self._strips(number)[line:]
            number, line = number + 1, 0
        self._last = number - 1
        below = len(lines) > height or number < rows.end
        self._lines = lines[:height]
        return below or height == 0

    def _from_end(self) -> None:
        rows, height = self.room.rows, self.size.height
        blocks: list[list[Strip]] = []
        number, count = rows.end, 0
        while number > rows.first and count < height:
            number -= 1
            blocks.append(self._strips(number))
            count += len(blocks[-1])
        hidden = max(0, count - height)
        self._top = (number, hidden)
        self._last = rows.end - 1
        self._lines = [strip for block in reversed(blocks) for strip in block][hidden:]

    def _strips(self, number: int) -> list[Strip]:
        """Return the lines of row *number*, with those for a beginning, a day and the unread."""
        rows = self.room.rows
        row, before = rows[number], rows.get(number - 1)
        stands = Stands(
            first=before is None and self.room.whole,
            day=before is None or before.day != row.day,
            fresh=self.room.below_the_line if number == self.room.seen_to else 0,
            found=number == self.found,
        )
        key = (self.size.width, stands)
        cached = self._cache.get(number)
        if cached is not None and cached.row is row and cached.key == key:
            return cached.strips
        if len(self._cache) >= _CACHED:
            self._cache.clear()
        strips = self.lines_of(row, stands)
        self._cache[number] = _Drawn(row, key, strips)
        return strips

    def lines_of(self, row: Row, stands: Stands) -> list[Strip]:
        """Return the lines of *row*, and those above it, where it *stands*."""
        width, palette = self.size.width, self.palette
        strips = [rule("beginning of the log", width, palette.dim)] if stands.first else []
        if stands.day:
            strips.append(rule(day_name(row.day), width, palette.dim))
        if stands.fresh:
            strips.append(rule(f"{stands.fresh:,} unread", width, palette.accent))
        if row.hidden:
            return strips
        return strips + draw(row, width, palette, self.needle, self.again, found=stands.found)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move up with the wheel."""
        event.stop()
        self.move(-WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move down with the wheel."""
        event.stop()
        self.move(WHEEL)


def _selected(strip: Strip, span: tuple[int, int], style: Style) -> Strip:
    start = strip.index_to_cell_position(span[0])
    end = strip.cell_length if span[1] == -1 else strip.index_to_cell_position(span[1])
    middle = strip.crop(start, end).apply_style(style)
    return Strip.join([strip.crop(0, start), middle, strip.crop(end)])
