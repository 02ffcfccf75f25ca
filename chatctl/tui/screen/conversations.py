"""Everything the full screen shows of a chat: rooms, rows, people, unread counts, the link. Pure.

Events go in, one at a time; a screen looks at what is here and draws it. ``changes`` grows with
every visible change, so that a screen knows whether there is anything to draw.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

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
    Said,
    Saying,
    TopicIs,
)
from chatctl.tui.screen.cells import settled
from chatctl.tui.screen.people import People
from chatctl.tui.screen.rows import Row, RowMaker
from chatctl.tui.screen.scrollback import Scrollback
from chatctl.view.escape import escape
from chatctl.view.transcript import Tone
from chatctl.wire.packets import LOBBY


@dataclass(slots=True)
class Room:
    """One room, or the direct messages with one nick (``@nick``).

    Attributes:
        name: the key that events call ``room``.
        unread: how many words came that nobody has looked at; ``mentions`` of them name us.
        seen_to: the number of the row before which the line "new" stands; None for nowhere.
        oldest: the lowest seq shown; 0 while there is none.
        exhausted: whether the server has nothing older.
        asked: the id of the question for older words that is under way.
    """

    name: str
    rows: Scrollback = field(default_factory=Scrollback)
    people: People = field(default_factory=People)
    topic: str = ""
    joined: bool = True
    unread: int = 0
    mentions: int = 0
    seen_to: int | None = None
    oldest: int = 0
    exhausted: bool = False
    asked: str = ""


@dataclass(slots=True)
class Link:
    """The state of the connection, as the status line tells it.

    Attributes:
        word: connecting, connected, reconnecting or offline.
        retry_at: when the next try is due, by the clock of ``Conversations``; 0 for none.
        attempt: the number of that try.
        lag: seconds of the last ping's way there and back; None if none came back yet.
        ever: whether there was a link at all.
    """

    word: str = "connecting"
    retry_at: float = 0.0
    attempt: int = 0
    lag: float | None = None
    extended: bool = False
    server: str = ""
    limits: dict[str, float] = field(default_factory=dict)
    ever: bool = False


class Conversations:
    """The rooms of one person, the one that is looked at, and who that person is."""

    def __init__(self, nick: str, now: Callable[[], float]) -> None:
        self._now = now
        self.make = RowMaker(now)
        self.link = Link()
        self.rooms: dict[str, Room] = {LOBBY: Room(LOBBY)}
        self.packets = Room("packets")
        self.current = LOBBY
        self.attended = True
        self.rings = 0
        self.changes = 0
        self.quiet: set[str] = set()
        """Ids of questions that the screen asked for itself; their answers are no news."""
        self.pages: set[str] = set()
        """Ids of questions for a further page of people."""
        self.called(nick)

    @property
    def room(self) -> Room:
        """The room that is looked at."""
        return self.rooms[self.current]

    def called(self, nick: str) -> None:
        """Learn what we are called."""
        self.nick = nick
        self.make.called(nick)

    # ------------------------------------------------------------ what the person does

    def open(self, name: str) -> Room:
        """Return the room *name*, made if need be."""
        return self.rooms.setdefault(name, Room(name))

    def go(self, name: str) -> None:
        """Look at the room *name* from now on."""
        self.leave_mark()
        self.current = self.open(name).name
        self.look()

    def close(self, name: str) -> None:
        """Forget the room *name*; the lobby stays."""
        if name == LOBBY or name not in self.rooms:
            return
        del self.rooms[name]
        if self.current == name:
            self.current = LOBBY
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
        self.room.unread = self.room.mentions = 0
        self.changes += 1

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

    # ------------------------------------------------------------ what happens

    def take(self, event: Event) -> None:
        """Take in *event*."""
        match event:
            case Said():
                self._say(event)
            case Receipt():
                self._receipt(event)
            case Joined() | Left() | NickChanged():
                self._presence(event)
            case Members() | TopicIs() | Page():
                self._about_room(event)
            case Negotiated() | LinkLost() | Reconnecting() | Lag():
                self._about_link(event)
            case RawPacket():
                self.packets.rows.append(self.make.packet(event))
            case _:
                name = event.room if isinstance(event, Hole) else self.current
                self._news(self.open(name), event)
        self.changes += 1

    def _say(self, said: Said) -> None:
        room = self.open(said.room or LOBBY)
        row = self.make.said(said)
        if said.seq:
            room.oldest = min(room.oldest or said.seq, said.seq)
        if not said.own:
            room.people.spoke(said.nick)
            self._count(room, mention=row.mention or said.how is Saying.DIRECT)
        elif said.state in {Delivery.CONFIRMED, Delivery.SENT}:
            row = replace(row, key="")
        self._add(room, row)

    def _count(self, room: Room, *, mention: bool) -> None:
        """Count words that came while nobody looked."""
        if room is self.room and self.attended:
            return
        if room.seen_to is None:
            room.seen_to = room.rows.end
        room.unread += 1
        room.mentions += mention
        self.rings += mention

    def _receipt(self, receipt: Receipt) -> None:
        room = self.open(receipt.room or LOBBY)
        number = room.rows.find_key(receipt.id)
        if number is None:
            self._news(room, receipt)
            return
        reason = settled(escape(receipt.reason)) if receipt.state is Delivery.FAILED else ""
        row = replace(room.rows[number], state=receipt.state.value, seq=receipt.seq, reason=reason)
        room.rows.replace(number, row)
        if receipt.seq:
            room.oldest = min(room.oldest or receipt.seq, receipt.seq)
        if receipt.state is Delivery.CONFIRMED:
            room.rows.settled(receipt.id)

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
            room.joined &= not event.own
        self._news(room, event)

    def _renamed(self, event: NickChanged) -> None:
        if event.own:
            self.called(event.to)
        for room in self.rooms.values():
            if room.people.rename(event.nick, event.to):
                self._news(room, event)

    def _about_room(self, event: Members | TopicIs | Page) -> None:
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
        if event.id not in self.quiet:
            self._news(room if isinstance(event, TopicIs) and event.seq else self.room, event)
        self.quiet.discard(event.id)

    def _page(self, room: Room, page: Page) -> None:
        """Put older words before the others; a page that somebody asked for by hand, at the end."""
        mine = page.id == room.asked
        older = [e for e in page.entries if not (mine and room.oldest and e.seq >= room.oldest)]
        rows = [row for entry in older for row in self._rows_of(entry)]
        seqs = [entry.seq for entry in older if entry.seq]
        if mine:
            room.asked = ""
            room.exhausted = not page.more
            room.rows.prepend(rows)
            room.oldest = min([room.oldest or 1 << 62, *seqs]) if seqs else room.oldest
            return
        for row in rows:
            room.rows.append(row)

    def _rows_of(self, entry: Said | TopicIs) -> Iterable[Row]:
        if isinstance(entry, Said):
            return [replace(self.make.said(entry), key="", state="", mention=False)]
        return self.make.of(entry, entry.time)

    def _about_link(self, event: Negotiated | LinkLost | Reconnecting | Lag) -> None:
        link = self.link
        match event:
            case Lag():
                link.lag = event.seconds
                return
            case Negotiated():
                link.word, link.attempt, link.retry_at = "connected", 0, 0.0
                link.extended, link.server = event.extended, event.server
                link.limits = event.limits
                link.ever = True
                self.called(event.nick)
            case LinkLost(retry_in=None):
                link.word, link.retry_at = "offline", 0.0
            case LinkLost():
                again = link.word == "reconnecting"
                link.word, link.attempt = "reconnecting", link.attempt + 1
                link.retry_at = self._now() + (event.retry_in or 0.0)
                if again:
                    return
            case Reconnecting():
                link.attempt, link.retry_at = event.attempt, 0.0
                return
        self._news(self.room, event)

    def _news(self, room: Room, event: Event) -> None:
        for row in self.make.of(event, getattr(event, "time", 0)):
            self._add(room, row)

    def _add(self, room: Room, row: Row) -> None:
        room.rows.append(row)
        self.changes += 1
