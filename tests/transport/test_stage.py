"""Playing over real sockets: the real server, and targets that misbehave. It always ends."""

import asyncio
import math

import pytest

from chatctl import node
from chatctl.capture.record import Kind, Record, Tap
from chatctl.capture.replay.faults import Faults, parse_fault
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.pace import Order, Pacing
from chatctl.capture.replay.plan import plan_clients
from chatctl.capture.replay.player import Player
from chatctl.capture.replay.result import result_of
from chatctl.capture.replay.shape import amplified
from chatctl.capture.replay.steps import read_steps
from chatctl.transport.address import Address
from chatctl.transport.stage import Rig, play_clients
from chatctl.wire import codec
from chatctl.wire.framing import frame
from chatctl.wire.packet import Direction
from tests.peers.answering import answering

MS = 1_000_000
ANYWHERE = Address("127.0.0.1", 0)
PATIENT = Pacing(speed=math.inf, timeout=10.0)
HASTY = Pacing(speed=math.inf, timeout=0.3)


def record(conn, kind, value=None, *, back=False):
    data = value if isinstance(value, bytes) else frame(codec.write_json(value)) if value else b""
    way = Direction.TO_CLIENT if back else Direction.TO_SERVER
    return Record(0, conn, kind, way, data)


def talk(words=("hello", "hi there")):
    """Alice and bob join by the base protocol, say words in turns, and leave."""
    alice, bob = {"type": "join", "nick": "alice"}, {"type": "join", "nick": "bob"}
    events = [
        (1, Kind.OPEN, None, False),
        (1, Kind.DATA, {"type": "hello", "nick": "alice"}, False),
        (1, Kind.DATA, alice, True),
        (2, Kind.OPEN, None, False),
        (2, Kind.DATA, {"type": "hello", "nick": "bob"}, False),
        (1, Kind.DATA, bob, True),
        (2, Kind.DATA, bob, True),
    ]
    for turn, word in enumerate(words):
        conn, nick = (1, "alice") if turn % 2 == 0 else (2, "bob")
        chat = {"type": "chat", "nick": nick, "message": word}
        events.append((conn, Kind.DATA, {"type": "chat", "message": word}, False))
        events += [(reader, Kind.DATA, chat, True) for reader in (1, 2)]
    events += [
        (2, Kind.CLOSE, None, False),
        (1, Kind.DATA, {"type": "leave", "nick": "bob"}, True),
        (1, Kind.CLOSE, None, False),
    ]
    return [record(conn, kind, value, back=back) for conn, kind, value, back in events]


def player_for(records, pacing=PATIENT, **more):
    plan = plan_clients(read_steps(records))
    if more.get("clients"):
        plan = amplified(plan, more["clients"])
    return Player(plan, pacing, Masks(), attentive=more.get("attentive", True))


async def against_node(player, rig=None):
    async with node.serving(node.NodeConfig(listen=(ANYWHERE,))) as served:
        async with asyncio.timeout(20):
            await play_clients(player, served.addresses[0], rig or Rig())
    return result_of(player, Masks(), 1.0)


async def against(handle, player, rig=None):
    """Play against a server that does *handle* with every connection."""
    async with answering(handle) as address, asyncio.timeout(20):
        await play_clients(player, address, rig or Rig())
    return result_of(player, Masks(), 1.0)


async def test_a_talk_comes_back_as_recorded():
    result = await against_node(player_for(talk()))

    assert result.same
    assert (result.sent, result.matched) == (4, 8)


async def test_at_once_many_companies_do_not_disturb_each_other():
    result = await against_node(player_for(talk(), clients=8))

    assert result.same
    assert (result.sent, result.matched) == (32, 64)
    assert sum(line.others for line in result.lines) > 0


async def test_everything_is_told_to_the_tap():
    class Ear(Tap):
        def __init__(self):
            self.told = []

        def opened(self, conn, client, server):
            self.told.append((conn, "opened"))

        def crossed(self, conn, direction, data):
            self.told.append((conn, direction, len(data)))

        def closed(self, conn, direction, reason, *, reset=False):
            self.told.append((conn, "closed", direction))

    ear = Ear()
    await against_node(player_for(talk()), Rig(tap=ear))

    sent = sum(told[2] for told in ear.told if told[1] is Direction.TO_SERVER)
    recorded = talk()
    assert sent == sum(len(r.data) for r in recorded if r.direction is Direction.TO_SERVER)
    assert {told[:2] for told in ear.told} >= {(1, "opened"), (2, "opened"), (2, "closed")}


@pytest.mark.parametrize(
    "fault",
    ["fragment=1:3", "fragment=1:1", "coalesce", "delay=1:5ms", "stall=0.5:10ms", "reorder=0"],
)
async def test_a_server_stands_faults_of_the_wire(fault):
    faults = Faults([parse_fault(fault)], seed=1)

    result = await against_node(player_for(talk()), Rig(faults=faults))

    assert result.same


async def test_a_fault_that_loses_something_is_seen():
    faults = Faults([parse_fault("drop=0.5")], seed=2)

    result = await against_node(player_for(talk(), HASTY), Rig(faults=faults))

    assert faults.counts["drop"]
    assert result.missing


async def test_counting_alone_at_full_speed():
    player = player_for(talk(), Pacing(Order.MAX, settle=0.05, timeout=1.0), attentive=False)

    result = await against_node(player)

    assert result.sent == 4
    assert result.received > 0
    assert not result.heard


async def silent(reader, writer):
    await reader.read()
    writer.close()


async def garbage(reader, writer):
    await reader.read(100)
    writer.write(frame(b"no json at all") + b"\xff\xffand a frame without end")
    await writer.drain()


async def hangs_up(reader, writer):
    await reader.read(100)
    writer.close()


async def resets(reader, writer):
    writer.transport.abort()


ENDINGS = {
    "never answers": (silent, "silent"),
    "answers garbage": (garbage, "malformed"),
    "hangs up": (hangs_up, "lost"),
    "resets": (resets, "lost"),
}


@pytest.mark.parametrize(("handle", "sign"), ENDINGS.values(), ids=ENDINGS)
async def test_it_ends_when_the_target(handle, sign):
    result = await against(handle, player_for(talk(), HASTY))

    assert getattr(result, sign)
    assert not result.same


async def test_it_ends_when_nobody_is_there():
    async with answering(silent) as address:
        pass
    player = player_for(talk())

    async with asyncio.timeout(10):
        await play_clients(player, address, Rig())

    assert player.failure == f"cannot connect to {address}: Connection refused"


async def test_it_ends_when_the_server_dies_midway():
    async def dies(reader, writer):
        await reader.read(100)
        writer.write(frame(b'{"type":"join","nick":"alice"}'))
        await reader.read(100)
        writer.transport.abort()

    player = player_for(talk([f"word {turn}" for turn in range(10)]), HASTY)
    async with answering(dies) as address, asyncio.timeout(10):
        await play_clients(player, address, Rig())

    result = result_of(player, Masks(), 1.0)
    assert result.lost
    assert result.skipped


async def test_a_target_that_never_reads_is_given_up():
    async def never_reads(reader, writer):
        reader._transport.pause_reading()
        await asyncio.Event().wait()

    words = ["x" * 60_000] * 400
    player = player_for(talk(words), Pacing(Order.MAX, timeout=0.2, settle=0.05))
    result = await against(never_reads, player)

    assert result.lost or result.skipped


async def test_pings_of_the_server_are_answered():
    ponged = asyncio.Event()

    async def pings(reader, writer):
        await reader.read(100)
        writer.write(frame(b'{"type":"ping","id":"7"}'))
        if b'{"type":"pong","id":"7"}' in await reader.read(100):
            ponged.set()
        writer.write(frame(b'{"type":"join","nick":"alice"}'))
        await reader.read()
        writer.close()

    records = talk()[:3]
    result = await against(pings, player_for(records))

    assert ponged.is_set()
    assert result.same


async def test_a_step_at_a_time():
    asked = []

    async def ask(line, move):
        asked.append((line.conn, move.step.type or move.step.act.value))

    player = player_for(talk(), Pacing(speed=math.inf, timeout=1.0, manual=True))
    result = await against_node(player, Rig(ask=ask))

    assert asked == [
        (1, "open"), (1, "hello"), (2, "open"), (2, "hello"),
        (1, "chat"), (2, "chat"), (2, "close"), (1, "close"),
    ]  # fmt: skip
    assert result.same
