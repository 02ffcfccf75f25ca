import asyncio
import contextlib

import pytest

from chatctl import node
from chatctl.capture.record import Tap
from chatctl.session.client.events import (
    Delivery,
    LinkLost,
    Negotiated,
    Receipt,
    Reconnecting,
    Said,
)
from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import ClientSettings, Phase
from chatctl.transport.address import Address
from chatctl.transport.client import Client
from chatctl.transport.dialling import Route
from chatctl.wire.packets import Direction
from tests.peers.strangers import Stranger, listening, reset


class Front:
    """What a front does: keeps the events, waits for one."""

    def __init__(self, address, **settings):
        tap = settings.pop("tap", Tap())
        usual = {"nick": "alice", "nonce": "x", "jitter": lambda: 0.5, "track": False}
        self.session = ClientSession(ClientSettings(**(usual | {"echo": 0.2} | settings)))
        self.client = Client(self.session, Route(address, tap=tap))
        self.seen = []

    async def __aenter__(self):
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self._tasks.create_task(self.client.run())
        self._news = self.client.events()
        return self

    async def __aexit__(self, *error):
        self.client.close()
        await self._tasks.__aexit__(*error)

    async def until(self, wanted):
        """Read events until one makes *wanted* true; return it."""
        async with asyncio.timeout(20):
            for event in self.seen:
                if wanted(event):
                    return event
            async for batch in self._news:
                self.seen += batch
                for event in batch:
                    if wanted(event):
                        return event
        raise AssertionError(f"over, and never so: {self.seen}")


def is_a(*kinds):
    return lambda event: isinstance(event, kinds)


def became(state):
    return lambda event: isinstance(event, Receipt) and event.state is state


@contextlib.asynccontextmanager
async def serving():
    async with node.serving(node.NodeConfig(listen=(Address("127.0.0.1", 0),))) as server:
        yield server


async def test_words_are_confirmed_by_a_server_of_ours():
    async with serving() as server, Front(server.addresses[0]) as front:
        key = front.client.say("hi")
        assert (await front.until(became(Delivery.CONFIRMED))).id == key
        assert (await front.until(is_a(Negotiated))).extended


@pytest.mark.parametrize(
    "manners",
    [{}, {"drip": True}, {"joins": False, "drip": True}],
    ids=["plain", "octet by octet", "tells of no joins"],
)
async def test_words_are_confirmed_by_a_stranger(manners):
    async with Stranger(**manners) as server:
        async with Front(Address("127.0.0.1", server.port), grace=0.2) as front:
            front.client.say("hi")
            front.client.say("there")
            await front.until(lambda e: became(Delivery.CONFIRMED)(e) and e.id == "x-2")
        assert server.heard[1:] == [{"type": "chat", "message": m} for m in ("hi", "there")]
        assert (server.ends, server.died) == (["end"], None)


async def test_a_stranger_that_never_echoes_is_had_out_and_not_doubled():
    async with Stranger(echo=False) as server:
        async with Front(Address("127.0.0.1", server.port)) as front:
            front.client.say("hi")
            await front.until(became(Delivery.SENT))
            assert [e.text for e in front.seen if isinstance(e, Said)] == ["hi"]
        assert server.died is None


async def test_a_refused_connection_is_told_in_words():
    with listening() as listener:
        address = Address("127.0.0.1", listener.getsockname()[1])
    async with Front(address) as front:
        lost = await front.until(is_a(LinkLost))
    assert lost.reason == f"cannot connect to {address}: Connection refused"
    assert front.session.phase is Phase.OVER


async def test_a_reset_before_any_word_is_the_end():
    with listening() as listener:
        async with Front(Address("127.0.0.1", listener.getsockname()[1])) as front:
            await asyncio.to_thread(reset, listener)
            lost = await front.until(is_a(LinkLost))
    assert lost.reason.endswith("Connection reset by peer")
    assert not lost.ever


async def test_the_link_is_made_again_after_a_restart():
    async with serving() as server:
        address = server.addresses[0]
        front = await Front(address).__aenter__()
        await front.until(is_a(Negotiated))
    await front.until(is_a(LinkLost))
    key = front.client.say("said without a link")
    async with node.serving(node.NodeConfig(listen=(address,))):
        await front.until(is_a(Reconnecting))
        front.client.try_now()
        assert (await front.until(became(Delivery.CONFIRMED))).id == key
        await front.__aexit__(None, None, None)


async def test_a_unix_socket_will_do(tmp_path):
    address = Address(host="", port=0, path=str(tmp_path / "chat"))
    async with node.serving(node.NodeConfig(listen=(address,))), Front(address) as front:
        assert (await front.until(is_a(Negotiated))).extended


class Tape(Tap):
    def __init__(self):
        self.seen = []

    def opened(self, conn, client, server):
        self.seen.append(("opened", server))

    def joined(self, conn, client, server, nick=""):
        self.seen.append(("joined", server, nick))

    def crossed(self, conn, direction, data):
        self.seen.append((direction, data))

    def closed(self, conn, direction, reason, *, reset=False):
        self.seen.append(("closed", direction))


async def test_the_tap_sees_every_frame_whole_and_both_ends():
    tape = Tape()
    async with Stranger() as server:
        address = Address("127.0.0.1", server.port)
        async with Front(address, tap=tape, base=True) as front:
            front.client.say("hi")
            await front.until(became(Delivery.CONFIRMED))
    assert tape.seen[0] == ("opened", str(address))
    to_server = [data for way, data in tape.seen if way is Direction.TO_SERVER]
    assert to_server[0] == b'\x00\x1f{"type":"hello","nick":"alice"}'
    assert [int.from_bytes(data[:2], "big") + 2 for data in to_server] == list(map(len, to_server))
    assert tape.seen[-2:] == [("closed", Direction.TO_SERVER), ("closed", Direction.TO_CLIENT)]


async def test_a_tap_that_comes_later_is_told_whose_link_it_is():
    tape = Tape()
    async with Stranger() as server:
        address = Address("127.0.0.1", server.port)
        async with Front(address, base=True) as front:
            await front.until(is_a(Negotiated))
            front.client.tap_with(tape, lambda: None)
            front.client.say("hi")
            await front.until(became(Delivery.CONFIRMED))
    assert tape.seen[0] == ("joined", str(address), "alice")
    assert tape.seen[1][0] is Direction.TO_SERVER
