"""How things end: a fault of ours for one peer, SIGTERM under load, links that are half open."""

import asyncio
import os
import signal
import socket

import pytest

from chatctl.session.server import hub as hubs
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Bye, Chat, Enter, Hello, Leave, Ping, Pong, Say, Welcome
from tests.peers.authors import Author
from tests.peers.guests import Guest, served, talk
from tests.peers.processes import Process


async def test_a_fault_of_ours_ends_one_peer_with_an_incident_and_nobody_else(monkeypatch, caplog):
    obey = hubs.obey

    def planted(house, peer, run):
        if any(getattr(packet, "message", "") == "the magic word" for packet in run):
            raise ZeroDivisionError
        obey(house, peer, run)

    monkeypatch.setattr(hubs, "obey", planted)
    async with served() as running:
        alice, bob = [await Guest.join(running, nick) for nick in ("alice", "bob")]
        for version in (0, 1):
            mallory = await Guest.join(running, "mallory", version)
            await mallory.say("the magic word")
            heard = await mallory.end()
            await alice.until(lambda _, n=version + 1: alice.heard.count(Leave("mallory")) == n)
        await talk(alice, bob, "after")

    assert isinstance(heard[-1], Bye)
    assert heard[-1].code == "internal"
    incidents = [r for r in caplog.records if r.message == "incident"]
    assert len(incidents) == 2
    assert incidents[1].fields["incident"] in heard[-1].reason


async def test_a_fault_of_ours_in_one_room_costs_the_other_rooms_nothing(monkeypatch, caplog):
    spread = hubs.spread

    def planted(house, room):
        if room.name == "cursed":
            raise ZeroDivisionError
        yield from spread(house, room)

    monkeypatch.setattr(hubs, "spread", planted)
    async with served() as running:
        alice = await Guest.join(running, "alice", 1)
        bob = await Guest.join(running, "bob", 1)
        await alice.send(Enter("cursed"), Say("into the void", "cursed"))
        await talk(alice, bob, "after")

    assert "incident" in [record.message for record in caplog.records]


async def test_a_fault_of_ours_in_what_was_held_back_ends_its_peer(monkeypatch, caplog):
    obey = hubs.obey

    def planted(house, peer, run):
        if getattr(run[0], "message", "") == "the magic word":
            raise ZeroDivisionError
        obey(house, peer, run)

    monkeypatch.setattr(hubs, "obey", planted)
    async with served(loopback_limits=True, rate_burst=1, rate=20) as running:
        mallory, bob = [await Guest.join(running, nick, 1) for nick in ("mallory", "bob")]
        await mallory.send(Say("one"), Say("the magic word"))
        heard = await mallory.end()
        await bob.say("after")
        await bob.hears("after")

    assert heard[-1].code == "internal"
    assert [r.message for r in caplog.records].count("incident") == 1


def test_sighup_ends_it_only_if_its_terminal_has_gone():
    window, terminal = os.openpty()
    server = Process("--no-history", stdin=terminal)
    os.close(terminal)
    alice = Author(server.port, "alice")
    assert isinstance(next(alice.packets()), Welcome)
    server.process.send_signal(signal.SIGHUP)
    alice.sock.sendall(encode_frame(Ping("1")))
    assert Pong("1") in alice.packets()

    os.close(window)
    server.process.send_signal(signal.SIGHUP)
    assert any(isinstance(packet, Bye) for packet in alice.packets())
    alice.sock.close()
    assert server.ended()[0] == 0


@pytest.mark.parametrize("history", [True, False])
def test_sigterm_under_load_says_goodbye_and_keeps_what_it_acknowledged(tmp_path, history):
    options = ["--history", str(tmp_path / "history")] if history else ["--no-history"]
    server = Process(*options)
    alice = Author(server.port, "alice")
    alice.sock.sendall(b"".join(encode_frame(Say(f"{n}", id=f"{n}")) for n in range(3000)))
    heard = []
    for packet in alice.packets():
        heard.append(packet)
        if len(heard) == 100:
            server.process.terminate()
    alice.sock.close()
    status, _ = server.ended()

    assert status == 0
    assert isinstance(heard[-1], Bye)
    assert (heard[-1].code, heard[-1].retry_after > 0) == ("shutdown", True)
    if history:
        server = Process(*options)
        bob = Author(server.port, "bob")
        kept = bob.history()
        bob.sock.close()
        server.kill()
        acknowledged = {packet.seq: packet.message for packet in heard if isinstance(packet, Chat)}
        assert acknowledged.items() <= kept.items()


async def test_a_peer_that_never_speaks_is_let_go():
    async with served(hello_timeout=0.5) as running:
        alice = await Guest.join(running, "alice")
        silent = await Guest.connect(running)
        assert await silent.end() == []
        await talk(alice, await Guest.join(running, "bob"), "after")


async def test_a_hello_in_drips_is_let_go_of_when_its_time_is_up():
    async with served(hello_timeout=0.5) as running:
        dripping = await Guest.connect(running)
        octets = encode_frame(Hello("drip" * 8))
        with pytest.raises(ConnectionError):  # noqa: PT012 - until the server has had enough
            while True:
                for octet in octets[:-1]:
                    await dripping.write(bytes([octet]))
                    assert running.server.hub.house.counters.messages == 0
                    await turn(running)
                await dripping.end()
                raise ConnectionResetError


async def turn(running):
    """Let the server have as many passes as there are octets under way."""
    await asyncio.sleep(0.02)


async def test_a_frame_in_drips_ends_a_peer_and_its_words_are_never_said():
    async with served(frame_timeout=0.5) as running:
        alice = await Guest.join(running, "alice")
        dripping = await Guest.join(running, "drip")
        await dripping.write(encode_frame(Say("never whole"))[:-1])
        await dripping.end()
        await alice.until(lambda packet: packet == Leave("drip"))
        assert alice.texts() == []


async def test_a_half_open_link_is_pinged_and_given_up():
    async with served(ping_after=0.1, dead_after=3) as running:
        alice = await Guest.join(running, "alice")
        gone = await Guest.join(running, "gone", 1)
        heard = await gone.end()
        assert any(isinstance(packet, Ping) for packet in heard)
        assert heard[-1].code == "ping-timeout"
        await alice.until(lambda packet: packet == Leave("gone"))


async def test_a_peer_that_half_closes_is_told_what_was_under_way():
    async with served() as running:
        alice = await Guest.join(running, "alice")
        await alice.say("last words")
        alice.sock.shutdown(socket.SHUT_WR)
        await alice.end()
        assert "last words" in alice.texts()
