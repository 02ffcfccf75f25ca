"""Everything the full screen shows of a chat: rooms, rows, people, unread counts, the link. Pure.

Events go in, one at a time; a screen looks at what is here and draws it. ``changes`` grows with
every visible change, so that a screen knows whether there is anything to draw.
"""

from collections.abc import Callable, Iterable
from functools import partial

from msgspec.structs import replace

from chatctl.session.client.events import (
    Delivery,
    Event,
    Hole,
    Joined,
    Lag,
    Left,
    LinkLost,
    Members,
    Negotiated,
    NickChanged,
    Page,
    RawPacket,
    Receipt,
    Reconnecting,
    Refused,
    Said,
    Saying,
    TopicIs,
)
from chatctl.session.client.speaking import LINK_LOST
from chatctl.tui.screen import history
from chatctl.tui.screen.room import Link, Room, is_spoken
from chatctl.tui.screen.rows import Row, RowMaker
from chatctl.tui.screen.scrollback import MOST, Scrollback
from chatctl.view.escape import escape
from chatctl.view.transcript import Tone, answered
from chatctl.wire.packets import LOBBY


class Conversations:
    """The rooms of one person, the one that is looked at, and who that person is.

    Attributes:
        now: the time of day, in seconds since the epoch.
        rings: how often the person was to be called; ``ringing`` is the row of the last time.
        watched: words that call the person as their nick does.
        ignored: nicks, in lower case, whose words are not shown.
        told_by: who spoke to the person directly last; empty for nobody.
        quiet: ids of questions that the screen asked for itself; their answers are no news.
        pages: ids of questions for a further page of people.
        pings: ids of pings whose answers are news.
        pending: since when words of ours wait for their receipt, by their key.
        heard: how many words came since the beginning, ours among them.
        said: how many of them were ours.
        turned: called when the person has turned from one room to another.
    """

    def __init__(self, nick: str, now: Callable[[], float], most: int = MOST) -> None:
        self.now = now
        self.most = most
        self.make = RowMaker(now)
        self.link = Link()
        self.rooms: dict[str, Room] = {}
        self.packets = Room("packets")
        self.current = self.open(LOBBY).name
        self.attended = True
        self.rings = 0
        self.ringing: Row | None = None
        self.changes = 0
        self.watched: list[str] = []
        self.ignored: set[str] = set()
        self.told_by = ""
        self.quiet: set[str] = set()
        self.pages: set[str] = set()
        self.pings: set[str] = set()
        self.pending: dict[str, float] = {}
        self.heard = self.said = 0
        self.turned: Callable[[Room, Room], None] = lambda *_: None
        self.called(nick)

    @property
    def room(self) -> Room:
        """The room that is looked at."""
        return self.rooms[self.current]

    def called(self, nick: str) -> None:
        """Learn what we are called."""
        self.nick = nick
        self.make.heed([nick, *self.watched])

    def watch(self, words: Iterable[str]) -> None:
        """Let *words* call the person as their nick does, instead of those before."""
        self.watched = list(dict.fromkeys(word for word in words if word))
        self.called(self.nick)

    # ------------------------------------------------------------ what the person does

    def ignore(self, nick: str, *, wanted: bool = True) -> None:
        """Show nothing of what *nick* says and has said, or show it again."""
        nick = nick.casefold()
        (self.ignored.add if wanted else self.ignored.discard)(nick)
        for room in self.rooms.values():
            room.rows.hide(nick, hidden=wanted)
        self.changes += 1

    def _ignores(self, said: Said) -> bool:
        return not said.own and said.nick.casefold() in self.ignored

    def open(self, name: str) -> Room:
        """Return the room *name*, made if need be."""
        if name not in self.rooms:
            self.rooms[name] = Room(name, Scrollback(self.most))
        return self.rooms[name]

    def keep(self, most: int) -> None:
        """Keep *most* rows of each room from now on."""
        self.most = most
        for room in self.rooms.values():
            room.rows.most = most

    def go(self, name: str) -> None:
        """Look at the room *name* from now on."""
        self.leave_mark()
        before, self.current = self.room, self.open(name).name
        self.turned(before, self.room)
        self.look()

    def close(self, name: str) -> None:
        """Forget the room *name*; the lobby stays."""
        if name == LOBBY or name not in self.rooms:
            return
        closed = self.rooms.pop(name)
        if self.current == name:
            self.current = LOBBY
            self.turned(closed, self.room)
            self.look()
        self.changes += 1

    def attend(self, *, here: bool) -> None:
        """Note that the person looks at the screen, or looks away."""
        if self.attended and not here:
            self.leave_mark()
        self.attended = here
        if here:
            self.look()

    def leave_mark(self) -> None:
        """Note that what comes from here on will be new to the person."""
        self.room.seen_to = None

    def look(self) -> None:
        """Note that the person has seen everything of the room."""
        self.room.seen()
        self.changes += 1

    @property
    def unread(self) -> int:
        """How many words came, in all rooms, that nobody has looked at."""
        return sum(room.unread for room in self.rooms.values())

    @property
    def failed(self) -> int:
        """How many words of ours, in all rooms, did not arrive."""
        return sum(len(room.failed) for room in self.rooms.values())

    def minute(self) -> None:
        """Note that a minute has passed: who spoke in it is known to have done so by now."""
        for room in self.rooms.values():
            room.people.minute(self.now())

    def next_active(self) -> str | None:
        """Return the next room with something unread, those with mentions first."""
        names = list(self.rooms)
        start = names.index(self.current) + 1
        around = names[start:] + names[: start - 1]
        waiting = [name for name in around if self.rooms[name].unread]
        return next((n for n in waiting if self.rooms[n].mentions), waiting[0] if waiting else None)

    def note(self, text: str, tone: Tone = Tone.NOTICE) -> None:
        """Put a line of our own making, harmless already, into the room that is looked at."""
        self._add(self.room, self.make.note(text, tone))

    def mark(self, text: str) -> None:
        """Put a line across the room that is looked at, where somebody marked a recording."""
        self._add(self.room, self.make.rule(f"mark: {escape(text)}" if text else "mark"))

    # ------------------------------------------------------------ what happens

    def take(self, event: Event) -> None:
        """Take in *event*."""
        self.link.silent = self.link.silent and not is_spoken(event)
        match event:
            case Said():
                self._say(event)
            case Receipt():
                self._receipt(event)
            case Joined() | Left() | NickChanged():
                self._presence(event)
            case Members() | TopicIs() | Page() | Hole():
                self._about_room(event)
            case Negotiated() | LinkLost() | Reconnecting() | Lag():
                self._about_link(event)
            case RawPacket():
                self.packets.rows.append(self.make.packet(event))
            case _:
                if not (isinstance(event, Refused) and self._was_ours(event)):
                    self._news(self.room, event)
        self.changes += 1

    def _was_ours(self, refused: Refused) -> bool:
        """Say whether *refused* is a question of the screen's own, and note that it failed."""
        request, lost = refused.id, refused.code == LINK_LOST
        for room in self.rooms.values():
            if request and room.asked == request:
                room.asked = ""
                room.loaded = not lost
                room.exhausted = not lost and refused.retry_after is None
                return True
        known = request in self.quiet or request in self.pages
        self.quiet.discard(request)
        self.pages.discard(request)
        return known

    def _say(self, said: Said) -> None:
        if self.ignored and self._ignores(said):
            return
        room = self.open(said.room or LOBBY)
        if said.seq and (said.seq, said.time) in room.given:
            return
        row = self.make.said(said)
        self.heard += 1
        if said.own:
            row = self._own(said, row)
        else:
            room.people.spoke(said.nick)
            if said.how is Saying.DIRECT:
                self.told_by = said.nick
            self._count(room, row, mention=row.mention or said.how is Saying.DIRECT)
        self._add(room, row)

    def _own(self, said: Said, row: Row) -> Row:
        """Return the row of words of ours, and note whether they wait for their receipt."""
        self.said += 1
        if said.state in {Delivery.CONFIRMED, Delivery.SENT}:
            return replace(row, key="")
        if said.state is Delivery.PENDING:
            self.pending[said.id] = self.now()
        return row

    def _count(self, room: Room, row: Row, *, mention: bool) -> None:
        """Count words that came while nobody looked."""
        if room is self.room and self.attended:
            return
        if room.seen_to is None:
            room.seen_to = room.rows.end
        room.unread += 1
        room.mentions += mention
        if mention:
            self.rings += 1
            self.ringing = row

    def _receipt(self, receipt: Receipt) -> None:
        name = receipt.room or LOBBY
        if receipt.state is Delivery.PENDING:
            self.pending[receipt.id] = self.now()
        else:
            self.pending.pop(receipt.id, None)
        if name not in self.rooms and receipt.state is not Delivery.FAILED:
            return  # it was closed meanwhile, and stays so
        room = self.open(name)
        if not room.settle(receipt):
            self._news(room, receipt)

    def _presence(self, event: Joined | Left | NickChanged) -> None:
        if isinstance(event, NickChanged):
            self._renamed(event)
            return
        room = self.open(event.room or LOBBY)
        if isinstance(event, Joined):
            room.people.add(event.nick)
            room.joined |= event.own
        else:
            room.people.remove(event.nick)
            room.joined &= not (event.own and self.link.extended)
        self._news(room, event)

    def _renamed(self, event: NickChanged) -> None:
        if event.own:
            self.called(event.to)
        self._move(f"@{event.nick}", f"@{event.to}")
        for room in self.rooms.values():
            if room.people.rename(event.nick, event.to):
                self._news(room, event)

    def _move(self, name: str, to: str) -> None:
        """Let direct messages go on under a nick's new name."""
        if name not in self.rooms or to in self.rooms:
            return
        self.rooms = {to if key == name else key: room for key, room in self.rooms.items()}
        self.rooms[to].name = to
        self.current = to if self.current == name else self.current

    def _about_room(self, event: Members | TopicIs | Page | Hole) -> None:
        room = self.open(event.room or LOBBY)
        match event:
            case Members():
                room.people.listed(event.nicks, first=event.id not in self.pages)
                self.pages.discard(event.id)
            case TopicIs():
                room.topic = event.topic
            case Page():
                self._page(room, event)
                return
            case Hole():
                self._add(room, self.make.hole(event))
                return
        if event.id not in self.quiet:
            self._news(room if isinstance(event, TopicIs) and event.seq else self.room, event)
        self.quiet.discard(event.id)

    def _page(self, room: Room, page: Page) -> None:
        """Put older words before the others; a page that somebody asked for by hand, behind."""
        rows_of = partial(history.rows_of, make=self.make, ignores=self._ignores)
        if page.id == room.asked:
            history.put_before(room, page, rows_of)
            return
        for row in history.recalled(page, rows_of, self.make):
            self._add(room, row)

    def _about_link(self, event: Negotiated | LinkLost | Reconnecting | Lag) -> None:
        if isinstance(event, Negotiated):
            self.called(event.nick)
        if isinstance(event, Lag) and event.id in self.pings:
            self.pings.discard(event.id)
            self.note(answered(event))
        if self.link.heed(event, self.now()):
            self._news(self.room, event)

    def _news(self, room: Room, event: Event) -> None:
        for row in self.make.of(event, getattr(event, "time", 0)):
            self._add(room, row)

    def _add(self, room: Room, row: Row) -> None:
        if room.rows.append(row):
            room.lost_oldest()
        self.changes += 1
