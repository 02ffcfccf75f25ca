"""The screen of somebody who takes part: what they write goes out, what they are told comes in."""

from collections.abc import Mapping
from typing import Any

from chatctl.session.client.events import Event, Joined, Left, Members, Negotiated
from chatctl.tui.port import Port
from chatctl.tui.screen import keys
from chatctl.tui.screen.composer import Composer, Told
from chatctl.tui.screen.conversations import Conversations, Room
from chatctl.tui.screen.dialogs import PasteGuard
from chatctl.tui.screen.obeying import Obeying
from chatctl.tui.screen.timeline import Timeline
from chatctl.view.transcript import Tone
from chatctl.wire.packets import AskHistory, AskWho

PAGE = 100
FIRST_PAGE = 50


class Talking(Obeying):
    """A chat over a link, of which it knows the port alone."""

    def __init__(
        self, talk: Conversations, server: str, port: Port, chosen: Mapping[str, str]
    ) -> None:
        super().__init__(talk, server, port, chosen)
        self._warned = False

    # ------------------------------------------------------------ what comes in

    def take(self, event: Event) -> None:
        """Take in *event*, and ask for what the screen wants to show besides."""
        self.talk.take(event)
        match event:
            case Negotiated(extended=True, resumed=True):
                for name, room in self.talk.rooms.items():
                    if room.joined and not name.startswith("@"):
                        self._ask_who(name)
            case Joined(own=True):
                self._entered(event)
            case Left(own=True, id=request) if request in self.leaving:
                self.talk.close(self.leaving.pop(request))
            case Members(more=True, nicks=[*_, last]):
                self.talk.pages.add(self._ask_who(event.room, last))
            case _:
                pass

    def _entered(self, joined: Joined) -> None:
        """Look at a room that was asked for, and learn who is there."""
        if joined.id and joined.id in self.entering:
            self.entering.discard(joined.id)
            self.talk.go(joined.room)
        if self.talk.link.extended:
            self._ask_who(joined.room)
            self._ask_older(self.talk.open(joined.room), FIRST_PAGE)

    def _ask_older(self, room: Room, limit: int) -> None:
        """Ask for words older than those shown, unless there are none or they are on their way."""
        if self.talk.link.extended and not room.asked and not room.exhausted:
            room.asked = self.port.ask(AskHistory(room.name, before=room.oldest, limit=limit))

    def _ask_who(self, room: str, after: str = "") -> str:
        request = self.port.ask(AskWho(room, after))
        self.talk.quiet.add(request)
        return request

    # ------------------------------------------------------------ what goes out

    def told(self) -> Told:
        """Return what the composer has to know."""
        return Told(self.send, keys.deeds(self, keys.SCREEN, self.chosen), self.chosen)

    def send(self, text: str) -> None:
        """Say what was written, or do what it commands."""
        self._warned = False
        if text.strip():
            self.timeline.to_end()
            self.obey(text)
            self.touch()

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
        self._ask_older(self.talk.room, PAGE)

    # ------------------------------------------------------------ leaving

    def action_interrupt(self) -> None:
        """Clear the line; on an empty one, quit when asked twice."""
        if not self.composer.empty:
            self.composer.write("")
            self._warned = False
        elif self._warned:
            self.leave()
        else:
            self._warned = True
            self.talk.note("again to quit", Tone.NOTICE)

    def action_leave(self) -> None:
        """Quit, on an empty line."""
        if self.composer.empty:
            self.leave()
        else:
            self.composer.action_delete_right()


def _room_action(number: int) -> Any:
    def action(self: Talking) -> None:
        self.go_to_number(number)

    action.__doc__ = f"Go to room {number}."
    return action


for _number in range(1, 10):
    setattr(Talking, f"action_room_{_number}", _room_action(_number))
