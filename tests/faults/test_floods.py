"""Too much of something: words, joins, connections, open files."""

import asyncio
import contextlib
import resource
import socket

import pytest

from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Error, Hello, Join, Leave, Say
from tests.peers.guests import Guest, served, talk
from tests.peers.processes import Process


async def test_a_flooder_is_slowed_down_and_the_others_are_not():
    async with served(loopback_limits=True, rate_burst=5, rate=50, rate_delay=60) as running:
        alice, bob = [await Guest.join(running, nick) for nick in ("alice", "bob")]
        flooder = await Guest.join(running, "flooder")
        await flooder.write(encode_frame(Say("flood")) * 40)
        await talk(alice, bob, "in between")
        await alice.until(lambda _: alice.texts().count("flood") == 40)
        assert running.server.hub.house.counters.delayed > 0


async def test_an_extended_flooder_is_refused_in_the_end_and_told_when_to_come_back():
    async with served(loopback_limits=True, rate_burst=2, rate=1, rate_delay=0.2) as running:
        flooder = await Guest.join(running, "flooder", 1)
        for number in range(6):
            await flooder.say("flood", str(number))
        refusal = await flooder.until(lambda packet: isinstance(packet, Error))

        assert refusal.code == "rate-limited"
        assert refusal.id
        assert refusal.retry_after > 0


async def test_a_storm_of_joins_ends_with_everybody_told_of_everybody():
    async with served() as running:
        guests = [await Guest.connect(running) for _ in range(150)]
        for number, guest in enumerate(guests):
            await guest.send(Hello(f"guest{number}"))
        first = guests[0]
        await first.until(lambda _: sum(isinstance(p, Join) for p in first.heard) == 150)
        for guest in guests[1:]:
            guest.reset()
        await first.until(lambda _: sum(isinstance(p, Leave) for p in first.heard) == 149)
        assert running.server.hub.house.peers.keys() == running.server.links.keys()


async def test_connections_beyond_the_limit_are_let_go_at_once():
    async with served(connections=5) as running:
        alice, bob = [await Guest.join(running, nick) for nick in ("alice", "bob")]
        crowd = [await Guest.connect(running) for _ in range(40)]
        for guest in crowd[3:]:
            assert await guest.end() == []
        await talk(alice, bob, "meanwhile")
        for guest in crowd:
            guest.reset()
        await alice.until(lambda packet: True)
        carol = await until_let_in(running)
        await talk(alice, carol, "afterwards")


async def until_let_in(running):
    while True:
        try:
            return await Guest.join(running, "carol")
        except (EOFError, ConnectionError):
            await asyncio.sleep(0)


async def test_connections_of_one_address_are_limited():
    async with served(loopback_limits=True, connections_per_address=3) as running:
        alice, bob = [await Guest.join(running, nick) for nick in ("alice", "bob")]
        await Guest.connect(running)
        fourth = await Guest.connect(running)
        assert await fourth.end() == []
        await talk(alice, bob, "after")


FILES = 100


@pytest.fixture
def short_of_files():
    """A server that may have a hundred files open, and is told to take more connections."""

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))

    server = Process("--no-history", "--limit-connections", "10000", preexec=limit)
    yield server
    server.terminate()


def test_a_server_out_of_files_serves_those_it_has_and_recovers(short_of_files):
    def connect():
        return socket.create_connection(("127.0.0.1", short_of_files.port), timeout=20)

    with connect() as alice:
        alice.sendall(encode_frame(Hello("alice")))
        assert b"alice" in alice.recv(1000)
        crowd = [connect() for _ in range(FILES + 20)]
        alice.sendall(encode_frame(Say("still here?")))
        assert b"still here?" in alice.recv(1000)
        for sock in crowd:
            sock.close()
        while not (bob_told := let_in(connect())):
            pass  # until the server has seen the crowd leave
        assert b"bob" in bob_told
        assert b"bob" in alice.recv(1000)
    assert "out of system resource" not in short_of_files.log


def let_in(sock):
    """Say hello as bob; return what comes back: nothing from a server that is full."""
    with sock, contextlib.suppress(ConnectionError):
        sock.sendall(encode_frame(Hello("bob")))
        return sock.recv(1000)
    return b""
