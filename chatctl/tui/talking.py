"""The screen of somebody who takes part: what they write goes out, what they are told comes in."""

from collections.abc import Mapping
from typing import Any, ClassVar

from chatctl.session.events import Event, Joined, Members, Negotiated
from chatctl.tui import keys
from chatctl.tui.completion import Sources
from chatctl.tui.composer import Composer
from chatctl.tui.conversations import Conversations
from chatctl.tui.dialogs import PasteGuard
from chatctl.tui.looking import Looking, Sections
from chatctl.tui.port import Port
from chatctl.tui.rows import undelivered
from chatctl.tui.timeline import Timeline
from chatctl.view.transcript import Tone
from chatctl.wire.packets import AskHistory, AskWho

PAGE = 100


class Talking(Looking):
    """A chat over a link, of which it knows the port alone."""

    BINDINGS: ClassVar[list[Any]] = keys.bindings(keys.SCREEN, priority=True)

    def __init__(
        self, talk: Conversations, server: str, port: Port, chosen: Mapping[str, str]
    ) -> None:
        super().__init__(talk, server, self._sources_of(talk), chosen)
        self.port = port
        self._warned = False

    def _sources_of(self, talk: Conversations) -> Sources:
        return Sources(
            commands=lambda _: [],
            nicks=lambda begun: [n for n in talk.room.people.beginning(begun) if n != talk.nick],
            rooms=lambda begun: [r for r in talk.rooms if r.startswith(begun)],
            takes=lambda _: "",
            themes=lambda begun: [t for t in self.app.available_themes if t.startswith(begun)],
        )

    # ------------------------------------------------------------ what comes in

    def take(self, event: Event) -> None:
        """Take in *event*, and ask for what the screen wants to show besides."""
        self.talk.take(event)
        match event:
            case Negotiated(extended=True, resumed=True):
                for name, room in self.talk.rooms.items():
                    if room.joined and not name.startswith("@"):
                        self._ask_who(name)
            case Joined(own=True) if self.talk.link.extended:
                self._ask_who(event.room)
            case Members(more=True, nicks=[*_, last]):
                self.talk.pages.add(self._ask_who(event.room, last))
            case _:
                pass

    def _ask_who(self, room: str, after: str = "") -> str:
        request = self.port.ask(AskWho(room, after))
        self.talk.quiet.add(request)
        return request

    # ------------------------------------------------------------ what goes out

    def on_composer_sent(self, event: Composer.Sent) -> None:
        """Say what was written, or do what it commands."""
        self._warned = False
        if not event.text.strip():
            return
        self.timeline.to_end()
        self.port.say(event.text, room=self.talk.current)

    def on_composer_pasted(self, event: Composer.Pasted) -> None:
        """Ask before a big paste is taken."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.composer.insert(event.text)

        text = event.text
        size = len(text.encode(errors="replace"))
        _ = self.app.push_screen(PasteGuard(text.count("\n") + 1, size), answered)

    def on_timeline_at_top(self, event: Timeline.AtTop) -> None:
        """Load older words from the server's history."""
        event.stop()
        room = self.talk.room
        if not self.talk.link.extended or room.asked or room.exhausted or not room.oldest:
            return
        room.asked = self.port.ask(AskHistory(room.name, before=room.oldest, limit=PAGE))

    def action_raw(self) -> None:
        """Show or hide the packets, and have them told only while they are shown."""
        super().action_raw()
        self.port.raw(wanted=self.shows_packets)

    def action_again(self) -> None:
        """Say again everything that was not delivered here."""
        rows = self.talk.room.rows
        failed = [row.key for row in reversed(list(rows.backwards())) if undelivered(row)]
        for key in failed:
            self.port.retry(key)
        if not failed:
            self.talk.note("everything was delivered")

    # ------------------------------------------------------------ leaving

    def action_interrupt(self) -> None:
        """Clear the line; on an empty one, quit when asked twice."""
        if not self.composer.empty:
            self.composer.write("")
            self._warned = False
        elif self._warned:
            self.port.close()
        else:
            self._warned = True
            self.talk.note("again to quit", Tone.NOTICE)

    def action_leave(self) -> None:
        """Quit, on an empty line."""
        if self.composer.empty:
            self.port.close()
        else:
            self.composer.action_delete_right()

    def help_sections(self) -> Sections:
        """Return what help shows."""
        return [
            ("Writing", keys.table(self.chosen, keys.COMPOSER)),
            ("Everywhere", keys.table(self.chosen, keys.SCREEN)),
        ]


def _room_action(number: int) -> Any:
    def action(self: Talking) -> None:
        self.go_to_number(number)

    action.__doc__ = f"Go to room {number}."
    return action


for _number in range(1, 10):
    setattr(Talking, f"action_room_{_number}", _room_action(_number))
