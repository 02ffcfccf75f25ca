"""A ``ClientSession`` on asyncio: makes its links, carries its bytes, keeps its time.

It decides nothing: whether and when to try again, what to send and what it all means is the
session's business. A front takes ``events`` and calls ``say``, ``ask``, ``retry`` and ``close``.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from msgspec.structs import replace

from chatctl.capture.record import Tap
from chatctl.session.client.events import Event, Saying
from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import LINKED, Phase
from chatctl.session.client.speaking import Question
from chatctl.transport.dialling import CLOSED, CONNECT_SECONDS, Route, end_text, why
from chatctl.wire.packets import LOBBY, Direction


class Client:
    """One session and the link it has at the moment."""

    def __init__(self, session: ClientSession, route: Route) -> None:
        self.session = session
        self._route = route
        self._link: _Link | None = None
        self._links = 0
        self._wake = asyncio.Event()
        self._news = asyncio.Event()
        self._events: list[Event] = []
        self._loop = asyncio.get_running_loop()
        self._flushing = False
        self._fault = ""

    # ------------------------------------------------------------ for a front

    async def run(self) -> None:
        """Carry the session until it is over."""
        try:
            while self.session.phase is not Phase.OVER:
                if self.session.phase is Phase.DIALLING:
                    await self._dial()
                await self._next()
        finally:
            self._drop_link()
            self._flush()
            self._news.set()

    async def events(self) -> AsyncIterator[list[Event]]:
        """Yield what happened, in batches and in order, until the session is over."""
        while True:
            await self._news.wait()
            self._news.clear()
            batch, self._events = self._events, []
            if batch:
                yield batch
            if self.session.phase is Phase.OVER and not self._events:
                return

    def say(self, text: str, *, how: Saying = Saying.CHAT, room: str = LOBBY) -> str:
        """Say *text*; see ``ClientSession.say``."""
        key = self.session.say(text, self._loop.time(), how=how, room=room)
        self._pump()
        return key

    def ask(self, question: Question) -> str:
        """Put *question*; see ``ClientSession.ask``."""
        key = self.session.ask(question, self._loop.time())
        self._pump()
        return key

    def retry(self, key: str) -> bool:
        """Say again what failed; see ``ClientSession.retry``."""
        found = self.session.retry(key, self._loop.time())
        self._pump()
        return found

    def try_now(self) -> bool:
        """Try for a link at once; see ``ClientSession.try_now``. After the end, ``run`` anew."""
        tried = self.session.try_now()
        self._pump()
        return tried

    def close(self, reason: str = "") -> None:
        """Leave; ``run`` ends when the server has closed its side too, or 2 s later."""
        self.session.close(self._loop.time(), reason)
        self._pump()

    def tap_with(self, tap: Tap, flush: Callable[[], None]) -> None:
        """Let *tap* see what crosses from now on; it is told of the present link first."""
        self._route = replace(self._route, tap=tap, flush=flush)
        if self._link is not None:
            self._link.tap_with(tap, self.session.nick)
            self._flush_soon()

    # ------------------------------------------------------------ for a link

    def connected(self, link: "_Link") -> None:
        """Take *link*, just made, into use, if its server is the right one."""
        trust = self._route.trust
        fault = trust.check(link.transport.get_extra_info("ssl_object")) if trust else ""
        if fault or self.session.phase is not Phase.DIALLING:
            link.transport.abort()
            self._fault = fault
            return
        self._link = link
        link.begin(self._route.address)
        self.session.link_up(self._loop.time())
        self._pump()

    def received(self, data: bytes) -> None:
        """Hand on what was read."""
        self.session.receive(data, self._loop.time())
        self._pump()

    def lost(self, link: "_Link", reason: str) -> None:
        """Hand on that *link* is gone, unless the session gave it up first."""
        if link is self._link:
            self._link = None
            self.session.link_down(reason, self._loop.time())
            self._pump()

    # ------------------------------------------------------------ inside

    async def _dial(self) -> None:
        """Make a link, or report why not."""
        self._links += 1
        link = _Link(self, self._links, self._route.tap)
        self._pump()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._connect(link)
        except (OSError, TimeoutError) as error:
            fault = why(error)
        else:
            fault, self._fault = self._fault, ""
        if fault and self._link is None:
            where = self._route.address
            self.session.link_down(f"cannot connect to {where}: {fault}", self._loop.time())
        self._pump()

    async def _connect(self, link: "_Link") -> None:
        address, trust = self._route.address, self._route.trust
        context = trust.context if address.tls and trust else None
        if address.path:
            await self._loop.create_unix_connection(lambda: link, address.path)
            return
        # One address after the other: racing them fails an assertion of Python 3.13.0's when tasks
        # start eagerly, as they do under Textual.
        await self._loop.create_connection(lambda: link, address.host, address.port, ssl=context)

    async def _next(self) -> None:
        """Wait until something happens or is due, and let the session see to it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self.session.deadline):
                await self._wake.wait()
        self.session.tick(self._loop.time())
        self._pump()
        self._wake.clear()

    def _pump(self) -> None:
        """Carry out what the session wants, and publish what it tells."""
        frames = self.session.outgoing()
        if self._link is not None:
            for frame in frames:
                self._link.write(frame)
            if self.session.phase is Phase.CLOSING:
                self._link.end()
            elif self.session.phase not in LINKED:
                self._drop_link()
        if events := self.session.events():
            self._events += events
            self._news.set()
        self._wake.set()
        self._flush_soon()

    def _flush_soon(self) -> None:
        """Let the recording be written once, when this pass of the loop is over."""
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        self._route.flush()

    def _drop_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.transport.abort()


class _Link(asyncio.Protocol):
    """One connection to the server, its tap told of everything."""

    def __init__(self, client: Client, number: int, tap: Tap) -> None:
        self._client = client
        self._number = number
        self._tap = tap
        self._begun = False
        self._ending = False
        self._ends = ("", "")
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows the type
        self.transport = transport
        self._client.connected(self)

    def begin(self, address: object) -> None:
        """The link is taken into use; *address* stands for the server's where that has none."""
        name = self.transport.get_extra_info("sockname")
        peer = self.transport.get_extra_info("peername")
        server = end_text(peer) if isinstance(peer, tuple) else str(address)
        self._ends = (end_text(name), server)
        self._begun = True
        self._tap.opened(self._number, *self._ends)

    def tap_with(self, tap: Tap, nick: str) -> None:
        """Let *tap* see what crosses from now on, as *nick*'s."""
        self._tap = tap
        tap.joined(self._number, *self._ends, nick)

    def write(self, frame: bytes) -> None:
        """Write *frame* whole: some servers read a packet with one ``recv``."""
        self._tap.crossed(self._number, Direction.TO_SERVER, frame)
        self.transport.write(frame)

    def end(self) -> None:
        """Close our side once what was written is out, and wait for the server's.

        Closing at once with octets unread would reset the connection, which kills some servers.
        """
        if self._ending:
            return
        self._ending = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._tap.closed(self._number, Direction.TO_SERVER, "we left")
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self._begun:
            self._tap.crossed(self._number, Direction.TO_CLIENT, data)
            self._client.received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        reason = why(exc) if exc else CLOSED
        if self._begun:
            reset = isinstance(exc, ConnectionResetError)
            self._tap.closed(self._number, Direction.TO_CLIENT, reason, reset=reset)
        self._client.lost(self, reason)
