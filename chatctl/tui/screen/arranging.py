"""What people arrange for themselves on the full screen: nothing of it reaches the server.

Each method ``do_…`` is a slash command.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from chatctl.errors import MalformedPayload, UsageError
from chatctl.tui.files import named
from chatctl.tui.screen import keys, looks
from chatctl.tui.screen.looking import Looking, Sections
from chatctl.tui.screen.looks import Looks
from chatctl.tui.screen.rows import ACTION, Row
from chatctl.tui.screen.themes import THEMES
from chatctl.view.counts import count_of
from chatctl.view.escape import escape, escape_name
from chatctl.view.transcript import Tone
from chatctl.wire.codec import write_json


class Arranging(Looking):
    """A screen that can be arranged by commands."""

    def complain(self, text: str) -> None:
        """Say on the screen what is wrong."""
        self.talk.note(escape(text), Tone.TROUBLE)

    def tell(self, lines: Iterable[str]) -> None:
        """Say *lines*, each harmless already."""
        for line in lines:
            self.talk.note(line)

    # ------------------------------------------------------------ what was said

    def do_search(self, argument: str) -> None:
        """Find in the scrollback."""
        outcome = self.find(argument)
        if self.timeline.found is None:
            self.talk.note(outcome)

    def do_clear(self, _: str) -> None:
        """Empty the screen."""
        self.talk.room.clear()
        self.timeline.to_end()

    def do_copy(self, argument: str) -> None:
        """Put the last words said here, or the last so many, into the clipboard."""
        rows = list(_last(self.talk.room.rows.backwards(), int(argument or 1)))
        lines = [_copied(row, alone=len(rows) == 1) for row in rows]
        if not rows:
            self.complain("nothing has been said here")
            return
        try:
            self.outside.copy("\n".join(lines))
        except UsageError as error:
            self.complain(str(error))
        else:
            count = count_of(len(rows), "message")
            self.talk.note(f"{count} copied, if your terminal lets programs do that (OSC 52)")

    def do_save(self, argument: str) -> None:
        """Write what is here into a file that is not there yet."""
        room = self.talk.room
        rows = [row for row in reversed(list(room.rows.backwards())) if row.nick]
        try:
            with named(argument).open("xb") as out:
                out.writelines(_saved(room.name, row) for row in rows)
        except UsageError as error:
            self.complain(str(error))
        except OSError as error:
            self.complain(f"cannot save to {argument}: {error.strerror}")
        else:
            self.talk.note(escape(f"{count_of(len(rows), 'message')} saved to {argument}"))

    # ------------------------------------------------------------ people

    def do_ignore(self, argument: str) -> None:
        """Show nothing of somebody, or say of whom nothing is shown."""
        if nick := argument.removeprefix("@"):
            self.talk.ignore(nick)
            self.talk.note(f"{escape_name(nick)} is not shown any more")
        else:
            names = ", ".join(map(escape_name, sorted(self.talk.ignored)))
            self.talk.note(f"not shown: {names or 'nobody'}")

    def do_unignore(self, argument: str) -> None:
        """Show somebody again."""
        nick = argument.removeprefix("@")
        if nick.casefold() in self.talk.ignored:
            self.talk.ignore(nick, wanted=False)
            self.talk.note(f"{escape_name(nick)} is shown again")
        else:
            self.complain(f"{nick} is not ignored")

    def do_whois(self, argument: str) -> None:
        """Say what is known here of somebody."""
        nick = argument.removeprefix("@")
        rooms = [name for name, room in self.talk.rooms.items() if nick in room.people]
        heard = [row for room in self.talk.rooms.values() for row in room.rows.backwards()]
        last = max((r.at for r in heard if r.nick.casefold() == nick.casefold()), default=0.0)
        said = f"last heard {datetime.fromtimestamp(last).astimezone():%d %B %H:%M}" if last else ""
        known = ["in " + ", ".join(map(escape_name, rooms)) if rooms else "not seen here", said]
        self.talk.note(f"{escape_name(nick)}: " + "; ".join(filter(None, known)))

    def do_highlight(self, argument: str) -> None:
        """Be called by a word as by one's nick, or no more; alone, say by which."""
        watched = self.talk.watched
        if argument.startswith("-"):
            self.talk.watch([word for word in watched if word != argument[1:]])
        elif argument:
            self.talk.watch([*watched, argument])
        self.talk.note(
            escape("you are called by: " + ", ".join([self.talk.nick, *self.talk.watched]))
        )

    # ------------------------------------------------------------ looks

    def do_theme(self, argument: str) -> None:
        """Change the colours, or say which there are."""
        if argument:
            _ = self._set("theme", argument)
        else:
            self.talk.note(f"the theme is {self.looks.theme}; there are {', '.join(THEMES)}")

    def do_keys(self, argument: str) -> None:  # noqa: ARG002 - every deed has this shape
        """Show the keys."""
        self.show_help(self.key_sections())

    def key_sections(self) -> Sections:
        """Return the keys in force."""
        return [
            ("Everywhere", keys.table(self.chosen, keys.SCREEN)),
            ("Writing", keys.table(self.chosen, keys.COMPOSER)),
            ("Finding", keys.table(self.chosen, keys.FIND)),
        ]

    def do_set(self, argument: str) -> None:
        """Show the settings, or one of them, or change it until the end."""
        name, _, value = argument.partition(" ")
        if not name:
            self.show_help([("Settings, until the end: /set NAME VALUE", self._settings())])
        elif self._set(name, value.strip()):
            self.tell(f"{line} · {about}" for line, about in self._settings(name))

    def _settings(self, name: str = "") -> list[tuple[str, str]]:
        """Return each setting, or that called *name* alone, harmless, and what it is."""
        told = [(escape(line), about) for line, about in looks.told(self.looks)]
        return [row for row in told if not name or row[0].startswith(f"{name} =")]

    def _set(self, name: str, value: str) -> bool:
        """Change a setting where there is a *value*; say whether there is nothing wrong."""
        try:
            looks.check_name(name)
            if value:
                self.wear(looks.changed(self.looks, name, value))
        except UsageError as error:
            self.complain(str(error))
            return False
        return True

    def wear(self, made: Looks) -> None:
        """Look as *made* says from now on."""
        before, self.looks = self.looks, made
        self.app.theme = made.theme
        self.suit(self.talk)
        self.composer.remembered.keeping = made.remember
        self.draw_at(made.frames)
        if before.mouse != made.mouse:
            self.outside.mouse(ours=made.mouse)
        self.action_redraw()


def beginning(words: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Return what finds those of *words* that begin so, in the order of the alphabet."""
    return lambda begun: sorted(word for word in words() if word.startswith(begun))


def _last(rows: Iterator[Row], count: int) -> list[Row]:
    """Return the last *count* rows that are somebody's words, oldest first."""
    found: list[Row] = []
    for row in rows:
        if len(found) == count:
            break
        if row.nick:
            found.append(row)
    return found[::-1]


def _copied(row: Row, *, alone: bool) -> str:
    """Return the words as they were sent, but harmless: a shell may be where they are pasted."""
    text = escape(row.words, newlines=True)
    return text if alone else f"{row.nick}: {text}"


def _saved(room: str, row: Row) -> bytes:
    at = datetime.fromtimestamp(row.at, UTC).isoformat(timespec="milliseconds")
    saved = {"time": at, "room": room, "nick": row.nick, "text": row.words, "seq": row.seq}
    if row.who == ACTION:
        saved["action"] = True
    try:
        return write_json(saved) + b"\n"
    except MalformedPayload:
        return write_json({**saved, "text": escape(row.words)}) + b"\n"
