"""A stage for the hub: peers without sockets, a log that answers when told to, our own time."""

from collections import defaultdict

import pytest

from chatctl.log.memory import MemoryLog
from chatctl.session.entries import Entry
from chatctl.session.server.actions import Close, Pause, Read, Resume, Send
from chatctl.session.server.house import Rules
from chatctl.session.server.hub import Hub
from chatctl.session.server.seats import Seats
from chatctl.wire.codec import decode_to_client, encode_frame
from chatctl.wire.framing import Deframer
from chatctl.wire.packets import Hello, Packet, Welcome

EPOCH_MS = 1_700_000_000_000


class Stage:
    """Drives a hub by hand. Numbers stand for connections; what each was sent is in ``heard``."""

    def __init__(self, rules: Rules | None = None, *, slow_log: bool = False, log=None) -> None:
        self.rules = rules or Rules()
        self.log = log or MemoryLog(self.rules.limits.window_entries, secret=b"secret")
        self.now = 1000.0
        names = iter(f"session{number}" for number in range(1, 10_000))
        seats = Seats(self.log.secret(), lambda: next(names), self.rules.limits)
        self.hub = Hub(self.rules, seats, epoch=EPOCH_MS / 1000 - self.now)
        self.hub.house.clock.now = self.now
        self.hub.remember(self.log.states(), self.log.recent(0))
        self.slow_log = slow_log
        self.uncommitted: list[Entry] = []
        self.writes: list[tuple[list[int], bytes]] = []
        self.octets: dict[int, bytes] = defaultdict(bytes)
        self.closed: dict[int, str] = {}
        self.paused: set[int] = set()
        self.full: set[int] = set()
        self._conns = 0

    def connect(self, *, exempt: bool = True, address: str = "127.0.0.1:5000") -> int:
        self._conns += 1
        self.hub.opened(self._conns, address, self.now, exempt=exempt)
        self.run()
        return self._conns

    def base(self, nick: str, **how) -> int:
        """Let a base peer in, its own join heard already."""
        conn = self.connect(**how)
        self.send(conn, Hello(nick))
        self.heard(conn)
        return conn

    def extended(self, nick: str, *caps: str, **how) -> int:
        """Let an extended peer in, its welcome and join heard already."""
        conn, _ = self.welcomed(nick, *caps, **how)
        return conn

    def welcomed(self, nick: str, *caps: str, resume=None, **how) -> tuple[int, Welcome]:
        conn = self.connect(**how)
        self.send(conn, Hello(nick, 1, caps, resume))
        welcome, *_ = self.heard(conn) if resume is None else self.peek(conn)
        assert isinstance(welcome, Welcome)
        return conn, welcome

    def send(self, conn: int, *packets: Packet) -> None:
        self.octets_from(conn, b"".join(map(encode_frame, packets)))

    def octets_from(self, conn: int, data: bytes) -> None:
        self.hub.received(conn, data, self.now)
        self.run()

    def end(self, conn: int) -> None:
        """Let *conn* close its side."""
        self.hub.ended(conn, self.now)
        self.run()

    def lose(self, conn: int, reason: str = "connection lost") -> None:
        self.hub.lost(conn, reason, self.now)
        self.run()

    def later(self, seconds: float) -> None:
        """Let time pass, ticking whenever the hub wants to be."""
        end = self.now + seconds
        while (due := self.hub.deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            self.hub.tick(self.now)
            self.run()
        self.now = end

    def run(self) -> None:
        """Run passes until there is nothing left to do."""
        passes = 0
        while self.hub.has_work:
            self.one_pass()
            passes += 1
            assert passes < 10_000, "the hub never comes to rest"

    def one_pass(self) -> None:
        if drafts := self.hub.take_drafts():
            self.log.append(drafts, self._committed)
        for action in self.hub.flush():
            self._carry_out(action)

    def commit(self) -> None:
        """Let the slow log answer."""
        entries, self.uncommitted = self.uncommitted, []
        self.hub.committed(entries, self.now)
        self.run()

    def fail_commit(self) -> None:
        """Let the slow log answer that it could keep nothing."""
        self.uncommitted = [Entry(0, entry.draft) for entry in self.uncommitted]
        self.commit()

    def peek(self, conn: int) -> list[Packet]:
        payloads = Deframer().feed(self.octets[conn])
        return [decode_to_client(payload) for payload in payloads]

    def heard(self, conn: int) -> list[Packet]:
        """Return what *conn* was sent since the last call."""
        packets = self.peek(conn)
        self.octets[conn] = b""
        return packets

    def forget(self, *conns: int) -> None:
        for conn in conns:
            self.octets[conn] = b""

    def events(self) -> list[str]:
        return [notice.event for notice in self.hub.take_notices()]

    def _committed(self, entries: list[Entry]) -> None:
        if self.slow_log:
            self.uncommitted += entries
        else:
            self.hub.committed(entries, self.now)

    def _carry_out(self, action) -> None:
        match action:
            case Send(conns, data):
                self.writes.append((conns, data))
                for conn in conns:
                    self.octets[conn] += data
                    if conn in self.full:
                        self.hub.blocked(conn, self.now)
            case Read(ticket, query):
                self.log.read(query, lambda page: self.hub.page_read(ticket, page, self.now))
            case Close(conn, reason):
                self.closed[conn] = reason
                self.hub.lost(conn, "", self.now)
            case Pause(conn):
                self.paused.add(conn)
            case Resume(conn):
                self.paused.discard(conn)


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture
def make_stage():
    return Stage
