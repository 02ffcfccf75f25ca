"""The tap passes octets, ends and resets on, byte for byte, and records them."""

import asyncio
import contextlib
import random
import re
import socket
import ssl
from dataclasses import replace

import pytest
import trustme

from chatctl.capture.chaos import NO_CHAOS, Chaos, Disturber, parse_chaos
from chatctl.capture.config import RecordConfig
from chatctl.capture.reading.reader import ReadOptions, read_records
from chatctl.capture.record import Kind
from chatctl.capture.writing.recorder import open_recorder
from chatctl.errors import LinkError, UsageError
from chatctl.transport.address import Address
from chatctl.transport.dialling import why
from chatctl.transport.sockets import leads_to
from chatctl.transport.tap import TapConfig, WireTap
from chatctl.wire.packets import Direction
from tests.peers.answering import answering

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


@contextlib.asynccontextmanager
async def tapped(tmp_path, handle, *, chaos=NO_CHAOS, serving=None, calling=None, host=""):
    """Run a server that does *handle* and a tap before it; yield the tap's port."""
    recorder = open_recorder(RecordConfig(str(tmp_path / "tap.pcapng")), side="tap")
    ready = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    async with (
        asyncio.timeout(30),
        answering(handle, ssl=calling and calling[0]) as there,
        asyncio.TaskGroup() as group,
    ):
        there = replace(there, host=host or there.host)
        config = TapConfig(Address("127.0.0.1", 0), there, chaos, serving, calling and calling[1])
        group.create_task(WireTap(config, recorder).run(ready.set_result, stop))
        yield int((await ready).rpartition(":")[2])
        stop.set()
    recorder.close()


@pytest.fixture
def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def echo(reader, writer):
    while data := await reader.read(1000):
        writer.write(data)
    writer.close()


async def through(port, data, context=None):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    writer.write(data)
    if context is None:
        writer.write_eof()
        back = await reader.read()
    else:
        back = await reader.readexactly(len(data))
    writer.close()
    return back


def recorded(tmp_path, direction):
    records = list(read_records(tmp_path / "tap.pcapng"))
    return b"".join(record.data for record in records if record.direction is direction)


async def test_a_megabyte_passes_unchanged_and_is_recorded(tmp_path):
    data = random.Random(1).randbytes(1 << 20)
    async with tapped(tmp_path, echo) as port:
        assert await through(port, data) == data

    assert recorded(tmp_path, UP) == recorded(tmp_path, DOWN) == data


async def test_fragments_and_waits_change_no_octet(tmp_path):
    data = random.Random(2).randbytes(2000)
    chaos = parse_chaos("fragment=1..9,coalesce=1ms,latency=0s..0.1ms,bandwidth=100M")
    async with tapped(tmp_path, echo, chaos=chaos) as port:
        assert await through(port, data) == data

    assert recorded(tmp_path, DOWN) == data


async def test_a_reset_arrives_as_a_reset(tmp_path):
    async with tapped(tmp_path, echo, chaos=Chaos(reset=1.0)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello")
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        writer.close()

    last = list(read_records(tmp_path / "tap.pcapng", ReadOptions()))[-1]
    assert (last.kind, last.reset, last.note) == (Kind.CLOSE, True, "reset by the tap")


async def test_tls_on_either_side(tmp_path):
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with tapped(tmp_path, echo, serving=serving, calling=(serving, trusting)) as port:
        assert await through(port, b"secret words", trusting) == b"secret words"

    assert recorded(tmp_path, UP) == b"secret words"


async def test_no_server_resets_the_client(tmp_path):
    config = TapConfig(Address("127.0.0.1", 0), Address(path=str(tmp_path / "nobody")))
    recorder = open_recorder(RecordConfig(str(tmp_path / "tap.pcapng")), side="tap")
    ready, stop = asyncio.get_running_loop().create_future(), asyncio.Event()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(WireTap(config, recorder).run(ready.set_result, stop))
        reader, writer = await asyncio.open_connection(*(await ready).split(":"))
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        writer.close()
        stop.set()
    recorder.close()

    last = list(read_records(tmp_path / "tap.pcapng"))[-1]
    assert last.note == "no server: No such file or directory"


async def test_the_server_is_recorded_as_the_address_that_was_called(tmp_path):
    async with tapped(tmp_path, echo, host="localhost") as port:
        await through(port, b"hello")

    opened = next(read_records(tmp_path / "tap.pcapng"))
    assert opened.client.startswith("127.0.0.1:")
    assert opened.server.startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("listen", "target"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "localhost"),
        ("0.0.0.0", "127.0.0.1"),
        ("0.0.0.0", "localhost"),
    ],
)
async def test_a_tap_that_would_call_itself_is_refused(tmp_path, unused_port, listen, target):
    recorder = open_recorder(RecordConfig(str(tmp_path / "tap.pcapng")), side="tap")
    wire = WireTap(TapConfig(Address(listen, unused_port), Address(target, unused_port)), recorder)

    with pytest.raises(UsageError, match="would call itself"):
        await wire.run(print, asyncio.Event())


async def test_a_tap_on_the_servers_own_socket_is_refused_and_leaves_it(tmp_path):
    path = tmp_path / "chat.sock"
    recorder = open_recorder(RecordConfig(str(tmp_path / "tap.pcapng")), side="tap")
    async with await asyncio.start_unix_server(echo, path):
        wire = WireTap(TapConfig(Address(path=str(path)), Address(path=str(path))), recorder)
        with pytest.raises(UsageError, match="would call itself"):
            await wire.run(print, asyncio.Event())
        assert path.is_socket()


async def test_the_same_port_of_another_address_is_another_server(tmp_path, unused_port):
    there = Address("127.0.0.2", unused_port)
    async with await asyncio.start_server(echo, there.host, there.port):
        names = [("127.0.0.1", unused_port)]
        assert not await leads_to(there, names)
        assert await leads_to(there, [*names, ("127.0.0.2", unused_port)])


def test_why_nobody_was_reached_at_several_addresses():
    refused = "[Errno 111] Connect call failed ('::1', 1, 0, 0)"

    assert why(OSError(f"Multiple exceptions: {refused}, {refused}")) == "Connection refused"


async def test_an_address_in_use_is_a_link_error(tmp_path):
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    recorder = open_recorder(RecordConfig(str(tmp_path / "tap.pcapng")), side="tap")
    wire = WireTap(TapConfig(Address("127.0.0.1", port), Address()), recorder)
    async with server:
        with pytest.raises(LinkError, match="cannot listen"):
            await wire.run(print, asyncio.Event())


def test_the_same_seed_disturbs_the_same_way():
    chaos = parse_chaos("fragment=1..7,corrupt=0.1,latency=1ms..9ms,seed=5")
    data = bytes(range(200))

    def outcome(conn):
        return list(Disturber(chaos, conn, UP).pieces(data))

    assert outcome(1) == outcome(1) != outcome(2)
    assert b"".join(piece.data for piece in outcome(1)) != data


@pytest.mark.parametrize(
    "text",
    [
        *("lag=1s", "latency", "fragment=0", "fragment=3..1", "corrupt=2", "reset=x"),
        *("bandwidth=0", "latency=80ms..20ms", "seed=1,seed=2"),
    ],
)
def test_unknown_faults_are_refused(text):
    with pytest.raises(UsageError):
        parse_chaos(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("latncy=1s", "no such fault: 'latncy'; did you mean 'latency'?"),
        ("lag=1s", "no such fault: 'lag'; there are latency, bandwidth"),
        ("latency", "latency needs a value"),
    ],
)
def test_what_is_refused_is_told_from_what_there_is(text, complaint):
    with pytest.raises(UsageError, match=re.escape(complaint)):
        parse_chaos(text)
