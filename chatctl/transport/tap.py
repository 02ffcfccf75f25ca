"""A tap on the wire: accepts clients, calls a server for each, passes octets on, and tells a Tap.

Byte-exact and at once unless faults are asked for; an end, a half-close or a reset of one side
reaches the other as the same. What is told is what the receiver gets.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chatctl.capture.chaos import NO_CHAOS, Chaos, Disturber
from chatctl.capture.writing.recorder import Recorder
from chatctl.errors import LinkError, UsageError
from chatctl.transport.address import Address
from chatctl.transport.dialling import end_text, why
from chatctl.transport.sockets import leads_to
from chatctl.wire.packets import Direction

CHUNK = 64 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class TapConfig:
    """Between which addresses, and with which faults.

    Attributes:
        listen: where clients come.
        target: the server they are connected with.
        chaos: what to do to what passes.
        serving: TLS of the listening side, None for none.
        calling: TLS of the calling side, None for none.
    """

    listen: Address
    target: Address
    chaos: Chaos = NO_CHAOS
    serving: ssl.SSLContext | None = None
    calling: ssl.SSLContext | None = None


@dataclass(slots=True)
class _Side:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    direction: Direction


class WireTap:
    """Any number of connections between clients and one server.

    Attributes:
        conns: how many there were.
    """

    def __init__(self, config: TapConfig, recorder: Recorder) -> None:
        """Tell *recorder* what passes."""
        self.conns = 0
        self._config = config
        self._recorder = recorder
        self._flushing = False

    async def run(self, ready: Callable[[str], None], stop: asyncio.Event) -> None:
        """Serve until *stop* is set; call *ready* with the address once clients can come.

        Raises:
            LinkError: the address cannot be listened on.
            UsageError: it is the server's own: the tap would call itself.
        """
        config = self._config
        if config.target.path and config.target.path == config.listen.path:
            raise _ring(config.target)
        server = await self._listen()
        async with server:
            if await leads_to(config.target, [sock.getsockname() for sock in server.sockets]):
                raise _ring(config.target)
            name = server.sockets[0].getsockname()
            ready(name if isinstance(name, str) else f"{name[0]}:{name[1]}")
            await stop.wait()
        self._recorder.flush()

    async def _listen(self) -> asyncio.Server:
        listen = self._config.listen
        try:
            if listen.path:
                return await asyncio.start_unix_server(self._accept, Path(listen.path))
            return await asyncio.start_server(
                self._accept, listen.host, listen.port, ssl=self._config.serving
            )
        except OSError as error:
            raise LinkError(f"cannot listen on {listen}: {error.strerror or error}") from None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.conns += 1
        conn = self.conns
        client = end_text(writer.get_extra_info("peername"))
        near = _Side(reader, writer, Direction.TO_SERVER)
        try:
            far = _Side(*await self._call(), Direction.TO_CLIENT)
        except OSError as error:
            self._recorder.opened(conn, client, str(self._config.target))
            self._ended(conn, Direction.TO_CLIENT, f"no server: {why(error)}", reset=True)
            _reset(writer)
            return
        self._recorder.opened(conn, client, end_text(far.writer.get_extra_info("peername")))
        self._flush_soon()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(conn, near, far))
                group.create_task(self._pump(conn, far, near))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            for side in (near, far):
                side.writer.close()

    async def _call(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        target = self._config.target
        if target.path:
            return await asyncio.open_unix_connection(target.path)
        calling = self._config.calling
        return await asyncio.open_connection(target.host, target.port, ssl=calling)

    async def _pump(self, conn: int, source: _Side, sink: _Side) -> None:
        """Pass on what *source* sends until it ends."""
        disturber = Disturber(self._config.chaos, conn, source.direction)
        try:
            while data := await self._read(source.reader):
                if not await self._pass(conn, source, sink, disturber, data):
                    return
        except OSError as error:
            self._ended(conn, source.direction, why(error), reset=True)
            _reset(sink.writer)
            raise
        self._ended(conn, source.direction, "end of stream")
        if sink.writer.can_write_eof():
            sink.writer.write_eof()
        else:
            sink.writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        data = await reader.read(CHUNK)
        wait = self._config.chaos.coalesce
        if not data or not wait:
            return data
        try:
            async with asyncio.timeout(wait):
                while len(data) < CHUNK and (more := await reader.read(CHUNK)):
                    data += more
        except TimeoutError:
            pass
        return data

    async def _pass(
        self, conn: int, source: _Side, sink: _Side, disturber: Disturber, data: bytes
    ) -> bool:
        """Pass *data* on; return False where a fault has ended the connection."""
        if disturber.chaos.none:
            self._put(conn, source.direction, sink.writer, data)
            await sink.writer.drain()
            return True
        for piece in disturber.pieces(data):
            if piece.reset:
                self._ended(conn, source.direction, "reset by the tap", reset=True)
                _reset(sink.writer)
                _reset(source.writer)
                return False
            await asyncio.sleep(piece.delay)
            self._put(conn, source.direction, sink.writer, piece.data)
            await sink.writer.drain()
        return True

    def _put(
        self, conn: int, direction: Direction, writer: asyncio.StreamWriter, data: bytes
    ) -> None:
        self._recorder.crossed(conn, direction, data)
        writer.write(data)
        self._flush_soon()

    def _ended(self, conn: int, direction: Direction, why: str, *, reset: bool = False) -> None:
        self._recorder.closed(conn, direction, why, reset=reset)
        self._flush_soon()

    def _flush_soon(self) -> None:
        """Write what was recorded once this pass of the loop is over."""
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        self._recorder.flush()


def _ring(target: Address) -> UsageError:
    return UsageError(f"the tap would call itself: {target} is where it listens")


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection the hard way, so that the other side sees a reset."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.family != socket.AF_UNIX:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
