"""What a typed line does on the full screen: the one place where slash commands act there.

Each ``Do`` of ``slash`` is a method of its name, ``do_record`` for ``/record``. What is wrong
with a line is said on the screen and nowhere else.
"""

from functools import partial

from textual.message import Message

from chatctl.errors import UsageError
from chatctl.session.client.speaking import Question
from chatctl.tui import slash
from chatctl.tui.completion import Sources
from chatctl.tui.files import beginning_so, named
from chatctl.tui.port import Port
from chatctl.tui.remembered import Remembered
from chatctl.tui.screen import keys
from chatctl.tui.screen.arranging import Arranging, beginning
from chatctl.tui.screen.bars import link_words, shown_name
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.looking import Sections
from chatctl.tui.screen.looks import SETTINGS, Looks
from chatctl.tui.screen.rows import Row, undelivered
from chatctl.tui.screen.status import Piece
from chatctl.tui.screen.themes import THEMES
from chatctl.view.escape import escape, escape_name
from chatctl.view.transcript import Tone, messages_are
from chatctl.wire.packets import Enter, Exit, Ping

TOLD = ("text", "rate", "rate_burst", "nick", "room_name", "topic", "rooms", "page")
"""The limits of a server that people can run into."""

OVER = "it is over; /reconnect tries again, /quit leaves"


class Obeying(Arranging):
    """A screen that has a port, and does what lines mean.

    Attributes:
        entering: ids of requests to enter a room, which is looked at when we are in.
        left_behind: ids of words that nobody had confirmed when the person left.
        leaving: id of a request to leave a room, and the room, which is closed when we are out.
    """

    class Leaving(Message):
        """The person wants to go."""

    class Trying(Message):
        """The person wants another link, and one is being made."""

    def __init__(
        self,
        talk: Conversations,
        server: str,
        port: Port,
        looks: Looks,
        remembered: Remembered | None = None,
    ) -> None:
        super().__init__(talk, server, self._sources_of(talk), looks, remembered)
        self.port = port
        self.left_behind: tuple[str, ...] = ()
        self.entering: set[str] = set()
        self._told_of_loss: frozenset[str] = frozenset()
        self.leaving: dict[str, str] = {}

    def _sources_of(self, talk: Conversations) -> Sources:
        return Sources(
            commands=self._commands_beginning,
            nicks=lambda begun: [n for n in talk.room.people.beginning(begun) if _offered(n, talk)],
            takes=slash.takes,
            about=slash.about,
            others={
                "room": beginning(lambda: filter(_typeable, talk.rooms)),
                "theme": beginning(lambda: THEMES),
                "setting": beginning(lambda: SETTINGS),
                **{
                    f"setting {n}": beginning(partial(tuple, s.values)) for n, s in SETTINGS.items()
                },
                "ignored": beginning(lambda: talk.ignored),
                "file": beginning_so,
            },
        )

    def _commands_beginning(self, begun: str) -> list[str]:
        """Return the commands that begin so, those first that were used most."""
        used = self.composer.recall.count
        return sorted(slash.beginning(begun), key=lambda name: -used(f"/{name}"))

    def on_mount(self) -> None:
        """Say with every word that did not arrive how it is said again."""
        super().on_mount()
        self.timeline.again = f"{keys.label('again', self.chosen, '/retry')} says it again"

    def admits(self, line: str) -> bool:
        """Say whether *line* can be said or asked as things stand; tell the person why not."""
        match slash.parse(line, self.talk.current):
            case slash.Speak() | slash.Ask() if self.talk.link.word == "offline":
                problem = OVER
            case slash.Speak(_, room) if room in self.talk.rooms and self.talk.rooms[room].left:
                problem = f"you have left {room}; /join {room} comes back"
            case slash.Speak(text):
                problem = self.port.too_long(text)
            case _:
                problem = ""
        if problem:
            self.complain(problem)
        return not problem

    def obey(self, line: str) -> None:
        """Say, ask or do what *line* means."""
        match slash.parse(line, self.talk.current):
            case slash.Speak(text, room, how):
                if room.startswith("@"):
                    self.talk.go(room)
                self.port.say(text, room, how)
            case slash.Ask(question):
                self._ask(question)
            case slash.Do(name, argument):
                getattr(self, f"do_{name}")(argument)
            case slash.Wrong(text):
                self.complain(text)
            case None:
                return

    def _ask(self, question: Question) -> None:
        match question:
            case Enter(room=room) if room in self.talk.rooms and self.talk.rooms[room].joined:
                self.talk.go(room)
            case Enter():
                self.entering.add(self.port.ask(question))
            case Exit(room=room):
                self.leaving[self.port.ask(question)] = room
            case Ping():
                self.talk.pings.add(self.port.ask(question))
            case _:
                self.port.ask(question)

    def flags(self) -> list[Piece]:
        """Return what else the status line says of this screen."""
        recording = [Piece.of("recording", 2)] if self.port.recording else []
        return [*recording, *super().flags()]

    # ------------------------------------------------------------ keys that act on the link

    def action_raw(self) -> None:
        """Show or hide the packets, and have them told only while they are shown."""
        super().action_raw()
        self.port.raw(wanted=self.shows_packets)

    def action_again(self) -> None:
        """Say again everything that was not delivered here."""
        rows = self.talk.room.rows
        failed = [row.key for row in reversed(list(rows.backwards())) if undelivered(row)]
        if failed and self.talk.link.word == "offline":
            self.complain(OVER)
            return
        for key in failed:
            self.port.retry(key)
        if not failed:
            self.talk.note(self._all_is_well())

    def _all_is_well(self) -> str:
        """Return what is true where nothing has failed."""
        waiting = len(self.talk.pending)
        if not waiting:
            return "everything was delivered"
        return f"nothing has failed; {messages_are(waiting)} still on the way"

    def leave(self, reason: str = "") -> None:
        """Quit, and tell the others why; where words would be lost, only when asked again."""
        if warning := self.warning():
            self.talk.note(f"{warning}again to quit", Tone.TROUBLE)
            return
        self.left_behind = tuple(self.talk.pending)
        self.port.close(reason)
        self.post_message(self.Leaving())

    def warning(self) -> str:
        """Return what would be lost by leaving now; empty where it was said before, or nothing."""
        unsure = frozenset(self.talk.link.doubts(self.talk.pending, self.now()))
        if unsure <= self._told_of_loss:
            return ""
        self._told_of_loss = unsure
        return f"{messages_are(len(unsure))} not delivered; "

    def lost(self) -> list[Row]:
        """Return the words that did not arrive any more after the person had left."""
        rows = [room.row(key) for key in self.left_behind for room in self.talk.rooms.values()]
        return [row for row in rows if row is not None and undelivered(row)]

    # ------------------------------------------------------------ slash commands

    def do_help(self, argument: str) -> None:
        """Show the commands and keys, or what one command does."""
        command = slash.find(argument) if argument else None
        if command is not None:
            self.talk.note(escape(f"{command.line}: {command.about}"))
        elif argument:
            self.complain(f"no command {argument!r}")
        else:
            self.show_help([self._commands(), *self.key_sections()])

    def do_quit(self, argument: str) -> None:
        """Leave."""
        self.leave(argument)

    def do_close(self, argument: str) -> None:
        """Put direct messages away."""
        self.talk.close(argument)

    def do_retry(self, _: str) -> None:
        """Say again what was not delivered."""
        self.action_again()

    def do_reconnect(self, _: str) -> None:
        """Try for a link at once."""
        if self.port.try_now():
            self.post_message(self.Trying())
        else:
            self.complain("there is a link, or one is being made")

    def do_record(self, argument: str) -> None:
        """Record the link, or stop."""
        stop = argument == "stop"
        if stop and not self.port.recording:
            self.complain("nothing is being recorded")
            return
        try:
            self.port.record(None if stop else named(argument))
        except UsageError as error:
            self.complain(str(error))
            return
        self.talk.note("recording stopped" if stop else escape(f"recording into {argument}"))

    def do_mark(self, argument: str) -> None:
        """Mark this place of the recording."""
        if self.port.mark(argument):
            self.talk.note(escape(f"marked: {argument}" if argument else "marked"))
        else:
            self.complain("nothing is being recorded; /record FILE begins")

    def do_raw(self, _: str) -> None:
        """Show the packets, or hide them."""
        self.action_raw()

    def do_reply(self, argument: str) -> None:
        """Tell whoever spoke to us directly last."""
        if self.talk.told_by:
            self.obey(f"/msg {self.talk.told_by} {argument}")
        else:
            self.complain("nobody has told you anything yet")

    def do_status(self, _: str) -> None:
        """Say how things stand."""
        talk, room = self.talk, self.talk.room
        speech = "with the extension" if talk.link.extended else "base protocol"
        program = f" ({escape(talk.link.server)})" if talk.link.server else ""
        rows = f"{len(room.rows):,} rows, of {talk.most:,} that are kept"
        limits = ", ".join(
            f"{name} {talk.link.limits[name]:,.15g}" for name in TOLD if name in talk.link.limits
        )
        self.tell(
            [
                f"{escape(self.server)}{program}, {speech}: {link_words(talk.link, self.now())}",
                f"you are {escape_name(talk.nick)}; {len(talk.pending)} of your words are pending",
                f"{shown_name(room.name)}: {len(room.people):,} here, {rows}",
                f"recording: {'yes' if self.port.recording else 'no'}",
                *([f"the server's limits: {limits}"] if limits else []),
            ]
        )

    # ------------------------------------------------------------ help

    def help_sections(self) -> Sections:
        """Return what help shows."""
        return [*self.key_sections(), self._commands()]

    def _commands(self) -> tuple[str, list[tuple[str, str]]]:
        return "Commands", slash.help_rows(screen=True)


def _typeable(name: str) -> bool:
    """Say whether *name* is what it looks like: what a server makes up is not put into a line."""
    return escape_name(name.removeprefix("@")) == name.removeprefix("@")


def _offered(nick: str, talk: Conversations) -> bool:
    return nick != talk.nick and _typeable(nick)
