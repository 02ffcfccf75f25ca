"""Between live clients and a live server: everything passes, and is compared with a recording."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from chatctl.capture.record import Tap
from chatctl.capture.replay.plan import Expected, Line
from chatctl.capture.replay.player import Player
from chatctl.transport.address import Address
from chatctl.transport.sockets import ends_of
from chatctl.transport.stage import CONNECT_SECONDS, Rig
from chatctl.transport.stand_in import Casting
from chatctl.transport.wire_end import reset
from chatctl.wire.framing import Deframer
from chatctl.wire.packet import Direction

CHUNK = 1 << 16
IDLE = 3.0

Told = Callable[[Line, Direction, bytes, Expected | None], None]


@dataclass(frozen=True, slots=True)
class Ears:
    """Both sides of a recording, listened for: two players that are never let play.

    Attributes:
        answers: expects what the server says.
        questions: expects what the clients say.
        told: of each packet, and what it was taken for.
    """

    answers: Player
    questions: Player
    told: Told

    def of(self, direction: Direction) -> Player:
        """Return who expects packets of *direction*."""
        return self.answers if direction is Direction.TO_CLIENT else self.questions


class Between:
    """Passes on what clients and server say to each other."""

    def __init__(self, ears: Ears, target: Address, rig: Rig) -> None:
        self.present = 0
        self.came = asyncio.Event()
        self.left = asyncio.Event()
        self._ears = ears
        self._target = target
        self._rig = rig
        self._casting = Casting(ears.answers.plan.lines)
        self._loop = asyncio.get_running_loop()
        self._conns = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on one client's connection, to its end."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a task runs this
        self._tasks.add(task)
        self.present += 1
        self.came.set()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                upstream = await asyncio.open_connection(self._target.host, self._target.port)
            await self._pass_on((reader, writer), upstream)
        except (OSError, TimeoutError) as error:
            self._ears.answers.unreachable(f"cannot connect to {self._target}: {error}")
        finally:
            writer.transport.abort()
            self._tasks.discard(task)
            self.present -= 1
            self.left.set()

    def stop(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()

    async def _pass_on(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._conns += 1
        talk = _Talk(self._ears, self._casting, self._rig.tap, self._conns)
        ends = client[1].transport
        assert isinstance(ends, asyncio.Transport)  # noqa: S101 - narrows the type
        self._rig.tap.opened(self._conns, *ends_of(ends)[:2])
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(client[0], server[1], talk, Direction.TO_SERVER))
                group.create_task(self._pump(server[0], client[1], talk, Direction.TO_CLIENT))
        finally:
            server[1].transport.abort()
            talk.over(self._loop.time())

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        talk: "_Talk",
        direction: Direction,
    ) -> None:
        try:
            while data := await reader.read(CHUNK):
                talk.heard(data, direction, self._loop.time())
                writer.write(data)
                await writer.drain()
                self._rig.flush()
            talk.ended(direction)
            writer.write_eof()
        except OSError:
            talk.ended(direction, reset=True)
            reset(writer.transport)


class _Talk:
    """One connection, compared with one of the recording."""

    def __init__(self, ears: Ears, casting: Casting, tap: Tap, conn: int) -> None:
        self._tap = tap
        self._conn = conn
        self._ears = ears
        self._casting = casting
        self._line: Line | None = None
        self._deframers = {direction: Deframer() for direction in Direction}

    def heard(self, data: bytes, direction: Direction, now: float) -> None:
        self._tap.crossed(self._conn, direction, data)
        for payload in self._deframers[direction].feed(data):
            if self._line is None:
                self._line = self._casting.choose(payload)
            if self._line is not None:
                self._compare(self._line, payload, direction, now)

    def ended(self, direction: Direction, *, reset: bool = False) -> None:
        self._tap.closed(self._conn, direction, "", reset=reset)

    def over(self, now: float) -> None:
        if self._line is not None:
            self._ears.answers.ended(self._line.conn, now, "closed")
            self._ears.questions.ended(self._line.conn, now, "closed")

    def _compare(self, line: Line, payload: bytes, direction: Direction, now: float) -> None:
        item = self._ears.of(direction).received(line.conn, payload, now)
        if item is not None and direction is Direction.TO_SERVER:
            self._ears.answers.asked(line.conn, item.packet.index, now)
        self._ears.told(line, direction, payload, item)


async def compare_between(
    ears: Ears,
    listen: Address,
    target: Address,
    rig: Rig,
    listening: Callable[[list[Address]], None],
) -> None:
    """Stand between clients that connect to *listen* and the server at *target*.

    Ends when the last client has been gone for a few seconds; until one comes it waits.

    Raises:
        OSError: the address cannot be had.
    """
    between = Between(ears, target, rig)
    server = await asyncio.start_server(between.receive, listen.host, listen.port)
    now = asyncio.get_running_loop().time()
    for player in (ears.answers, ears.questions):
        player.start(now)
    try:
        names = [each.getsockname() for each in server.sockets]
        listening([Address(name[0], name[1]) for name in names])
        await _until_deserted(between)
    finally:
        server.close()
        between.stop()
        rig.flush()


async def _until_deserted(between: Between) -> None:
    await between.came.wait()
    while True:
        while between.present:
            between.left.clear()
            await between.left.wait()
        between.came.clear()
        try:
            async with asyncio.timeout(IDLE):
                await between.came.wait()
        except TimeoutError:
            return
