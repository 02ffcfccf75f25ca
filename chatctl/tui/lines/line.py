"""The line mode: what happens as lines, what is typed as intents. Knows no terminal and no pipe.

Where lines go and where they come from are its two ends: ``prompting`` (a terminal with
a prompt) and ``piping`` (lines in, lines out).
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from chatctl.errors import UsageError
from chatctl.session.client.events import (
    Delivery,
    Event,
    Joined,
    Lag,
    Left,
    LinkLost,
    NickChanged,
    RawPacket,
    Receipt,
    Refused,
    Said,
    Saying,
)
from chatctl.session.client.settings import TALKING
from chatctl.tui import slash
from chatctl.tui.desk import Desk
from chatctl.tui.files import named
from chatctl.view.escape import escape
from chatctl.view.transcript import Line, Tone, answered, lines, messages_are, repeated
from chatctl.wire.packets import LOBBY, Direction, Ping


class Paper(Protocol):
    """Where lines go."""

    def put(self, shown: Iterable[Line]) -> None:
        """Show *shown*, in their order."""


class LineMode:
    """One conversation in lines.

    Attributes:
        room: where what is typed goes.
        newlines: whether words may hold newlines, because the paper indents what follows.
    """

    def __init__(self, desk: Desk, paper: Paper, *, newlines: bool) -> None:
        self.desk = desk
        self.room = LOBBY
        self._paper = paper
        self._newlines = newlines
        self._said: dict[str, str] = {}
        self._failed: list[str] = []
        self._pings: set[str] = set()
        self._told_by = ""
        self._renamed = ("", "")
        desk.stopped = self.trouble

    @property
    def settled(self) -> bool:
        """Whether all that was said and asked has been answered."""
        session = self.desk.session
        return session.phase in TALKING and not session.pending and not session.asked

    # ------------------------------------------------------------ what happens

    def tell(self, events: Iterable[Event]) -> None:
        """Show what happened."""
        shown: list[Line] = []
        for event in events:
            shown += self._lines(event)
        if shown:
            self._paper.put(shown)

    def _lines(self, event: Event) -> list[Line]:
        match event:
            case Said(own=True, state=Delivery.PENDING):
                self._said[event.id] = event.text
            case Said(how=Saying.DIRECT, own=False):
                self._told_by = event.nick
            case Receipt():
                return self._receipt(event)
            case Lag() if event.id in self._pings:
                self._pings.discard(event.id)
                return [Line(Tone.NOTICE, "*** ", answered(event))]
            case RawPacket():
                return [_packet(event)]
            case Joined(own=True) | Left(own=True):
                self._moved(event)
            case LinkLost() | Refused() | NickChanged() if self._is_no_news(event):
                return []
            case _:
                pass
        return lines(event, newlines=self._newlines)

    def _is_no_news(self, event: LinkLost | Refused | NickChanged) -> bool:
        """Say whether *event* was shown already, or ends the program with an error of its own."""
        match event:
            case LinkLost():
                return event.retry_in is None
            case Refused():
                return not event.id and self.desk.session.phase not in TALKING
            case NickChanged():  # comes for each room, and as the answer to our own request
                before, self._renamed = self._renamed, (event.nick, event.to)
                return before == self._renamed

    def _moved(self, event: Joined | Left) -> None:
        """Let what is typed go where we came to, and to the lobby when we left that."""
        if isinstance(event, Joined):
            self.room = event.room
        elif event.room == self.room:
            self.room = LOBBY

    def _receipt(self, receipt: Receipt) -> list[Line]:
        if receipt.state is Delivery.FAILED:
            text = escape(repeated(self._said.get(receipt.id, "")))
            self._failed.append(receipt.id)
            [line] = lines(receipt)
            return [Line(line.tone, line.head, f"{line.text}: {text}" if text else line.text)]
        if receipt.state is Delivery.CONFIRMED:
            self._said.pop(receipt.id, None)
        return []

    def notice(self, text: str) -> None:
        """Show *text*, of ours."""
        self._paper.put([Line(Tone.NOTICE, "*** ", text)])

    def trouble(self, text: str) -> None:
        """Show what went wrong here."""
        self._paper.put([Line(Tone.TROUBLE, "!!! ", escape(text))])

    # ------------------------------------------------------------ what is typed

    def typed(self, line: str) -> None:
        """Do what *line* means."""
        match slash.parse(line, self.room):
            case slash.Speak(text, room, how):
                self.desk.say(text, room, how)
            case slash.Ask(question):
                request = self.desk.ask(question)
                if isinstance(question, Ping):
                    self._pings.add(request)
            case slash.Do(name, argument):
                self._do(name, argument)
            case slash.Wrong(text):
                self.trouble(text)
            case None:
                pass

    def _do(self, name: str, argument: str) -> None:
        doing: dict[str, Callable[[str], None]] = {
            "quit": self.desk.close,
            "help": self._help,
            "reply": self._reply,
            "retry": self._retry,
            "reconnect": self._reconnect,
            "record": self._record,
            "mark": self._mark,
            "raw": self._raw,
            "close": self._part_direct,
        }
        if name in doing:
            doing[name](argument)
        else:
            self.trouble(f"/{name} works on the full screen only")

    def _help(self, argument: str) -> None:
        command = slash.find(argument) if argument else None
        if argument and command is None:
            self.trouble(f"no command /{argument}")
            return
        rows = [(command.line, command.about)] if command else slash.help_rows(screen=False)
        for typed, about in rows:
            self.notice(f"{typed:18} {about}")

    def _reply(self, argument: str) -> None:
        if self._told_by:
            self.typed(f"/msg {self._told_by} {argument}")
        else:
            self.trouble("nobody has told you anything yet")

    def _retry(self, _: str) -> None:
        failed, self._failed = self._failed, []
        for key in failed:
            self.desk.retry(key)
        if failed:
            return
        waiting = self.desk.session.pending
        on_the_way = f"nothing has failed; {messages_are(waiting)} still on the way"
        self.notice(on_the_way if waiting else "everything was delivered")

    def _reconnect(self, _: str) -> None:
        if not self.desk.try_now():
            self.trouble("there is a link, or one is being made")

    def _record(self, argument: str) -> None:
        stop = argument == "stop"
        if stop and not self.desk.recording:
            self.trouble("nothing is being recorded")
            return
        try:
            self.desk.record(None if stop else named(argument))
        except UsageError as error:
            self.trouble(str(error))
        else:
            self.notice("not recording" if stop else f"recording to {escape(argument)}")

    def _mark(self, argument: str) -> None:
        if self.desk.mark(argument):
            self.notice("marked")
        else:
            self.trouble("nothing is being recorded; /record FILE begins")

    def _raw(self, _: str) -> None:
        self.desk.raw(wanted=not self.desk.session.raw)

    def _part_direct(self, _: str) -> None:
        self.room = LOBBY


def _packet(event: RawPacket) -> Line:
    arrow = "->" if event.direction is Direction.TO_SERVER else "<-"
    return Line(Tone.NOTICE, f"{arrow} ", escape(event.payload.decode(errors="replace")))
