"""A ``ClientSession`` on a plain socket: for a program that says something and goes.

The same session as everywhere, without asyncio, which costs more time to import than ``send`` needs
altogether. The caller turns the crank: ``wait`` until something came or is due, then look at the
session's events.
"""

import select
import socket
import time

from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import LINKED, Phase
from chatctl.transport.dialling import (
    CLOSED,
    CONNECT_SECONDS,
    READ_SIZE,
    Route,
    end_text,
    why,
)
from chatctl.wire.packets import Direction

LINK = 1


class BlockingClient:
    """One session and the socket it has at the moment."""

    def __init__(self, session: ClientSession, route: Route) -> None:
        self.session = session
        self._route = route
        self._socket: socket.socket | None = None
        self._unsent = b""
        self._links = 0
        self._would_block: tuple[type[BaseException], ...] = (BlockingIOError, InterruptedError)
        if route.trust is not None:
            import ssl

            self._would_block += (ssl.SSLWantReadError, ssl.SSLWantWriteError)

    def say(self, text: str) -> str:
        """Say *text* in the lobby; see ``ClientSession.say``."""
        key = self.session.say(text, time.monotonic())
        self._pump()
        return key

    def close(self) -> None:
        """Leave: close our side, and wait until the server has closed its own, or 2 s."""
        self.session.close(time.monotonic())
        self._pump()
        while self.session.phase is not Phase.OVER:
            self.wait()
        self._drop()

    def wait(self, also: int | None = None, until: float | None = None) -> bool:
        """Wait until something happens or is due, see to it, and return whether *also* is readable.

        Args:
            also: a file descriptor to watch.
            until: when to return at the latest, by ``time.monotonic``.
        """
        if self.session.phase is Phase.DIALLING:
            self._dial()
            return False
        dues = [due for due in (self.session.deadline, until) if due is not None]
        timeout = max(0.0, min(dues) - time.monotonic()) if dues else None
        link = [self._socket] if self._socket else []
        watched: list[socket.socket | int] = [*link, *([] if also is None else [also])]
        readable, writable, _ = select.select(watched, link if self._unsent else [], [], timeout)
        if self._socket in writable:
            self._write(b"")
        if self._socket is not None and self._socket in readable:
            self._read()
        self.session.tick(time.monotonic())
        self._pump()
        return also in readable

    # ------------------------------------------------------------ inside

    def _dial(self) -> None:
        address = self._route.address
        try:
            link, fault = self._secured(self._connect())
        except (OSError, TimeoutError) as error:
            link, fault = None, why(error)
        if link is None or fault:
            self.session.link_down(f"cannot connect to {address}: {fault}", time.monotonic())
            return
        link.setblocking(False)
        self._socket, self._unsent = link, b""
        self._links += 1
        self._route.tap.opened(self._links, end_text(link.getsockname()), self._server(link))
        self.session.link_up(time.monotonic())
        self._pump()

    def _server(self, link: socket.socket) -> str:
        """Return the server's address as records carry it; *link* may be reset already."""
        try:
            return (
                str(self._route.address)
                if self._route.address.path
                else end_text(link.getpeername())
            )
        except OSError:
            return str(self._route.address)

    def _secured(self, link: socket.socket) -> tuple[socket.socket, str]:
        """Return *link*, over TLS where the route says so, and what is wrong with its server."""
        trust = self._route.trust
        if trust is None:
            return link, ""
        secured = trust.context.wrap_socket(link, server_hostname=self._route.address.host or None)
        return secured, trust.check(secured)

    def _connect(self) -> socket.socket:
        address = self._route.address
        if address.path:
            link = socket.socket(socket.AF_UNIX)
            link.settimeout(CONNECT_SECONDS)
            link.connect(address.path)
            return link
        link = socket.create_connection((address.host, address.port), CONNECT_SECONDS)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return link

    def _read(self) -> None:
        """Read what there is; a TLS socket may hold more than one read gives."""
        while (link := self._socket) is not None:
            try:
                data = link.recv(READ_SIZE)
            except self._would_block:
                return
            except OSError as error:
                self._lost(why(error), reset=isinstance(error, ConnectionResetError))
                return
            if not data:
                self._lost(CLOSED)
                return
            self._route.tap.crossed(self._links, Direction.TO_CLIENT, data)
            self.session.receive(data, time.monotonic())

    def _write(self, frame: bytes) -> None:
        """Write *frame* with one call, behind what the socket did not take before."""
        if frame:
            self._route.tap.crossed(self._links, Direction.TO_SERVER, frame)
        data = self._unsent + frame
        if self._socket is None or not data:
            return
        try:
            self._unsent = data[self._socket.send(data) :]
        except self._would_block:
            self._unsent = data
        except OSError as error:
            self._lost(why(error))

    def _pump(self) -> None:
        for frame in self.session.outgoing():
            self._write(frame)
        if self.session.phase is Phase.CLOSING:
            self._end()
        elif self.session.phase not in LINKED:
            self._drop()
        self._route.flush()

    def _end(self) -> None:
        """Close our side once all is written; the server's copies are still read, and its end."""
        if self._socket is None or self._unsent or self._socket.fileno() < 0:
            return
        if self._route.trust is not None:
            self._lost("we left")
            return
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._lost(why(error))
            return
        self._route.tap.closed(self._links, Direction.TO_SERVER, "we left")

    def _lost(self, reason: str, *, reset: bool = False) -> None:
        self._route.tap.closed(self._links, Direction.TO_CLIENT, reason, reset=reset)
        self._drop()
        self.session.link_down(reason, time.monotonic())

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
