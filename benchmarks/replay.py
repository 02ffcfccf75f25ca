"""Replay: does it get through with tokens, is it on time, and how fast can it go?

    python benchmarks/replay.py [--quick] [--rounds N] [--only tokens|timed|max]

tokens: 100 recorded clients say 5 messages each that carry a token the server gave them; replayed
at 1, 5 and 20 times the pace, causal and by the clock alone; counted is what the target accepts.
timed: 10,000 packets on 20 connections, 2,000 a second for 5 s; measured is how late each left.
max: one writer pipelines to 10 readers without pauses, through our player and through the load
generator that only counts; measured is what the readers get a second.
"""

import asyncio
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from load import Crowd
from report import heading, options, percentile, table
from rivals import Chatctl

from chatctl.capture.record import Kind, Record
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.pace import Order, Pacing
from chatctl.capture.replay.plan import plan_clients
from chatctl.capture.replay.player import Player
from chatctl.capture.replay.result import Result, result_of
from chatctl.capture.replay.steps import Steps, read_steps
from chatctl.transport.address import Address
from chatctl.transport.stage import Rig, play_clients
from chatctl.wire import codec
from chatctl.wire.framing import Deframer, frame
from chatctl.wire.packet import Direction

HERE = Path(__file__).parent
NS = 1_000_000_000
START = 1_700_000_000 * NS
CLIENTS = 100
EACH = 5
RATE = 2_000
SECONDS = 5
LINES = 20
MESSAGES = 20_000
READERS = 10


class Target:
    """A target in a process of its own; see ``replay_target``."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, str(HERE / "replay_target.py"), *arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.address = Address("127.0.0.1", int(self._process.stdout.readline()))

    def end(self) -> int:
        """End it; return how many messages it accepted."""
        out, _ = self._process.communicate("")
        return int(out)


@contextmanager
def target(*arguments: str) -> Iterator[Target]:
    """Give a target for a while."""
    running = Target(*arguments)
    try:
        yield running
    finally:
        if running._process.poll() is None:  # noqa: SLF001 - its own module
            running.end()


def play(steps: Steps, address: Address, pacing: Pacing, *, attentive: bool = True) -> Result:
    """Play the clients of *steps* and return what came of it."""
    player = Player(plan_clients(steps), pacing, Masks(), attentive=attentive)
    began = time.perf_counter()
    asyncio.run(play_clients(player, address, Rig()))
    return result_of(player, Masks(), time.perf_counter() - began)


# ---------------------------------------------------------------- tokens


class Client:
    """A client that is recorded: hello, then messages with the token it was given."""

    def __init__(self, number: int, records: list[Record]) -> None:
        self._number = number
        self._records = records

    async def talk(self, address: Address) -> None:
        """Say everything, with pauses for thought."""
        chance = random.Random(self._number)
        reader, writer = await asyncio.open_connection(address.host, address.port)
        self._note(Kind.OPEN)
        self._say(writer, {"type": "hello", "nick": f"client{self._number:03}"})
        token = (await self._hear(reader))["token"]
        for turn in range(EACH):
            await asyncio.sleep(chance.uniform(0.02, 0.12))
            words = {"nick": f"client{self._number:03}", "message": f"{turn} of {self._number}"}
            self._say(writer, {"type": "chat", "key": token, **words})
            await self._hear(reader)
        self._note(Kind.CLOSE)
        writer.close()

    def _say(self, writer: asyncio.StreamWriter, value: dict[str, str]) -> None:
        data = frame(codec.write_json(value))
        writer.write(data)
        self._note(Kind.DATA, data)

    async def _hear(self, reader: asyncio.StreamReader) -> dict[str, str]:
        data = await reader.read(65536)
        self._note(Kind.DATA, data, Direction.TO_CLIENT)
        value: dict[str, str] = codec.read_json(Deframer().feed(data)[0])
        return value

    def _note(self, kind: Kind, data: bytes = b"", way: Direction = Direction.TO_SERVER) -> None:
        self._records.append(Record(time.time_ns(), self._number, kind, way, data))


def record_tokens(address: Address) -> Steps:
    """Return a recording of the token clients."""
    records: list[Record] = []

    async def everybody() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(1, CLIENTS + 1):
                group.create_task(Client(number, records).talk(address))

    asyncio.run(everybody())
    return read_steps(records)


def tokens() -> int:
    """Print how many messages are accepted; return 1 where causal order loses one."""
    with target("tokens") as recorded:
        steps = record_tokens(recorded.address)
    rows, lost = [], 0
    for speed in (1, 5, 20):
        cells: list[object] = [f"x{speed}"]
        for order in (Order.TIMED, Order.CAUSAL):
            running = Target("tokens")
            result = play(steps, running.address, Pacing(order, speed))
            accepted = running.end()
            cells += [accepted, f"{result.seconds:.2f} s"]
            lost += order is Order.CAUSAL and accepted != CLIENTS * EACH
        rows.append(cells)
    span = (steps.steps[-1].at - steps.steps[0].at) / NS
    heading(f"{CLIENTS * EACH} messages with tokens, recorded in {span:.2f} s, replayed")
    table(["pace", "by the clock: accepted", "took", "causal: accepted", "took"], rows)
    return int(lost > 0)


# ---------------------------------------------------------------- timed


def metronome(rate: int, seconds: int) -> Steps:
    """Return a recording of *rate* packets a second, by turns on ``LINES`` connections."""
    data = frame(b'{"type":"chat","message":"tick"}')
    records = [Record(START, conn, Kind.OPEN, Direction.TO_SERVER) for conn in range(1, LINES + 1)]
    for turn in range(rate * seconds):
        at = START + NS // 5 + turn * NS // rate
        records.append(Record(at, turn % LINES + 1, Kind.DATA, Direction.TO_SERVER, data))
    return read_steps(records)


def timed(*, quick: bool) -> int:
    """Print how late packets leave; return 1 where p99 is 5 ms or more, or it drifts."""
    seconds = 1 if quick else SECONDS
    steps = metronome(RATE, seconds)
    with target("sink") as sink:
        pacing = Pacing(Order.TIMED, settle=0.0)
        lags = play(steps, sink.address, pacing, attentive=False).lags
    tenth = len(lags) // 10
    drift = statistics.median(lags[-tenth:]) - statistics.median(lags[:tenth])
    heading(f"{len(lags):,} packets by the clock, {RATE:,} a second for {seconds} s")
    values = [*(percentile(lags, share) for share in (0.5, 0.9, 0.99)), max(lags), drift]
    names = ["p50", "p90", "p99", "latest", "drift (last tenth against first)"]
    table(["left late by", *names], [["", *(f"{value * 1e3:.2f} ms" for value in values)]])
    return int(values[2] >= 0.005 or abs(drift) >= 0.002)


# ---------------------------------------------------------------- max


def pipeline(messages: int) -> Steps:
    """Return a recording of one writer who says *messages*, and of readers who hear them."""
    say = frame(codec.write_json({"type": "chat", "message": "x" * 100}))
    hear = frame(codec.write_json({"type": "chat", "nick": "writer", "message": "x" * 100}))
    nicks = ["writer", *(f"reader{number}" for number in range(READERS))]
    records, at = [], START
    for conn, nick in enumerate(nicks, 1):
        hello = frame(codec.write_json({"type": "hello", "nick": nick}))
        records.append(Record(at, conn, Kind.OPEN, Direction.TO_SERVER))
        records.append(Record(at, conn, Kind.DATA, Direction.TO_SERVER, hello))
    for _ in range(messages):
        at += 1
        records.append(Record(at, 1, Kind.DATA, Direction.TO_SERVER, say))
        records += [
            Record(at, conn, Kind.DATA, Direction.TO_CLIENT, hear)
            for conn in range(1, len(nicks) + 1)
        ]
    return read_steps(records)


def by_player(messages: int) -> float:
    """Return the messages a second of our player."""
    steps = pipeline(messages)
    with Chatctl("--no-history") as served:
        pacing = Pacing(Order.MAX, settle=0.0, timeout=10.0)
        player = Player(plan_clients(steps), pacing, Masks(), attentive=False)
        asyncio.run(play_clients(player, Address(*served.address), Rig()))
    received = sum(track.received for track in player.tracks.values())
    return received / (READERS + 1) / player.elapsed


def by_generator(messages: int) -> float:
    """Return the messages a second of the load generator, which only counts: the ceiling."""
    with Chatctl("--no-history") as served:
        crowd = Crowd(served.address)
        crowd.join(served.reader(number) for number in range(READERS))
        (writer,) = crowd.join([served.writer(0)])
        crowd.settle()
        message = served.say("x" * 100)
        crowd.learn(writer, message)
        crowd.expect(lambda size: served.delivered(size, messages))
        start = time.perf_counter()
        crowd.send(writer, message * messages)
        end = crowd.wait()
        crowd.close()
    return messages / (end - start)


def flat_out(count: int, *, quick: bool) -> int:
    """Print how fast messages go through; informative."""
    messages = MESSAGES // 10 if quick else MESSAGES
    ways = {"replay --order max": by_player, "load generator": by_generator}
    rates = {
        name: statistics.median(way(messages) for _ in range(count)) for name, way in ways.items()
    }
    heading(f"{messages:,} messages of 100 octets to {READERS} readers and their writer, no pauses")
    ceiling = rates["load generator"]
    rows = [[name, f"{rate:,.0f}", f"{rate / ceiling:.2f}"] for name, rate in rates.items()]
    table(["sender", "messages a second", "of the ceiling"], rows)
    return 0


def main() -> int:
    """Print what was asked for; return 1 where a target is missed."""
    chosen = options(__doc__)
    wanted = chosen.only or ["tokens", "timed", "max"]
    failed = 0
    if "tokens" in wanted:
        failed += tokens()
    if "timed" in wanted:
        failed += timed(quick=chosen.quick)
    if "max" in wanted:
        failed += flat_out(chosen.rounds, quick=chosen.quick)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
