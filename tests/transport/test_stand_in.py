"""As the server for a client, and between a client and a server, over real sockets."""

import asyncio
import math

import pytest

from chatctl import node
from chatctl.capture.record import Kind, Record
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.pace import Pacing
from chatctl.capture.replay.plan import plan_clients, plan_server
from chatctl.capture.replay.player import Player
from chatctl.capture.replay.result import result_of
from chatctl.capture.replay.shape import parse_rewrite, retold
from chatctl.capture.replay.steps import read_steps
from chatctl.capture.replay.unmatched import OnUnmatched
from chatctl.transport.address import Address
from chatctl.transport.between import Ears, compare_between
from chatctl.transport.stage import Rig, play_clients
from chatctl.transport.stand_in import Reception, play_server
from chatctl.wire import codec
from chatctl.wire.framing import frame
from chatctl.wire.packet import Direction

ANYWHERE = Address("127.0.0.1", 0)
PACE = Pacing(speed=math.inf, timeout=10.0)
HASTY = Pacing(speed=math.inf, timeout=0.5)
WATCHING = Pacing(watching=True)


def record(conn, kind, value=None, *, back=False):
    data = frame(codec.write_json(value)) if value else b""
    return Record(0, conn, kind, Direction.TO_CLIENT if back else Direction.TO_SERVER, data)


def talk():
    alice = {"type": "join", "nick": "alice"}
    chat = {"type": "chat", "nick": "alice", "message": "hi"}
    return [
        record(1, Kind.OPEN),
        record(1, Kind.DATA, {"type": "hello", "nick": "alice"}),
        record(1, Kind.DATA, alice, back=True),
        record(1, Kind.DATA, {"type": "chat", "message": "hi"}),
        record(1, Kind.DATA, chat, back=True),
        record(1, Kind.CLOSE),
    ]


def clients(change=None):
    plan = plan_clients(read_steps(talk()))
    return Player(retold(plan, parse_rewrite(change)) if change else plan, PACE, Masks())


async def meet(server, client):
    """Run *server* until it listens, then *client* against it; wait for both."""
    listening = asyncio.get_running_loop().create_future()
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(server(lambda addresses: listening.set_result(addresses[0])))
        await play_clients(client, await listening, Rig())
    return result_of(client, Masks(), 0.0)


async def stand_in(client, **reception):
    player = Player(
        plan_server(read_steps(talk())),
        HASTY if "unmatched" in reception else PACE,
        Masks(),
        lenient=reception.get("unmatched", OnUnmatched.CLOSEST) is OnUnmatched.CLOSEST,
    )

    async def serve(told):
        await play_server(player, Rig(), Reception(ANYWHERE, listening=told, **reception))

    theirs = await meet(serve, client)
    return result_of(player, Masks(), 0.0), theirs


async def test_the_server_of_a_recording_satisfies_its_clients():
    ours, theirs = await stand_in(clients())

    assert ours.same
    assert theirs.same
    assert (ours.sent, ours.received) == (2, 2)


async def test_another_client_is_answered_by_its_own_words_and_the_difference_named():
    told = []
    ours, theirs = await stand_in(
        clients("message=s/hi/ho/"), heard=lambda line, payload, item: told.append(item is not None)
    )

    [change] = ours.lines[0].comparison.changed
    assert [(each.path, each.recorded, each.now) for each in change.differences] == [
        ("message", "hi", "ho")
    ]
    assert theirs.same
    assert told == [True, True]


@pytest.mark.parametrize("policy", [OnUnmatched.IGNORE, OnUnmatched.ERROR, OnUnmatched.CLOSE])
async def test_policies_for_what_was_not_recorded(policy):
    ours, theirs = await stand_in(clients("message=s/hi/ho/"), unmatched=policy)

    assert not ours.same
    types = [heard.type for heard in theirs.heard]
    assert types[0] == "join"
    assert ("error" in types) is (policy is OnUnmatched.ERROR)


async def test_it_ends_when_nobody_comes():
    player = Player(plan_server(read_steps(talk())), PACE, Masks())

    async with asyncio.timeout(10):
        await play_server(player, Rig(), Reception(ANYWHERE, patience=0.05))

    assert player.failure == "nobody came within 0.05 s"


async def between(client, *, recorded=None):
    steps = read_steps(recorded or talk())
    told = []
    ears = Ears(
        Player(plan_clients(steps), WATCHING, Masks()),
        Player(plan_server(steps), WATCHING, Masks()),
        lambda line, direction, payload, item: told.append((direction, item)),
    )
    async with node.serving(node.NodeConfig(listen=(ANYWHERE,))) as served:

        async def serve(listening):
            await compare_between(ears, ANYWHERE, served.addresses[0], Rig(), listening)

        await meet(serve, client)
    answers = result_of(ears.answers, Masks(), 0.0)
    return answers, result_of(ears.questions, Masks(), 0.0), told


async def test_between_a_client_and_a_server_nothing_differs():
    answers, questions, told = await between(clients())

    assert answers.same
    assert questions.same
    assert (answers.matched, questions.matched) == (2, 2)
    assert len(told) == 4
    assert len(answers.latencies) == 2


async def test_between_them_each_sides_differences_are_named():
    recorded = talk()
    join = {"type": "join", "nick": "alice", "host": "here"}
    recorded[2] = record(1, Kind.DATA, join, back=True)

    answers, questions, _ = await between(clients("message=s/hi/ho/"), recorded=recorded)

    changed = answers.lines[0].comparison.changed
    assert [each.path for change in changed for each in change.differences] == ["host", "message"]
    assert questions.changed == 1
