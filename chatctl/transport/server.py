"""The server's sockets: bytes into the hub, the hub's actions into sockets. Decides nothing.

Everything read in one turn of the event loop is given to the hub at once; a *pass* at the end of
the turn hands its drafts to the log and carries out its actions. So what a hundred peers said in
one turn is one commit, and one write for each reader.
"""

import asyncio
import logging
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

from chatctl.capture.record import Tap
from chatctl.errors import HistoryError
from chatctl.log.port import Log
from chatctl.session.entries import Entry, Page
from chatctl.session.server.actions import Action, Close, Pause, Read, Resume, Send
from chatctl.session.server.hub import Hub
from chatctl.transport.address import Address
from chatctl.transport.link import Link
from chatctl.transport.sockets import ends_of, queue_newcomers, remove_stale
from chatctl.wire.packets import Direction

logger = logging.getLogger(__name__)
ACCEPT_AT_ONCE = 16
INCIDENT_BYTES = 4
TURNS_OF_AN_ACCEPT = 4


@dataclass(slots=True)
class Traffic:
    """Octets since the start, and the loop's own delays in seconds."""

    read: int = 0
    written: int = 0
    passes: int = 0
    lag: float = 0.0


@dataclass(slots=True)
class Server:
    """Listens, and drives *hub* with *log*.

    Attributes:
        hub: the mind.
        log: where messages are kept.
        tap: sees every read and write, if given.
        end_of_pass: called when a pass has written everything.
        links: the open connections.
        traffic: counts for the metrics.
    """

    hub: Hub
    log: Log
    tap: Tap | None = None
    end_of_pass: Callable[[], None] = lambda: None
    links: dict[int, Link] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=Traffic)
    _listeners: list[asyncio.Server] = field(default_factory=list)
    _sockets: list[Path] = field(default_factory=list)
    _conns: int = 0
    _pass_due: bool = False
    _timer: asyncio.TimerHandle | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _uncommitted: int = 0
    _ends: dict[int, str] = field(default_factory=dict)

    # ------------------------------------------------------------ listening

    async def listen(self, address: Address, tls: ssl.SSLContext | None = None) -> list[Address]:
        """Accept connections on *address*; return where, with the ports the system chose.

        Raises:
            OSError: the address cannot be had.
        """
        loop = asyncio.get_running_loop()
        context = tls if address.tls else None
        if address.path:
            path = Path(address.path)
            remove_stale(path)
            listener: asyncio.Server = await loop.create_unix_server(
                self._link, path, ssl=context, backlog=ACCEPT_AT_ONCE
            )
            queue_newcomers(listener.sockets)
            self._sockets.append(path)
            self._listeners.append(listener)
            return [address]
        listener = await loop.create_server(
            self._link, address.host, address.port, ssl=context, backlog=ACCEPT_AT_ONCE
        )
        queue_newcomers(listener.sockets)
        self._listeners.append(listener)
        names = [sock.getsockname() for sock in listener.sockets]
        return [Address(name[0], name[1], address.tls) for name in names]

    def stop_listening(self) -> None:
        """Accept nobody any more."""
        for listener in self._listeners:
            listener.close()
        for path in self._sockets:
            path.unlink(missing_ok=True)
        self._listeners.clear()
        self._sockets.clear()

    async def abort(self) -> None:
        """Let go of every socket at once, those that are being accepted included."""
        self.stop_listening()
        for _ in range(TURNS_OF_AN_ACCEPT):
            self.cut_links()
            await asyncio.sleep(0)
        if self._timer is not None:
            self._timer.cancel()

    def cut_links(self) -> None:
        """End every connection at once, whatever was still to be sent."""
        for link in list(self.links.values()):
            link.transport.abort()

    async def drain(self, seconds: float) -> None:
        """Say goodbye to everybody and wait until they are gone, *seconds* at most.

        What was said before is delivered first, if the log keeps it in that time.
        """
        self.run_pass()
        try:
            async with asyncio.timeout(seconds):
                while self._uncommitted:
                    await self._changes()
                self._say_goodbye(seconds)
                while self.links:
                    await self._changes()
        except TimeoutError:
            self._say_goodbye(0)
            await self.abort()

    def _say_goodbye(self, seconds: float) -> None:
        self.hub.shut_down(self._now(), seconds)
        self.run_pass()

    async def _changes(self) -> None:
        """Wait until a link is gone, or a commit done."""
        self._changed.clear()
        await self._changed.wait()

    def _link(self) -> Link:
        self._conns += 1
        return Link(self, self._conns)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    # ------------------------------------------------------------ what links report

    def link_opened(self, link: Link) -> None:
        """Tell the hub of a new connection."""
        client, server, loopback = ends_of(link.transport)
        self.links[link.conn] = link
        if self.tap is not None:
            self.tap.opened(link.conn, client, server)
        self.hub.opened(link.conn, client, self._now(), exempt=loopback)
        self._schedule()

    def link_received(self, link: Link, data: bytes) -> None:
        """Tell the hub what was read."""
        self.traffic.read += len(data)
        if self.tap is not None:
            self.tap.crossed(link.conn, Direction.TO_SERVER, data)
        self._contain(lambda: self.hub.received(link.conn, data, self._now()), link.conn, len(data))
        self._schedule()

    def link_blocked(self, link: Link) -> None:
        """Tell the hub that the socket takes no more."""
        self.hub.blocked(link.conn, self._now())

    def link_drained(self, link: Link) -> None:
        """Tell the hub that the socket takes more."""
        link.hold(link.held)
        self.hub.drained(link.conn, self._now())
        self._schedule()

    def link_ended(self, link: Link) -> None:
        """Tell the hub that a peer has said all it had to say."""
        if self.tap is not None:
            self.tap.closed(link.conn, Direction.TO_SERVER, "end of stream")
        self.hub.ended(link.conn, self._now())
        self._schedule()

    def link_lost(self, link: Link, error: Exception | None, *, ended: bool) -> None:
        """Tell the hub that a connection is gone."""
        self.links.pop(link.conn, None)
        ours = self._ends.pop(link.conn, "")
        reason = "" if ended and error is None else "connection lost"
        if self.tap is not None and not ended:
            way = Direction.TO_CLIENT if ours else Direction.TO_SERVER
            reset = isinstance(error, ConnectionError)
            detail = ours or (str(error) if error else "") or "end of stream"
            self.tap.closed(link.conn, way, detail, reset=reset)
        self.hub.lost(link.conn, "" if ours else reason, self._now())
        self._changed.set()
        self._schedule()

    def _contain(self, work: Callable[[], None], conn: int | None = None, octets: int = 0) -> None:
        """Do *work*; a fault of ours in it ends the peer it was done for, and nothing else.

        That is *conn*, or whomever the hub was obeying.
        """
        try:
            work()
        except Exception:
            conn = self.hub.obeying if conn is None else conn
            incident = secrets.token_hex(INCIDENT_BYTES)
            fields = {"incident": incident, "conn": conn, "octets": octets}
            logger.exception("incident", extra={"fields": fields})
            self.hub.failed(conn, incident, self._now())

    # ------------------------------------------------------------ the pass

    def _schedule(self) -> None:
        if not self._pass_due:
            self._pass_due = True
            asyncio.get_running_loop().call_soon(self.run_pass)

    def run_pass(self) -> None:
        """Hand drafts to the log, carry out the hub's actions, report what it noticed."""
        self._pass_due = False
        self.traffic.passes += 1
        if drafts := self.hub.take_drafts():
            self._uncommitted += 1
            self.log.append(drafts, self._committed)
        self._contain(self._flush, 0)
        self.end_of_pass()
        self._report()
        if self.hub.has_work:
            self._schedule()
        self._arm()

    def _flush(self) -> None:
        for action in self.hub.flush():
            self._carry_out(action)

    def _carry_out(self, action: Action) -> None:
        match action:
            case Send(conns, data):
                self._send(conns, data)
            case Read(ticket, query):
                self.log.read(query, lambda page: self._page_read(ticket, page))
            case Close(conn, reason):
                if link := self.links.get(conn):
                    self._ends[conn] = reason
                    link.end(asyncio.get_running_loop())
            case Pause(conn) | Resume(conn):
                if link := self.links.get(conn):
                    link.hold(isinstance(action, Pause))
            case _:
                assert_never(action)

    def _send(self, conns: list[int], data: bytes) -> None:
        links = [link for conn in conns if (link := self.links.get(conn)) is not None]
        self.traffic.written += len(data) * len(links)
        if self.tap is not None:
            self.tap.spread([link.conn for link in links], Direction.TO_CLIENT, data)
        for link in links:
            link.transport.write(data)

    def _committed(self, entries: list[Entry]) -> None:
        self._uncommitted -= 1
        self.hub.committed(entries, self._now())
        self._schedule()
        self._changed.set()

    def _page_read(self, ticket: int, page: Page | HistoryError) -> None:
        self.hub.page_read(ticket, page, self._now())
        self._schedule()

    def _report(self) -> None:
        for notice in self.hub.take_notices():
            level = LEVELS[notice.level]
            if logger.isEnabledFor(level):
                logger.log(level, notice.event, extra={"fields": notice.fields})

    # ------------------------------------------------------------ time

    def _arm(self) -> None:
        due = self.hub.deadline()
        if self._timer is not None:
            if due is not None and self._timer.when() <= due:
                return
            self._timer.cancel()
            self._timer = None
        if due is not None:
            self._timer = asyncio.get_running_loop().call_at(due, self._tick)

    def _tick(self) -> None:
        now = self._now()
        if self._timer is not None:
            self.traffic.lag = max(0.0, now - self._timer.when())
        self._timer = None
        self._contain(lambda: self.hub.tick(now))
        self.run_pass()


LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
