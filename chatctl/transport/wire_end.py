"""One end of a played connection: asyncio's sight of it, and what goes out with its faults."""

import asyncio
import socket
import struct
from collections.abc import Sequence
from typing import Protocol

from chatctl.capture.replay.faults import FaultKind, Piece
from chatctl.wire.framing import Deframer

_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class Owner(Protocol):
    """What an end reports to."""

    def end_up(self, end: "WireEnd") -> None:
        """The connection is there."""

    def end_heard(self, end: "WireEnd", data: bytes) -> None:
        """*data* was read."""

    def end_wrote(self, end: "WireEnd", data: bytes) -> None:
        """*data* is being written."""

    def end_closed(self, end: "WireEnd", *, reset: bool) -> None:
        """Our side is being ended."""

    def end_lost(self, end: "WireEnd", reason: str, *, reset: bool) -> None:
        """The connection is gone."""


class WireEnd(asyncio.Protocol):
    """A connection that can be written to with delays, half-closed and reset.

    Attributes:
        conn: the line it plays; 0 while that is not known.
        writable: the socket takes more.
        gone: the connection has ended.
        deframer: cuts what is read.
    """

    def __init__(self, owner: Owner, conn: int) -> None:
        self._owner = owner
        self._free_at = 0.0
        self._heard_end = False
        self.conn = conn
        self.writable = asyncio.Event()
        self.writable.set()
        self.gone = asyncio.Event()
        self.deframer = Deframer()
        self.transport: asyncio.Transport

    # ------------------------------------------------------------ called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows the type
        self.transport = transport
        self._owner.end_up(self)

    def data_received(self, data: bytes) -> None:
        """Take what was read."""
        self._owner.end_heard(self, data)

    def eof_received(self) -> bool:
        """The other side is done; so are we, once what was written is out."""
        self._heard_end = True
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self.writable.set()
        self.gone.set()
        reset = not self._heard_end and exc is not None
        reason = f"{exc}" if exc else "closed by the other side"
        self._owner.end_lost(self, reason, reset=reset)

    def pause_writing(self) -> None:
        """The socket takes no more."""
        self.writable.clear()

    def resume_writing(self) -> None:
        """The socket has taken enough."""
        self.writable.set()

    # ------------------------------------------------------------ called by the stage

    def put(self, pieces: Sequence[Piece]) -> None:
        """Carry out *pieces*, each after its delay and after those before it."""
        loop = asyncio.get_running_loop()
        for piece in pieces:
            self._free_at = max(self._free_at, loop.time()) + piece.delay
            if self._free_at <= loop.time():
                self._carry_out(piece)
            else:
                loop.call_at(self._free_at, self._carry_out, piece)

    def finish(self, *, reset: bool) -> None:
        """End our side, after what is still to go out."""
        self.put([Piece(end=FaultKind.RESET if reset else FaultKind.HALF_CLOSE)])

    def _carry_out(self, piece: Piece) -> None:
        if self.gone.is_set() or self.transport.is_closing():
            return
        if piece.data:
            self._owner.end_wrote(self, piece.data)
            self.transport.write(piece.data)
        if piece.end is not None:
            self._end(resetting=piece.end is FaultKind.RESET)

    def _end(self, *, resetting: bool) -> None:
        self._owner.end_closed(self, reset=resetting)
        if resetting:
            reset(self.transport)
        elif self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()


def reset(transport: asyncio.WriteTransport) -> None:
    """End a connection with a reset instead of an orderly end."""
    sock: socket.socket = transport.get_extra_info("socket")
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
    transport.abort()
