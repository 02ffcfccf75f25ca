"""The recorder: a tap that keeps what crosses the sockets, and can never trouble the chat.

What happens during a pass of the loop is collected and written at once by ``flush``. When the disk
is full or the pipe closed, the recording stops, says so, and counts what it misses; the chat
goes on. docs/capture-format.md, "Writing".
"""

import os
from collections.abc import Iterable, Sequence

from chatctl.capture import pcapng
from chatctl.capture.config import Addresses, RecordConfig
from chatctl.capture.record import Tap, ports_of
from chatctl.capture.writing.flows import Flow, Flows
from chatctl.capture.writing.nicks import NickWatch
from chatctl.capture.writing.redact import CLOSING_BRACE, Redacted, Redactor
from chatctl.capture.writing.segments import (
    ACK,
    ACK_EVERY_OCTETS,
    FIN,
    MAX_DATA,
    PSH,
    RST,
    Side,
    around_v4,
    around_v6,
)
from chatctl.capture.writing.sieve import Sieve
from chatctl.capture.writing.sink import Sink, open_sink
from chatctl.capture.writing.tape import Clock, Stopped, Tape, Trouble, header, steady_clock
from chatctl.errors import UsageError
from chatctl.wire import codec
from chatctl.wire.packets import Direction

MAX_HALF_CLOSED = 1024
COLLECTED_AT_MOST = 16 * 1024 * 1024  # octets of one chunk for many, before they are written

_TO_SERVER = Direction.TO_SERVER


def _say_nothing(trouble: Trouble, /) -> None:
    """Stand in where nobody asked to be told."""


def open_recorder(
    config: RecordConfig,
    *,
    side: str,
    listen: str = "",
    clock: Clock | None = None,
    stopped: Stopped = _say_nothing,
) -> "Recorder":
    """Return a recorder for *config*, its file begun.

    Args:
        config: where, and what.
        side: who records: ``server``, ``client``, ``tap`` or ``replay``.
        listen: the address served or called, for the file's header; a reader tells from its port
            who is the server. Several have a comma and a blank between them.
        clock: gives the times; the wall's, made steady, if None.
        stopped: called if the recording must stop before ``close``, and then again by that.

    Raises:
        UsageError: the file cannot be opened, or the filter is none.
    """
    try:
        sink = open_sink(config)
    except OSError as error:
        raise UsageError(f"cannot record to {config.path}: {error.strerror}") from None
    recorder = Recorder(sink, config, side=side, listen=listen, clock=clock, stopped=stopped)
    recorder.flush()
    return recorder


class Recorder(Tap):
    """Writes a capture of everything it is told."""

    _gives_ends = True

    def __init__(
        self,
        sink: Sink,
        config: RecordConfig,
        *,
        side: str,
        listen: str = "",
        clock: Clock | None = None,
        stopped: Stopped = _say_nothing,
    ) -> None:
        """Begin the file; see ``open_recorder``."""
        virtual = config.addresses is Addresses.VIRTUAL
        self._clock = clock or steady_clock()
        if virtual:
            listen = ", ".join(f":{port}" for port in ports_of(listen))
        begin = header(config, side, listen, self._clock())
        self._tape = Tape(sink, begin, self._clock, stopped)
        self._ignored = config.which.ignored(side)
        self._sieve = Sieve(config.filter, self._clock) if config.filter else None
        self._names = NickWatch() if virtual else None
        self._looks = virtual or self._sieve is not None
        self._flows = Flows(virtual=virtual and self._gives_ends)
        self._half_closed: dict[int, None] = {}
        members = config.redaction.members
        self._redactor = Redactor(config.redaction, config.redaction.key or os.urandom(32))
        self._search = self._redactor.suspicious if members else None

    @property
    def failure(self) -> str:
        """Why the recording stopped by itself; empty while all is well."""
        return self._tape.failure

    @property
    def error(self) -> OSError | None:
        """What made the recording stop by itself; None while all is well."""
        return self._tape.error

    @property
    def packets(self) -> int:
        """Packets recorded."""
        return self._tape.written

    @property
    def dropped(self) -> int:
        """Reads and writes that were not recorded because the recording had stopped."""
        return self._tape.dropped

    # ------------------------------------------------------------ the tap

    def opened(self, conn: int, client: str, server: str, nick: str = "") -> None:
        """Record a connection's handshake; with *nick*, who it is, where no packet will say so."""
        if self._idle():
            return
        flow = self._flows.begin(conn, client, server)
        if self._sieve is not None:
            self._sieve.opened(conn, client, server)
        at = self._clock()
        syn, *rest = flow.handshake()
        self._tape.put(pcapng.packet(at, syn, [self._about(flow, nick)]))
        for segment in rest:
            self._tape.put(pcapng.packet(at, segment))

    def crossed(self, conn: int, direction: Direction, data: bytes) -> None:
        """Record *data* as it is, apart from secrets."""
        tape = self._tape
        if tape.stopped:
            tape.dropped += 1
            return
        if direction is self._ignored:
            return
        sides = self._flows.up if direction is _TO_SERVER else self._flows.down
        side = sides.get(conn) or self._flows.begin(conn).side(direction)
        if self._looks and not (data := self._look(conn, direction, data)):
            return
        if self._search is not None and (side.redacted is not None or self._may_hide(data)):
            self._redact(side, data)
            return
        if len(data) > MAX_DATA:
            self._slow(side, data)
            return
        at = self._clock()
        tape.collect(side.data_block(at, data))
        tape.packets += 1
        if side.unacked >= ACK_EVERY_OCTETS:
            self._acknowledge(side, at)

    def spread(self, conns: Sequence[int], direction: Direction, data: bytes) -> None:
        """Record *data* for each of *conns*; see ``Tap``."""
        most = max(1, COLLECTED_AT_MOST // len(data))
        for start in range(0, len(conns), most):
            if start:
                self.flush()
            self._spread(conns[start : start + most], direction, data)

    def _spread(self, conns: Sequence[int], direction: Direction, data: bytes) -> None:
        """Record *data* for each of *conns*, all at the same time."""
        if not self._is_plain(direction, data):
            super().spread(conns, direction, data)
            return
        tape, size, at = self._tape, len(data), self._clock()
        around = around_v6(at, data), around_v4(at, data)
        sides = self._flows.up if direction is _TO_SERVER else self._flows.down
        for conn in conns:
            side = sides.get(conn) or self._flows.begin(conn).side(direction)
            if side.redacted is not None:
                self.crossed(conn, direction, data)
                continue
            tape.collect(side.block_within(*around[side.is_v4], size))
            tape.packets += 1
            if side.unacked >= ACK_EVERY_OCTETS:
                self._acknowledge(side, at)

    def _is_plain(self, direction: Direction, data: bytes) -> bool:
        """Return whether *data* is recorded, and the same for everybody, in one segment."""
        return not (
            self._tape.stopped
            or self._looks
            or direction is self._ignored
            or len(data) > MAX_DATA
            or (self._search is not None and self._may_hide(data))
        )

    def closed(self, conn: int, direction: Direction, reason: str, *, reset: bool = False) -> None:
        """Record a FIN, or a RST, with the reason as its comment."""
        flow = self._flows.get(conn)
        if self._idle() or flow is None:
            return
        side = flow.side(direction)
        for ended in (side, side.peer) if reset else (side,):
            self._let_go(ended)
        segment = side.ip(RST | ACK if reset else FIN | ACK)
        self._tape.put(pcapng.packet(self._clock(), segment, [reason] if reason else []))
        if reset or conn in self._half_closed:
            self._forget(conn)
            return
        self._half_closed[conn] = None
        if len(self._half_closed) > MAX_HALF_CLOSED:
            self._forget(next(iter(self._half_closed)))

    def marked(self, conn: int, text: str) -> None:
        """Record a bare acknowledgement that carries *text* as its comment.

        Where *conn* is none that is open, the newest connection carries the mark, or where none
        is, the one that ended last.
        """
        if self._idle():
            return
        flow = self._flows.get(conn) or self._flows.newest() or self._flows.begin(conn)
        segment = flow.to_server.ip(ACK)
        self._tape.put(pcapng.packet(self._clock(), segment, [f"mark: {text}"]))

    def joined(self, conn: int, client: str, server: str, nick: str = "") -> None:
        """Record that *conn* goes on, and who it is."""
        if self._idle():
            return
        flow = self._flows.begin(conn, client, server)
        if self._names is not None:
            self._names.joined(conn, nick)
        if self._search is not None:
            for side in (flow.to_server, flow.to_client):
                side.redacted = Redacted(self._redactor, midway=True)
        self._continued(flow, nick)

    # ------------------------------------------------------------ the file

    def flush(self) -> None:
        """Write what was collected; once at the end of each pass of the loop. Never raises."""
        if self._tape.flush():
            for flow in self._flows:
                self._continued(flow)

    def close(self) -> None:
        """End the file in good order; afterwards the tap ignores everything. Never raises."""
        if not self._tape.stopped:
            for flow in self._flows:
                self._let_go(flow.to_server)
                self._let_go(flow.to_client)
        self._tape.close()

    def dump(self, reason: str) -> str:
        """Write the ring to its file; return the file's name, or why that failed.

        Args:
            reason: why; kept in the file as a mark.
        """
        self.marked(0, reason)
        return self._tape.dump()

    # ------------------------------------------------------------ inside

    def _continued(self, flow: Flow, nick: str = "") -> None:
        if self._names is not None and (known := nick or self._names.nick(flow.conn)):
            self._show(flow, known)
        segment = flow.to_server.ip(ACK)
        self._tape.put(pcapng.packet(self._clock(), segment, [self._about(flow, nick)]))

    def _idle(self) -> bool:
        if self._tape.stopped:
            self._tape.dropped += 1
        return self._tape.stopped

    def _forget(self, conn: int) -> None:
        self._flows.forget(conn)
        self._half_closed.pop(conn, None)
        if self._names is not None:
            self._names.forget(conn)
        if self._sieve is not None:
            self._sieve.closed(conn)

    def _may_hide(self, data: bytes) -> bool:
        """Return whether a secret may be in *data*, or its beginning at the end of it."""
        return data[-1] != CLOSING_BRACE or (
            self._search is not None and self._search(data) is not None
        )

    def _redact(self, side: Side, data: bytes, notes: Sequence[str] = ()) -> None:
        """Record *data* without its secrets; what may be half of one is held back."""
        stream = side.redacted or Redacted(self._redactor)
        data = stream.feed(data)
        self._slow(side, data, dict.fromkeys((*notes, *stream.comments)))
        side.redacted = None if stream.between else stream

    def _let_go(self, side: Side) -> None:
        """Record what is held back of a stream that has ended."""
        stream, side.redacted = side.redacted, None
        if stream is not None:
            data = stream.rest()
            self._slow(side, data, stream.comments)

    def _slow(self, side: Side, data: bytes, comments: Iterable[str] = ()) -> None:
        """Record *data* that carries *comments*, or does not fit one segment, or is empty."""
        at = self._clock()
        for start in range(0, len(data), MAX_DATA):
            piece = data[start : start + MAX_DATA]
            last = start + MAX_DATA >= len(data)
            self._tape.put(pcapng.packet(at, side.ip(PSH | ACK if last else ACK, piece), comments))
            side.count(len(piece))
        if side.unacked >= ACK_EVERY_OCTETS:
            self._acknowledge(side, at)

    def _acknowledge(self, side: Side, at: int) -> None:
        side.unacked = 0
        self._tape.put(pcapng.packet(at, side.peer.ip(ACK)))

    def _look(self, conn: int, direction: Direction, data: bytes) -> bytes:
        """Look into *data* for nicks, and for what the filter lets through; return that."""
        if self._names is not None:
            self._name(conn, direction, data)
        if self._sieve is not None:
            data = b"".join(self._sieve.frames(conn, direction, data))
        return data

    def _name(self, conn: int, direction: Direction, data: bytes) -> None:
        nick = self._names.seen(conn, direction, data) if self._names else ""
        if nick and (flow := self._flows.get(conn)):
            self._show(flow, nick)

    def _show(self, flow: Flow, nick: str) -> None:
        """Record that *nick* stands for the address of the client."""
        addresses = flow.to_server.addresses
        address = addresses[: len(addresses) // 2]
        self._tape.collect(pcapng.name_resolution(address, self._redactor.nick(nick)))

    def _about(self, flow: Flow, nick: str = "") -> str:
        told: dict[str, object] = {"conn": flow.conn}
        if nick:
            told["nick"] = self._redactor.nick(nick)
        if self._names is None and len(flow.to_server.addresses) == 32:
            told |= {"client": flow.client, "server": flow.server}
        return codec.write_json(told).decode()
