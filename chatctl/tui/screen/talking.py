"""The screen of somebody who takes part: what they write goes out, what they are told comes in."""

from chatctl.session.client.events import Event, Joined, Left, Members, Negotiated
from chatctl.tui.port import Port
from chatctl.tui.remembered import Remembered
from chatctl.tui.screen import keys
from chatctl.tui.screen.composer import Composer, Told
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.dialogs import PasteGuard
from chatctl.tui.screen.looks import Looks
from chatctl.tui.screen.obeying import Obeying
from chatctl.tui.screen.room import Room
from chatctl.tui.screen.timeline import Timeline
from chatctl.view.transcript import Tone
from chatctl.wire.packets import AskHistory, AskWho

PAGE = 100
FIRST_PAGE = 50
PATIENCE = 5.0
"""Seconds within which a second Ctrl-C means the same as the first."""


class Talking(Obeying):
    """A chat over a link, of which it knows the port alone."""

    def __init__(
        self,
        talk: Conversations,
        server: str,
        port: Port,
        looks: Looks,
        remembered: Remembered | None = None,
    ) -> None:
        super().__init__(talk, server, port, looks, remembered)
        self._asked = (-1, 0.0)
        self._told_of_memory = False

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
            self._ask_newest(self.talk.open(joined.room))

    def draw(self) -> None:
        """Draw, and ask for what was said before to the nick that is talked with."""
        if self.talk.room.direct and self.talk.link.word == "connected":
            self._ask_newest(self.talk.room)
        super().draw()

    def _ask_newest(self, room: Room) -> None:
        """Ask, once, for what was said in *room* before we looked at it."""
        if not room.loaded:
            room.loaded = True
            self._ask_older(room, FIRST_PAGE)

    def _ask_older(self, room: Room, limit: int) -> None:
        """Ask for words older than those shown, unless there are none or they are on their way."""
        if self.talk.link.extended and not room.asked and not room.exhausted:
            before = room.rows.oldest()
            room.asked = self.port.ask(AskHistory(room.name, before=before, limit=limit))

    def _ask_who(self, room: str, after: str = "") -> str:
        request = self.port.ask(AskWho(room, after))
        self.talk.quiet.add(request)
        return request

    # ------------------------------------------------------------ what goes out

    def told(self) -> Told:
        """Return what the composer has to know."""
        idle = {"home": self.action_to_start, "end": self.action_to_end}
        deeds = keys.deeds(self, keys.SCREEN, self.chosen)
        return Told(self.send, deeds, idle, self.chosen, self.admits)

    def send(self, text: str) -> None:
        """Say what was written, or do what it commands."""
        if text.strip():
            self.timeline.to_end()
            self.obey(text)
            self._tell_of_memory()
            self.touch()

    def _tell_of_memory(self) -> None:
        """Say, once, that what is written cannot be kept for the next time."""
        if (trouble := self.composer.remembered.trouble) and not self._told_of_memory:
            self._told_of_memory = True
            self.complain(f"what you write is not kept for the next time: {trouble}")

    def on_composer_pasted(self, event: Composer.Pasted) -> None:
        """Ask before a big paste is taken."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.composer.insert(event.text)

        _ = self.app.push_screen(PasteGuard(event.text, self.chosen), answered)

    def on_timeline_at_top(self, event: Timeline.AtTop) -> None:
        """Load older words from the server's history."""
        event.stop()
        self._ask_older(self.talk.room, PAGE)

    # ------------------------------------------------------------ leaving

    def action_interrupt(self) -> None:
        """Copy what is selected; else clear the line; on an empty one, quit when asked twice."""
        if self.copy_selection():
            self.clear_selection()
            self.composer.move_cursor(self.composer.cursor_location)
        elif not self.composer.empty:
            self.composer.write("")
        elif self._armed():
            self.leave()
        else:
            self._asked = (self.composer.presses, self.now())
            self.talk.note(f"{self.warning()}again to quit", Tone.NOTICE)

    def _armed(self) -> bool:
        """Say whether the last key but this one, and not long ago, asked to quit."""
        presses, at = self._asked
        return presses + 1 == self.composer.presses and self.now() - at < PATIENCE

    def action_leave(self) -> None:
        """Quit, on an empty line."""
        if self.composer.empty:
            self.leave()
        else:
            self.composer.action_delete_right()
