"""One accepted connection as asyncio sees it."""

import asyncio
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from asyncio import Transport

LINGER = 5.0
HIGH_WATER = 1  # not 0, which asyncio's TLS takes for "always full"
TLS_HIGH_WATER = 4096  # a handshake leaves session tickets behind, to go out with the first words


class Owner(Protocol):
    """What a link reports to."""

    def link_opened(self, link: "Link") -> None:
        """*link* was accepted."""

    def link_received(self, link: "Link", data: bytes) -> None:
        """*data* was read."""

    def link_blocked(self, link: "Link") -> None:
        """The socket takes no more for now."""

    def link_drained(self, link: "Link") -> None:
        """The socket has taken all that was written."""

    def link_ended(self, link: "Link") -> None:
        """The peer has closed its side, and may still read."""

    def link_lost(self, link: "Link", error: Exception | None, *, ended: bool) -> None:
        """The connection is gone; *ended* says that the peer had closed its side."""


class Link(asyncio.Protocol):
    """One connection. Reports whether it can be written to, and decides nothing.

    The write buffer's high-water mark is one octet: whatever the socket did not take at once makes
    the link blocked, so a slow reader is seen at once, and holds one slice of memory at most.

    Attributes:
        conn: its number, unique in this process.
        held: whether the hub wants it not to be read from.
    """

    __slots__ = ("_blocked", "_closing", "_ended", "_owner", "conn", "held", "transport")

    def __init__(self, owner: Owner, conn: int) -> None:
        self._owner = owner
        self._blocked = False
        self._closing = False
        self._ended = False
        self.conn = conn
        self.held = False
        self.transport: Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin. Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows the type
        self.transport = transport
        over_tls = transport.get_extra_info("ssl_object") is not None
        transport.set_write_buffer_limits(TLS_HIGH_WATER if over_tls else HIGH_WATER, 0)
        self._owner.link_opened(self)

    def data_received(self, data: bytes) -> None:
        """Take what was read. Called by asyncio."""
        self._owner.link_received(self, data)

    def eof_received(self) -> bool:
        """The peer closed its side. Called by asyncio, again when reading is let go after that.

        Ours stays open until the hub has sent what the peer is owed; TLS has no half-open links,
        and asyncio closes them by itself.
        """
        stays_open = self.transport.get_extra_info("ssl_object") is None
        if not self._ended:
            self._ended = True
            self._closing |= not stays_open
            self._owner.link_ended(self)
        return stays_open

    def pause_writing(self) -> None:
        """Called by asyncio when the socket takes no more. Then nothing is read either."""
        self._blocked = True
        self.transport.pause_reading()
        self._owner.link_blocked(self)

    def resume_writing(self) -> None:
        """Called by asyncio when the socket has taken everything."""
        self._blocked = False
        self._owner.link_drained(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End. Called by asyncio."""
        self._owner.link_lost(self, exc, ended=self._ended)

    def hold(self, held: bool) -> None:
        """Stop reading if *held*, else go on, unless the socket is blocked."""
        self.held = held
        if held:
            self.transport.pause_reading()
        elif not self._blocked:
            self.transport.resume_reading()

    def end(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close once what was written is out, at most 5 s later."""
        if not self._closing:  # asyncio's TLS does not bear being closed twice
            self._closing = True
            self.transport.close()
        if self.transport.get_write_buffer_size():
            loop.call_later(LINGER, self.transport.abort)
