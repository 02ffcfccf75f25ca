"""The hub: the server's mind. Bytes and the time in; actions out. No IO, no clock, no threads.

A transport calls ``opened``, ``received``, ``blocked``, ``drained``, ``ended`` and ``lost`` as
things happen, and once per pass of its loop ``take_drafts`` (for the log, which answers with
``committed``) and ``flush``, whose actions it carries out in their order. ``tick`` does what time
demands, when ``deadline`` says. *now* is monotonic seconds everywhere.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from chatctl.errors import ErrorCode, HistoryError, MalformedPayload
from chatctl.session.entries import Draft, Entry, LogState, Page
from chatctl.session.server.actions import Action, Notice
from chatctl.session.server.clock import Clock
from chatctl.session.server.entrance import first_packets, welcome
from chatctl.session.server.flood import FloodControl, Verdict
from chatctl.session.server.foreign import foreign_greeting
from chatctl.session.server.house import House, Rules
from chatctl.session.server.leaving import see_out
from chatctl.session.server.peer import Peer, Received
from chatctl.session.server.reading import Catching
from chatctl.session.server.requests import obey
from chatctl.session.server.seats import Seats, Use
from chatctl.session.server.spread import parting, spread
from chatctl.session.server.state import MAY_SEND, State
from chatctl.session.server.watch import overdue
from chatctl.wire.codec import decode_each_base_to_server, decode_each_to_server
from chatctl.wire.packets import (
    Error,
    Packet,
    Unknown,
)

SWEEP_EVERY = 1.0
_READ: dict[State, Callable[[list[bytes]], Sequence[Received]]] = {
    State.CONNECTED: first_packets,
    State.BASE: decode_each_base_to_server,
    State.EXTENDED: decode_each_to_server,
}


class Hub:
    """The state machine of one node; see the module for how it is driven.

    Attributes:
        house: its state.
        obeying: the connection whose packets ``tick`` is obeying, to blame for a fault; 0 for none.
    """

    def __init__(self, rules: Rules, seats: Seats, *, epoch: float = 0.0) -> None:
        self.house = House(rules, seats, Clock(epoch))
        self._catching = Catching(self.house)
        self._flood = FloodControl(self.house)
        self._parts: deque[Iterator[Action]] = deque()
        self._swept = 0.0
        self._closing = False
        self.obeying = 0

    # ------------------------------------------------------------ what the log says

    def remember(self, states: list[LogState], recent: list[Entry]) -> None:
        """Take over what the log knows from before: its rooms, and the ids used lately."""
        house = self.house
        house.remember(states)
        self._swept = house.clock.now
        for entry in recent:
            seat = house.seats.restore(entry.draft.session)
            age = (house.clock.time - entry.draft.time) / 1000
            seat.ids[entry.draft.id] = Use(house.clock.now - age, entry)

    def take_drafts(self) -> list[Draft]:
        """Return the messages that are to go into the log, once."""
        drafts, self.house.drafts = self.house.drafts, []
        return drafts

    def committed(self, entries: list[Entry], now: float) -> None:
        """Take the log's answer for drafts, in their order; seq 0 where it could not keep one."""
        self.house.clock.now = now
        self.house.arrived(entries)

    def page_read(self, ticket: int, page: Page | HistoryError, now: float) -> None:
        """Take the log's answer to a ``Read``."""
        self.house.clock.now = now
        self.house.answer_read(ticket, page)

    # ------------------------------------------------------------ what the sockets say

    def opened(self, conn: int, address: str, now: float, *, exempt: bool = False) -> None:
        """*conn* was accepted from *address*; *exempt* spares it rate and address limits."""
        house = self.house
        house.clock.now = now
        if self.deadline() is None:
            self._swept = now  # nobody was here: no sweep was missed
        house.counters.accepted += 1
        spared = exempt and not house.rules.limit_loopback
        peer = Peer(conn, address, exempt=spared, limits=house.limits, now=now)
        house.peers[conn] = peer
        house.hosts[peer.host] += 1
        house.note("connection.opened", peer)
        if self._closing:
            house.expel(peer, ErrorCode.SHUTDOWN, "the server is shutting down", 1.0)
        elif too_many := self._too_many(peer):
            house.expel(peer, ErrorCode.TOO_MANY_CONNECTIONS, too_many, 1.0)

    def received(self, conn: int, data: bytes, now: float) -> None:
        """*data* was read from *conn*, in any chunking."""
        house = self.house
        peer = house.peers.get(conn)
        if peer is None or peer.state is State.CLOSING:
            return
        house.clock.now = now
        is_first = peer.state is State.CONNECTED and not peer.deframer.pending
        if is_first and (greeting := foreign_greeting(data)):
            house.write(peer, greeting)
            house.expel(peer, ErrorCode.MALFORMED, "it speaks another protocol")
            return
        peer.take(data, now)
        self._obey_waiting(peer)

    def ended(self, conn: int, now: float) -> None:
        """*conn* has closed its side: a goodbye. It is closed once it has what it is owed."""
        self.house.clock.now = now
        peer = self.house.peers.get(conn)
        if peer is not None and peer.state is not State.CLOSING:
            see_out(self.house, peer)

    def lost(self, conn: int, reason: str, now: float) -> None:
        """*conn* is gone: a goodbye if *reason* is empty, else the link failed."""
        house = self.house
        house.clock.now = now
        peer = house.peers.pop(conn, None)
        if peer is None:
            return
        rest = peer.deframer.pending
        house.leave_host(peer)
        house.depart(peer, reason, hold=bool(reason))
        self._catching.forget(peer)
        house.note("connection.closed", peer, reason=reason or peer.closing, unframed=rest)

    def blocked(self, conn: int, now: float) -> None:
        """The socket of *conn* takes no more for now."""
        peer = self.house.peers.get(conn)
        if peer is not None and not peer.blocked:
            peer.blocked = True
            peer.behind_since = now
            for member in peer.memberships.values():
                member.leave_flock()

    def drained(self, conn: int, now: float) -> None:
        """The socket of *conn* has taken all that was written."""
        house = self.house
        house.clock.now = now
        peer = house.peers.get(conn)
        if peer is None or not peer.blocked or peer.state is State.CLOSING:
            return
        peer.blocked = False
        for key in (*peer.memberships, *peer.leaving):
            house.touch(house.rooms[key])
        self._catching.drained(peer)

    def failed(self, conn: int, incident: str, now: float) -> None:
        """A fault of ours was set off by what *conn* sent: close it, and nobody else."""
        self.house.clock.now = now
        peer = self.house.peers.get(conn)
        if peer is not None:
            problem = f"a fault of the server, incident {incident}"
            self.house.expel(peer, ErrorCode.INTERNAL, problem)

    # ------------------------------------------------------------ what time says

    def deadline(self) -> float | None:
        """When ``tick`` has something to do next; None if never."""
        sweep = self._swept + SWEEP_EVERY if self.house.peers or len(self.house.seats) else None
        times = [time for time in (sweep, self._flood.deadline()) if time is not None]
        return min(times, default=None)

    def tick(self, now: float) -> None:
        """Do what is due: paused peers go on, silent ones are pinged, overdue ones closed."""
        house = self.house
        house.clock.now = now
        while conn := self._flood.next_due():
            self.obeying = conn
            if peer := house.peers.get(conn):
                self._obey_waiting(peer)
        self.obeying = 0
        if now >= self._swept + SWEEP_EVERY:
            self._swept = now
            for peer in list(house.peers.values()):
                overdue(house, peer)
            for seat in house.seats.expired(now):
                house.nicks.release(seat)

    def shut_down(self, now: float, spread_over: float) -> None:
        """Say goodbye to everybody; extended peers are told when to come back.

        The times are spread evenly over *spread_over* seconds, so that they do not come at once.
        """
        house = self.house
        house.clock.now = now
        self._closing = True
        peers = [peer for peer in house.peers.values() if peer.state is not State.CLOSING]
        for place, peer in enumerate(peers):
            wait = round(1 + spread_over * place / len(peers), 3)
            house.expel(peer, ErrorCode.SHUTDOWN, "the server is shutting down", wait)

    # ------------------------------------------------------------ the end of a pass

    def flush(self) -> Iterator[Action]:
        """Yield what is to be done now. Carry each out before asking for the next.

        A fault in what concerns one peer or room costs the others nothing: flush again.
        """
        house, parts = self.house, self._parts
        yield from house.take_actions()
        parts.extend(parting(peer) for peer in house.take_touched())
        parts.extend(spread(house, room) for room in house.take_dirty())
        while parts:
            yield from parts.popleft()

    @property
    def has_work(self) -> bool:
        """Whether another pass is needed."""
        return bool(self._parts) or self.house.has_work

    def take_notices(self) -> list[Notice]:
        """Return what is worth a line in the log, once."""
        notices, self.house.notices = self.house.notices, []
        return notices

    # ------------------------------------------------------------ obeying

    def _obey_waiting(self, peer: Peer) -> None:
        """Obey what *peer* sent, as far as the flood control lets it."""
        runs = peer.runs
        while peer.state is not State.CLOSING and (runs or self._decode(peer)):
            verdict = self._flood.judge(peer, runs[0][0])
            if verdict is Verdict.HOLD:
                return
            run = runs.popleft()
            if verdict is Verdict.OBEY:
                self._obey(peer, run)
        if peer.state is not State.CLOSING:
            self._check_size(peer)
        self._flood.let_go_on(peer)

    def _decode(self, peer: Peer) -> bool:
        """Decode the payloads of *peer* into runs; return whether there were any.

        What a newcomer's first packet is decides how the others are to be read. The packets of a
        metered peer are weighed, and so obeyed, one by one.
        """
        waiting = peer.payloads
        count = min(1, len(waiting)) if peer.state is State.CONNECTED else len(waiting)
        payloads = [waiting.popleft() for _ in range(count)]
        packets = _READ[peer.state](payloads)
        if peer.metered:
            peer.runs.extend([packet] for packet in packets)
        else:
            peer.runs.extend(list(run) for _, run in groupby(packets, type))
        return bool(payloads)

    def _obey(self, peer: Peer, run: list[Received]) -> None:
        kind = type(run[0])
        if kind in MAY_SEND[peer.state]:
            if peer.state is State.CONNECTED:
                welcome(self.house, self._catching, peer, run[0])  # type: ignore[arg-type]
            else:
                obey(self.house, peer, run)  # type: ignore[arg-type]
            return
        for packet in run:
            if peer.state is State.CLOSING:
                return
            if isinstance(packet, MalformedPayload):
                self._malformed(peer, str(packet))
            else:
                self._out_of_place(peer, packet)

    def _malformed(self, peer: Peer, problem: str) -> None:
        self.house.counters.malformed += 1
        if peer.is_base:
            self.house.expel(peer, ErrorCode.MALFORMED, problem)
        else:
            self._fault(peer, Error(ErrorCode.MALFORMED, problem))

    def _fault(self, peer: Peer, error: Error) -> None:
        """Refuse what no sound client sends; a peer that goes on like that is closed."""
        house = self.house
        house.refuse(peer, error)
        if self._flood.is_beyond_measure(peer):
            house.expel(peer, ErrorCode.RATE_LIMITED, "too many packets that make no sense")

    def _out_of_place(self, peer: Peer, packet: Packet | Unknown) -> None:
        house = self.house
        if peer.state is State.CONNECTED:
            house.expel(peer, ErrorCode.OUT_OF_TURN, "the first packet has to be a hello")
        elif not isinstance(packet, Unknown):
            self._fault(peer, Error(ErrorCode.OUT_OF_TURN, "that cannot be sent now"))
        elif packet.id:
            problem = f"packets of type {packet.type!r} are not known here"
            self._fault(peer, Error(ErrorCode.UNSUPPORTED, problem, packet.id))

    def _check_size(self, peer: Peer) -> None:
        """Expel *peer* if the frame that comes next is announced to be too long."""
        limit, size = self.house.limits.payload, peer.deframer.announced or 0
        if size <= limit:
            return
        problem = f"a payload has at most {limit} octets, this one {size}"
        if not peer.is_base:
            self.house.tell(peer, Error(ErrorCode.TOO_BIG, problem, limit=limit, value=size))
        self.house.expel(peer, ErrorCode.TOO_BIG, problem)

    def _too_many(self, peer: Peer) -> str:
        limits, peers = self.house.limits, self.house.peers
        if limits.connections and len(peers) > limits.connections:
            return f"the server takes {limits.connections} connections at a time"
        if not peer.exempt and self.house.hosts[peer.host] > limits.connections_per_address:
            return f"an address may have {limits.connections_per_address} connections at a time"
        return ""
