"""What a person can do with the screen without saying anything: move, find, show and hide."""

from collections.abc import Callable, Sequence

from chatctl.errors import UsageError
from chatctl.tui.screen import keys
from chatctl.tui.screen.composer import Composer
from chatctl.tui.screen.dialogs import Bare, Find, Help
from chatctl.tui.screen.rows import ACTION, Row
from chatctl.tui.screen.screen import ChatScreen
from chatctl.tui.screen.status import CALLING, Piece

Sections = Sequence[tuple[str, Sequence[tuple[str, str]]]]

BARE = 500
"""Rows that the bare view can be scrolled through."""


class Looking(ChatScreen):
    """The part of the screen's actions that reading needs; each is named by ``keys``."""

    _sought = ""
    _copied = ""
    _hit = ""

    # ------------------------------------------------------------ moving

    def action_page_up(self) -> None:
        """Move up a screen."""
        self.timeline.page(-1)
        self.touch()

    def action_page_down(self) -> None:
        """Move down a screen."""
        self.timeline.page(1)
        self.touch()

    def action_to_start(self) -> None:
        """Move to the oldest row."""
        self.timeline.to_start()
        self.touch()

    def action_to_end(self) -> None:
        """Move to the newest row."""
        self.timeline.to_end()
        self.touch()

    def action_to_unread(self) -> None:
        """Move to the line above what is new."""
        if (number := self.talk.room.seen_to) is not None:
            self.timeline.to_row(number)
            self.touch()

    def action_next_mention(self) -> None:
        """Move to the next row that names the person."""
        self._to(lambda row: row.mention, 1)

    def action_previous_mention(self) -> None:
        """Move to the row before that names the person."""
        self._to(lambda row: row.mention, -1)

    def touch(self) -> None:
        """Let the bars know at once that the place has changed."""
        self.talk.changes += 1
        self.draw()

    def _to(self, wanted: Callable[[Row], bool], step: int) -> bool:
        self._hit = ""
        number = self.timeline.next_row(wanted, step)
        if number is None:
            self.app.bell()
            return False
        self.timeline.to_row(number)
        self.touch()
        return True

    # ------------------------------------------------------------ rooms

    def action_next_active(self) -> None:
        """Go to the next room with something unread."""
        if (name := self.talk.next_active()) is not None:
            self.talk.go(name)

    def action_next_room(self) -> None:
        """Go to the next room."""
        self._go_by(1)

    def action_previous_room(self) -> None:
        """Go to the room before."""
        self._go_by(-1)

    def _go_by(self, step: int) -> None:
        names = list(self.talk.rooms)
        self.talk.go(names[(names.index(self.talk.current) + step) % len(names)])

    def go_to_number(self, number: int) -> None:
        """Go to room *number*, from 1."""
        if number <= len(self.talk.rooms):
            self.talk.go(list(self.talk.rooms)[number - 1])

    # ------------------------------------------------------------ finding

    def action_find(self) -> None:
        """Ask what to look for."""
        _ = self.app.push_screen(Find(self._sought, self.find, self.chosen))

    def find(self, needle: str, step: int = -1) -> str:
        """Show the nearest row with *needle* in it, older (-1) or newer (1) than that found last.

        Returns:
            Which of how many it is, or why there is none. Nothing to look for ends the search.
        """
        folded = needle.casefold()
        if not (again := folded == self.timeline.needle):
            self.timeline.look_for(folded)
        if not folded:
            self._hit = ""
            self.touch()
            return ""
        self._sought = needle
        further = self._to(lambda row: contains(row, folded), step)
        self._hit = self._place_of_hit(folded)
        if further or not again:
            return self._hit or "nothing found"
        nothing = "nothing further " + ("back" if step < 0 else "on")
        return f"{nothing} · {self._hit}" if self._hit else nothing

    def _place_of_hit(self, folded: str) -> str:
        """Return which of all the rows with *folded* in them was found last: ``3 of 17``."""
        hits = self.talk.room.rows.numbers(lambda row: contains(row, folded))
        found = self.timeline.found
        return f"{hits.index(found) + 1:,} of {len(hits):,}" if found in hits else ""

    def _finding(self) -> list[Piece]:
        """Return which of how many hits is shown, and how that ends."""
        if not self.timeline.needle:
            return []
        hit = self._hit if self.timeline.found is not None else ""
        key = keys.label("dismiss", self.chosen)
        told = Piece.of(f"found {hit}" if hit else "finding", 3, style=CALLING)
        if key:
            told = Piece(told.content.append(f" ({key} ends it)"), 5, told)
        return [told]

    def on_composer_dismissed(self, event: Composer.Dismissed) -> None:
        """Look for nothing any more."""
        event.stop()
        if self.timeline.needle:
            _ = self.find("")

    # ------------------------------------------------------------ showing

    def action_rooms(self) -> None:
        """Show or hide the rooms."""
        self.toggle("rooms")

    def action_people(self) -> None:
        """Show or hide the people."""
        self.toggle("people")

    def action_people_up(self) -> None:
        """Move up in the list of people."""
        self.people.page(-1)

    def action_people_down(self) -> None:
        """Move down in the list of people."""
        self.people.page(1)

    def action_raw(self) -> None:
        """Show or hide the packets."""
        self.shows_packets = not self.shows_packets
        self.lay_out()

    def action_packets_up(self) -> None:
        """Move up in the packets."""
        self._page_packets(-1)

    def action_packets_down(self) -> None:
        """Move down in the packets."""
        self._page_packets(1)

    def _page_packets(self, pages: int) -> None:
        if self.shows_packets:
            self.packets.page(pages)

    def action_redraw(self) -> None:
        """Draw everything anew."""
        self.timeline.forget_styles()
        self.app.refresh(layout=True)

    def action_bare(self) -> None:
        """Show plain text that the terminal's own mouse can select."""

        def back(_: None) -> None:
            self.outside.mouse(ours=self.looks.mouse)

        self.outside.mouse(ours=False)
        _ = self.app.push_screen(
            Bare("\n".join(bare(self.timeline.rows_down_to_sight(BARE))), self.chosen), back
        )

    def on_text_selected(self) -> None:
        """Copy what the mouse has selected, as terminals do."""
        self.copy_selection()

    def copy_selection(self) -> bool:
        """Put what is selected into the clipboard, by the terminal; say whether anything was."""
        text = self.get_selected_text() or self.composer.selected_text
        if text:
            try:
                self.outside.copy(text)
                self._copied = f"{len(text):,} characters copied"
            except UsageError as error:
                self._copied = str(error)
            self.touch()
        return bool(text)

    def flags(self) -> list[Piece]:
        """Return what else the status line says of this screen."""
        copied = [Piece.of(self._copied, 3)] if self.selections else []
        return [*copied, *self._finding(), *super().flags()]

    def action_help(self) -> None:
        """Show keys and commands."""
        self.show_help(self.help_sections())

    def show_help(self, sections: Sections) -> None:
        """Show *sections* over the chat."""
        _ = self.app.push_screen(Help(sections, self.chosen))

    def help_sections(self) -> Sections:
        """Return what help shows."""
        return [("Keys", keys.table(self.chosen, keys.SCREEN))]

    def action_suspend(self) -> None:
        """Go to the background."""
        self.app.action_suspend_process()


def bare(rows: Sequence[Row]) -> list[str]:
    """Return *rows* as plain lines; what follows a newline in them is indented."""
    return [_bare(row).replace("\n", "\n  ") for row in rows]


def _bare(row: Row) -> str:
    if row.across:
        return row.text
    colon = ":" if row.nick and row.who != ACTION else ""
    return f"{row.clock} {row.who}{colon} {row.text}"


def contains(row: Row, needle: str) -> bool:
    """Say whether *needle*, in lower case, stands in the words or the nick of *row*."""
    return needle in row.text.casefold() or needle in row.who.casefold()


def _room_action(number: int) -> Callable[[Looking], None]:
    def action(self: Looking) -> None:
        self.go_to_number(number)

    action.__doc__ = f"Go to room {number}."
    return action


for _number in range(1, 10):
    setattr(Looking, f"action_room_{_number}", _room_action(_number))
