"""The house: every peer, nick, seat and room of one node, and the operations on them.

What a packet means is decided in ``requests`` and ``entrance``, when time is up in ``hub``; this
module keeps their common state in order. Nothing leaves it but values: actions, drafts, notices.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from msgspec.structs import replace

from chatctl.errors import ErrorCode, HistoryError
from chatctl.session.entries import Draft, Entry, LogState, Page, Query
from chatctl.session.limits import Limits
from chatctl.session.names import brief, same_name
from chatctl.session.server.actions import Action, Notice, Read
from chatctl.session.server.clock import Clock
from chatctl.session.server.counters import Counters
from chatctl.session.server.nicks import Nicks
from chatctl.session.server.peer import Member, Peer
from chatctl.session.server.rooms import Room
from chatctl.session.server.seats import Seat, Seats
from chatctl.session.server.state import State
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Bye, Error, Join, Leave, NickChange, Packet, RoomInfo

_LOG_OF_DRAFT: Callable[[Draft], str] = attrgetter("log")
_LOG_OF_ENTRY: Callable[[Entry], str] = attrgetter("draft.log")

Answered = Callable[[Page | HistoryError], None]


@dataclass(frozen=True, slots=True)
class Rules:
    """How a server behaves, beside its limits.

    Attributes:
        server: the name and version it gives.
        echo: whether a base peer is sent its own words.
        unicode_nicks: whether nicks may have letters beyond ASCII.
        limit_loopback: whether peers of this machine are metered like others.
        limits: the limits in force.
        look: what two nicks have in common that people would take for one another.
    """

    server: str = "chatctl"
    echo: bool = True
    unicode_nicks: bool = False
    limit_loopback: bool = False
    limits: Limits = field(default_factory=Limits)
    look: Callable[[str], str] = same_name


class House:
    """The state of one node.

    Attributes:
        clock: the node's time.
    """

    def __init__(self, rules: Rules, seats: Seats, clock: Clock) -> None:
        self.rules = rules
        self.limits = rules.limits
        self.seats = seats
        self.clock = clock
        self.peers: dict[int, Peer] = {}
        self.hosts: Counter[str] = Counter()
        self.rooms: dict[str, Room] = {}
        self.nicks = Nicks(rules.look)
        self.counters = Counters()
        self.drafts: list[Draft] = []
        self.notices: list[Notice] = []
        self._actions: list[Action] = []
        self._touched: dict[int, Peer] = {}
        self._dirty: dict[str, Room] = {}
        self._states: dict[str, LogState] = {}
        self._reads: dict[int, tuple[Peer, Answered]] = {}
        self._tickets = 0

    # ------------------------------------------------------------ record

    def note(
        self, event: str, peer: Peer | None = None, level: str = "info", **fields: object
    ) -> None:
        """Leave a notice for the operators."""
        if peer is not None:
            fields = {"conn": peer.conn, "nick": peer.nick, "address": peer.address, **fields}
        self.notices.append(Notice(event, fields, level))

    # ------------------------------------------------------------ words to one peer

    def tell(self, peer: Peer, packet: Packet) -> None:
        """Send *packet* to *peer* alone, at the end of the pass."""
        self.write(peer, encode_frame(packet))

    def write(self, peer: Peer, frames: bytes) -> None:
        """Send ready *frames* to *peer* alone, at the end of the pass."""
        peer.outgoing.append(frames)
        self._touched[peer.conn] = peer

    def refuse(self, peer: Peer, error: Error) -> None:
        """Answer an extended *peer* with *error*; a base peer is never told."""
        error = replace(error, message=brief(error.message))
        level = "debug" if peer.was_refused else "warning"
        peer.was_refused = True
        self.note("request.refused", peer, level, code=error.code, detail=error.message)
        self.counters.refused[error.code] += 1
        if not peer.is_base:
            self.tell(peer, error)

    def act(self, action: Action) -> None:
        """Have *action* carried out at the end of the pass, before anything is written."""
        self._actions.append(action)

    def read(self, peer: Peer, query: Query, answered: Answered) -> None:
        """Ask the log for *query*; *answered* is called with the answer, if *peer* still is."""
        self._tickets += 1
        self._reads[self._tickets] = peer, answered
        self.act(Read(self._tickets, query))
        peer.reads.add(self._tickets)

    def answer_read(self, ticket: int, page: Page | HistoryError) -> None:
        """Hand *page* to whoever asked for it; nobody may be left to hear it."""
        if ticket in self._reads:
            peer, answered = self._reads.pop(ticket)
            peer.reads.discard(ticket)
            answered(page)
            self.close_if_seen_out(peer)

    # ------------------------------------------------------------ rooms

    def remember(self, states: list[LogState]) -> None:
        """Take over what the log knows of its rooms."""
        self._states = {state.log: state for state in states}

    def known_rooms(self) -> list[str]:
        """Return the names of all rooms, with members or with messages in the log, in order."""
        keys = {*self._states, *self.rooms}
        return sorted(key for key in keys if not key.startswith("@"))

    def room_info(self, name: str) -> RoomInfo:
        """Return the row of the room *name* in a list of rooms, without making it."""
        room = self.rooms.get(name)
        if room is None:
            state = self._states[name]
            return RoomInfo(name, 0, state.topic.draft.message if state.topic else "", state.last)
        return RoomInfo(
            name, len(room.members), room.topic.draft.message if room.topic else "", room.last
        )

    def room(self, key: str) -> Room:
        """Return the room of *key*, made if need be, with what the log knows of it."""
        room = self.rooms.get(key)
        if room is None:
            room = self.rooms[key] = Room(key, self.limits)
            state = self._states.get(key)
            if state is not None:
                room.last, room.topic = state.last, state.topic
        return room

    def enter(self, peer: Peer, room: Room, request: str = "") -> Member:
        """Make *peer* a member of *room* and tell everybody, itself included."""
        member = self.sit(peer, room, room.next_position())
        room.present(Join(peer.nick, room.name, self.clock.time, request), self.clock.now)
        self.touch(room)
        return member

    def sit(self, peer: Peer, room: Room, cursor: int) -> Member:
        """Make *peer* a member of *room* that reads from *cursor* on, and tell nobody."""
        member = room.members.get(peer.conn)
        if member is None:
            member = room.members[peer.conn] = Member(peer, room.key, cursor)
        member.last_position = -1
        peer.leaving.discard(room.key)
        peer.memberships[room.key] = member
        return member

    def exit(self, peer: Peer, room: Room, request: str = "", *, hears_it: bool = True) -> None:
        """End the membership of *peer*, who reads up to its leave, or to the last words before."""
        member = peer.memberships.pop(room.key)
        peer.leaving.add(room.key)
        member.leave_flock()
        member.last_position = room.next_position() + 1 if hears_it else room.spoken
        if room.name:
            leave = Leave(peer.nick, room.name, "", self.clock.time, request)
            room.present(leave, self.clock.now)
        if member.cursor >= member.last_position:
            self.drop(member)
        self.touch(room)

    def leave_host(self, peer: Peer) -> None:
        """Count one connection less from the host of *peer*."""
        self.hosts[peer.host] -= 1
        if not self.hosts[peer.host]:
            del self.hosts[peer.host]

    def drop(self, member: Member) -> None:
        """Forget a member that has left and read its own leave."""
        room = self.rooms[member.key]
        member.leave_flock()
        del room.members[member.peer.conn]
        member.peer.leaving.discard(room.key)
        self.forget_if_idle(room)
        self.close_if_seen_out(member.peer)

    def rename(self, peer: Peer, nick: str) -> None:
        """Give *peer* another nick and tell the rooms it is in."""
        old = peer.nick
        self.nicks.give(peer, nick)
        for key in peer.memberships:
            room = self.rooms[key]
            if room.name:
                room.present(NickChange(old, nick, room.name, self.clock.time), self.clock.now)
                self.touch(room)

    def say(self, drafts: Sequence[Draft]) -> None:
        """Put *drafts* on their way into the logs of their rooms."""
        for key, count in Counter(map(_LOG_OF_DRAFT, drafts)).items():
            self.room(key).expect(count)
        self.drafts += drafts
        self.counters.messages += len(drafts)

    def arrived(self, entries: list[Entry]) -> None:
        """Take *entries* out of the log and into their rooms' streams."""
        moved: dict[str, Room] = {}
        for key, run in groupby(entries, _LOG_OF_ENTRY):
            room = moved[key] = self.rooms[key]
            room.arrived(list(run), self.clock.now)
        for entry in entries:
            if entry.draft.id or not entry.seq:
                self._tell_fate(entry)
        for room in moved.values():
            self.touch(room)
            self.forget_if_idle(room)

    def _tell_fate(self, entry: Entry) -> None:
        """Note what became of a message with an id, and tell its author if it was not kept."""
        draft = entry.draft
        if draft.id and (seat := self.seats.get(draft.session)) and (use := seat.ids.get(draft.id)):
            use.entry = entry
        if entry.seq:
            return
        self.counters.unstored += 1
        if author := self.peers.get(draft.conn):
            problem = "said to those who are here, but the history could not keep it"
            self.refuse(author, Error(ErrorCode.NOT_STORED, problem, draft.id))

    def touch(self, room: Room) -> None:
        """Have *room* read by its members at the end of the pass."""
        self._dirty[room.key] = room

    def forget_if_idle(self, room: Room) -> None:
        """Let go of *room* if nothing but the log needs to know it."""
        if room.is_idle:
            del self.rooms[room.key]
            if room.last:
                self._states[room.key] = LogState(room.key, room.last, room.topic)

    # ------------------------------------------------------------ ends

    def expel(
        self, peer: Peer, code: ErrorCode, reason: str, retry_after: float | None = None
    ) -> None:
        """Close *peer* with *reason*, told to it if it can understand."""
        if peer.state is State.CLOSING:
            return
        reason = brief(reason)
        self.counters.expelled[code] += 1
        self.note("peer.expelled", peer, "warning", code=code, detail=reason)
        if not peer.is_base:
            self.tell(peer, Bye(code, reason, retry_after))
        self.close(peer, reason, hold=retry_after is not None)

    def close_if_seen_out(self, peer: Peer) -> None:
        """Close *peer* if it has closed its side, and has been sent all it was owed."""
        owed = peer.leaving or peer.memberships or peer.reads
        if peer.ended and not owed and peer.state is not State.CLOSING:
            self.close(peer, "", hold=False)

    def close(self, peer: Peer, reason: str, *, hold: bool) -> None:
        """Close *peer* at the end of the pass; *hold* its seat for its return."""
        self.depart(peer, reason, hold=hold)
        peer.closing = reason or "goodbye"
        self._touched[peer.conn] = peer

    def depart(self, peer: Peer, reason: str, *, hold: bool) -> None:
        """Take *peer* out of its rooms, once, whether or not its connection still is."""
        if peer.state is State.CLOSING:
            return
        peer.state = State.CLOSING
        for key in list(peer.memberships):
            self._vacate(peer, self.rooms[key], reason)
        for key in list(peer.leaving):
            self.drop(self.rooms[key].members[peer.conn])
        self.nicks.vacate(peer)
        if peer.seat is not None:
            self._leave_seat(peer, peer.seat, hold=hold)
        for ticket in peer.reads:
            self._reads.pop(ticket, None)

    def _vacate(self, peer: Peer, room: Room, reason: str) -> None:
        room.members.pop(peer.conn).leave_flock()
        del peer.memberships[room.key]
        if peer.seat is not None:
            peer.seat.missed_from[room.key] = room.last
        if room.name:
            room.present(Leave(peer.nick, room.name, reason, self.clock.time), self.clock.now)
            self.touch(room)
        self.forget_if_idle(room)

    def _leave_seat(self, peer: Peer, seat: Seat, *, hold: bool) -> None:
        if seat.conn != peer.conn:
            return
        seat.conn = 0
        seat.lost = self.clock.now
        if hold and seat.nick and not peer.ended:
            self.nicks.hold(seat)
        else:
            self.seats.forget(seat)

    # ------------------------------------------------------------ the end of a pass

    def take_actions(self) -> list[Action]:
        """Return what is to be done before anything is written, once."""
        actions, self._actions = self._actions, []
        return actions

    def take_touched(self) -> list[Peer]:
        """Return the peers with words of their own to be sent, or to be closed, once."""
        touched, self._touched = self._touched, {}
        return list(touched.values())

    def take_dirty(self) -> list[Room]:
        """Return the rooms whose members have something to read, once."""
        dirty, self._dirty = self._dirty, {}
        return list(dirty.values())

    @property
    def has_work(self) -> bool:
        """Whether a pass would do anything."""
        return bool(self._dirty or self._touched or self._actions or self.drafts)
