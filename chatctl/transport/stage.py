"""Where a player plays: asyncio's loop and sockets. Carries out its moves and decides nothing."""

import asyncio
import gc
import os
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from chatctl.capture.record import Tap
from chatctl.capture.replay.faults import Faults, Piece
from chatctl.capture.replay.outgoing import pong
from chatctl.capture.replay.plan import Line, Move
from chatctl.capture.replay.player import Player
from chatctl.capture.replay.track import Action, Connect, Finish, Send
from chatctl.transport.address import Address
from chatctl.transport.sockets import ends_of
from chatctl.transport.wire_end import WireEnd
from chatctl.wire.packet import Direction

CONNECT_SECONDS = 5.0
LEAVE_SECONDS = 1.0
HELD_SECONDS = 0.05


def _nothing() -> None:
    return


@dataclass(slots=True)
class Rig:
    """What a replay works with, besides its plan.

    Attributes:
        tap: sees every read and write.
        flush: called at the end of each pass of the loop.
        faults: what is done to frames on their way out; None for nothing.
        ask: called before each move that is released by hand.
        tls: the context for a target that speaks TLS.
        connect_seconds: how long a connection may take to be made.
    """

    tap: Tap = field(default_factory=Tap)
    flush: Callable[[], None] = _nothing
    faults: Faults | None = None
    ask: Callable[[Line, Move], Awaitable[None]] | None = None
    tls: ssl.SSLContext | None = None
    connect_seconds: float = CONNECT_SECONDS


class Stage:
    """Drives a player; its subclasses make or accept the connections."""

    def __init__(self, player: Player, rig: Rig) -> None:
        self.player = player
        self.rig = rig
        self.ends: dict[int, WireEnd] = {}
        self.over = False
        self._stirred = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._plays = player.plan.plays
        to_server = self._plays is Direction.TO_SERVER
        self._hears = Direction.TO_CLIENT if to_server else Direction.TO_SERVER

    def connect(self, conn: int) -> None:
        """Make the connection of line *conn*."""
        raise NotImplementedError

    async def perform(self) -> None:
        """Play until the player is finished."""
        while not self.player.finished:
            self._stirred.clear()
            await self._drained()
            self._carry_out(self.player.advance(self._loop.time()))
            self.rig.flush()
            await self._ask()
            await self._wait(self.player.wake())

    async def leave(self) -> None:
        """End every connection, orderly where the other side lets us."""
        self.over = True
        for end in self.ends.values():
            self.player.cut(end.conn, end.deframer.pending)
        for end in self.ends.values():
            self._let_go(end)
            end.finish(reset=False)
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                for end in self.ends.values():
                    await end.gone.wait()
        except TimeoutError:
            self.abort()
        self.rig.flush()

    def abort(self) -> None:
        """Drop every connection that is still there."""
        for end in self.ends.values():
            if not end.gone.is_set():
                end.transport.abort()

    def stir(self) -> None:
        """Something happened: let the player look again."""
        self._stirred.set()

    # ------------------------------------------------------------ what an end reports

    def end_up(self, end: WireEnd) -> None:
        """Note a new connection."""
        client, server, _ = ends_of(end.transport)
        if self._plays is Direction.TO_CLIENT:
            client, server = server, client
        self.rig.tap.opened(end.conn, client, server)
        self.ends[end.conn] = end
        self.player.connected(end.conn, self._loop.time())
        self.stir()

    def end_heard(self, end: WireEnd, data: bytes) -> None:
        """Give the player the packets in *data*."""
        self.rig.tap.crossed(end.conn, self._hears, data)
        if self.over:
            return
        now = self._loop.time()
        payloads = end.deframer.feed(data)
        if self.player.attentive or b'"ping"' in data:
            for payload in payloads:
                self.heard(end, payload, now)
        else:
            self.player.counted(end.conn, len(payloads), now)
        self.stir()

    def heard(self, end: WireEnd, payload: bytes, now: float) -> None:
        """Give the player one packet; a ping of the server's is answered at once."""
        answer = pong(payload) if self._plays is Direction.TO_SERVER else b""
        if self.player.attentive:
            self.player.received(end.conn, payload, now)
        else:
            self.player.counted(end.conn, 1, now)
        if answer:
            end.put([Piece(answer)])

    def end_wrote(self, end: WireEnd, data: bytes) -> None:
        """Record what goes out."""
        self.rig.tap.crossed(end.conn, self._plays, data)

    def end_closed(self, end: WireEnd, *, reset: bool) -> None:
        """Record that we ended our side."""
        self.rig.tap.closed(end.conn, self._plays, "", reset=reset)

    def end_lost(self, end: WireEnd, reason: str, *, reset: bool) -> None:
        """Note the end of a connection."""
        self.rig.tap.closed(end.conn, self._hears, reason, reset=reset)
        if self.over:
            return
        self.player.cut(end.conn, end.deframer.pending)
        self.player.ended(end.conn, self._loop.time(), reason)
        self.stir()

    # ------------------------------------------------------------ inside

    def _carry_out(self, actions: list[Action]) -> None:
        joined: dict[int, list[bytes]] = {}
        for action in actions:
            if isinstance(action, Send) and self.rig.faults is None:
                joined.setdefault(action.conn, []).append(action.data)
                continue
            self._write(action.conn, joined.pop(action.conn, []))
            self._act(action)
        for conn, frames in joined.items():
            self._write(conn, frames)

    def _act(self, action: Action) -> None:
        if isinstance(action, Connect):
            self.connect(action.conn)
            return
        end = self.ends.get(action.conn)
        if end is None:
            return
        if isinstance(action, Finish):
            self._let_go(end)
            end.finish(reset=action.reset)
        elif self.rig.faults is not None:
            end.put(self.rig.faults.pieces(action.conn, action.data))
            self._loop.call_later(HELD_SECONDS, self._let_go, end)

    def _write(self, conn: int, frames: list[bytes]) -> None:
        end = self.ends.get(conn)
        if frames and end is not None:
            end.put([Piece(b"".join(frames))])

    def _let_go(self, end: WireEnd) -> None:
        """Send what a fault holds back, since nothing else may follow it."""
        if self.rig.faults is not None:
            end.put(self.rig.faults.rest(end.conn))

    async def _drained(self) -> None:
        """Wait until every socket takes more; one that does not in time is given up."""
        for end in [end for end in self.ends.values() if not end.writable.is_set()]:
            try:
                async with asyncio.timeout(self.player.pacing.timeout):
                    await end.writable.wait()
            except TimeoutError:
                end.transport.abort()

    async def _ask(self) -> None:
        now = self._loop.time()
        waiting = self.player.next_up(now) if self.rig.ask else None
        if waiting is not None and self.rig.ask is not None:
            await self.rig.ask(*waiting)
            self.player.release()
            self.stir()

    async def _wait(self, until: float | None) -> None:
        """Wait until something happens, at the latest until the time *until* of the loop."""
        if until is None:
            return
        try:
            async with asyncio.timeout_at(until):
                await self._stirred.wait()
        except TimeoutError:
            return


class Clients(Stage):
    """Plays the clients, against a server."""

    def __init__(self, player: Player, rig: Rig, target: Address, group: asyncio.TaskGroup) -> None:
        super().__init__(player, rig)
        self._target = target
        self._group = group
        self._dialling: set[asyncio.Task[None]] = set()

    def connect(self, conn: int) -> None:
        """Make the connection in a task of its own."""
        task = self._group.create_task(self._dial(conn))
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)

    def hang_up(self) -> None:
        """Stop making connections."""
        for task in self._dialling:
            task.cancel()

    async def _dial(self, conn: int) -> None:
        try:
            async with asyncio.timeout(self.rig.connect_seconds):
                await self._open(conn)
        except TimeoutError:
            self.player.unreachable(f"{self._target} does not accept connections")
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            self.player.unreachable(f"cannot connect to {self._target}: {reason}")
        self.stir()

    async def _open(self, conn: int) -> None:
        target, context = self._target, self.rig.tls if self._target.tls else None
        if target.path:
            await self._loop.create_unix_connection(lambda: WireEnd(self, conn), target.path)
        else:
            await self._loop.create_connection(
                lambda: WireEnd(self, conn), target.host, target.port, ssl=context
            )


async def play_clients(player: Player, target: Address, rig: Rig) -> None:
    """Play *player*'s clients against the server at *target*, until it is finished."""
    gc.freeze()  # the plan is large and stays: looking through it would make packets late
    async with asyncio.TaskGroup() as group:
        stage = Clients(player, rig, target, group)
        player.start(asyncio.get_running_loop().time())
        try:
            await stage.perform()
            stage.hang_up()
            await stage.leave()
        finally:
            stage.hang_up()
            stage.abort()
            rig.flush()
            gc.unfreeze()
