"""Octets that no decent program sends: the one who sent them is dealt with, the chat goes on."""

import os
import random

import pytest

from chatctl.wire.codec import encode_frame
from chatctl.wire.framing import frame
from chatctl.wire.packets import Bye, Error, Hello, Leave, Say
from tests.peers.guests import Guest, served, talk

PEERS = 15 * int(os.environ.get("CHATCTL_SOAK", "4"))  # of random octets
HELLO = encode_frame(Hello("mallory"))
EXTENDED = encode_frame(Hello("mallory", 1))
TAIL = encode_frame(Say("never heard"))

ENDS_A_BASE_PEER = {
    "zero length": frame(b""),
    "not JSON": frame(b"hello"),
    "a list": frame(b"[]"),
    "deep nesting": frame(b"[" * 16_000),
    "not UTF-8": frame(b'{"type":"chat","message":"\xff"}'),
    "not UTF-8 beside": frame(b'{"type":"chat","message":"x","z":"\xff"}'),
    "a lone surrogate": frame(b'{"type":"chat","message":"\\ud800"}'),
    "NaN": frame(b'{"type":"chat","message":NaN}'),
    "a number for the message": frame(b'{"type":"chat","message":1}'),
    "no message": frame(b'{"type":"chat"}'),
    "no type": frame(b'{"message":"x"}'),
    "over the limit": frame(b'{"type":"chat","message":"' + b"x" * 20_000 + b'"}'),
    "announces over the limit": b"\xff\xff{",
    "a framed leave": frame(b'{"type":"leave","nick":"mallory"}'),
}
PASSED_OVER = {
    "unknown type": frame(b'{"type":"dance"}'),
    "second hello": HELLO,
    "of the extension": frame(b'{"type":"join","room":"ops"}'),
    "too long": frame(b'{"type":"chat","message":"' + b"x" * 5_000 + b'"}'),
}
TOLD = {
    "zero length": (frame(b""), "malformed"),
    "deep nesting": (frame(b"[" * 16_000), "malformed"),
    "a lone surrogate": (frame(b'{"type":"chat","message":"\\ud800"}'), "malformed"),
    "wrong type": (frame(b'{"type":"chat","message":1,"id":"7"}'), "malformed"),
    "number too large": (frame(b'{"type":"history","after":99999999999999999999}'), "malformed"),
    "unknown type": (frame(b'{"type":"dance","id":"7"}'), "unsupported"),
    "second hello": (EXTENDED, "out-of-turn"),
    "empty": (frame(b'{"type":"chat","message":""}'), "text-empty"),
    "too long": (frame(b'{"type":"chat","message":"' + b"x" * 5_000 + b'"}'), "text-too-long"),
    "bad room": (frame(b'{"type":"join","room":"a b"}'), "bad-room"),
    "bad nick": (frame(b'{"type":"nick","nick":"\\u202e"}'), "bad-nick"),
    "long id": (frame(b'{"type":"chat","message":"x","id":"' + b"7" * 65 + b'"}'), "bad-id"),
}
BEFORE_HELLO = {
    "words": encode_frame(Say("hi")),
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "zeros": bytes(100),
    "junk": bytes(range(256)),
    "nick is no text": frame(b'{"type":"hello","nick":7}'),
}


@pytest.mark.parametrize("octets", ENDS_A_BASE_PEER.values(), ids=ENDS_A_BASE_PEER)
async def test_a_base_peer_is_closed_without_a_word(octets):
    async with served() as running:
        alice, bob = [await Guest.join(running, nick) for nick in ("alice", "bob")]
        mallory = await Guest.join(running, "mallory")
        await mallory.write(octets + TAIL)
        heard = await mallory.end()
        await alice.until(lambda packet: packet == Leave("mallory"))
        await talk(alice, bob, "after")

        assert not any(isinstance(packet, Error | Bye) for packet in heard)
        assert "never heard" not in alice.texts()
        assert alice.heard.count(Leave("mallory")) == 1


@pytest.mark.parametrize("octets", PASSED_OVER.values(), ids=PASSED_OVER)
async def test_a_base_peers_lesser_faults_are_passed_over(octets):
    async with served() as running:
        alice = await Guest.join(running, "alice")
        mallory = await Guest.join(running, "mallory")
        await mallory.write(octets)
        await talk(mallory, alice, "still here")


@pytest.mark.parametrize(("octets", "code"), TOLD.values(), ids=TOLD)
async def test_an_extended_peer_is_told_and_stays(octets, code):
    async with served() as running:
        alice = await Guest.join(running, "alice")
        mallory = await Guest.join(running, "mallory", 1)
        await mallory.write(octets)
        await mallory.until(lambda packet: isinstance(packet, Error) and packet.code == code)
        await talk(mallory, alice, "still here")


@pytest.mark.parametrize("octets", BEFORE_HELLO.values(), ids=BEFORE_HELLO)
async def test_junk_before_the_hello_ends_the_connection(octets):
    async with served() as running:
        alice, bob = [await Guest.join(running, nick) for nick in ("alice", "bob")]
        junk = await Guest.connect(running)
        await junk.write(octets)
        try:
            await junk.end()
        except Exception:  # noqa: BLE001 - HTTP and TLS are answered by a line, not by a frame
            assert b"chatctl server" in junk.octets
        await talk(alice, bob, "after")


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
async def test_any_chunking_is_understood(size):
    async with served() as running:
        alice = await Guest.join(running, "alice")
        bob = await Guest.connect(running)
        wire = (
            HELLO + encode_frame(Say("one")) + encode_frame(Say("two")) + encode_frame(Say("é😀"))
        )
        for start in range(0, len(wire), size):
            await bob.write(wire[start : start + size])
        await alice.hears("é😀")
        assert alice.texts() == ["one", "two", "é😀"]


async def test_an_empty_message_of_a_base_peer_is_said():
    async with served() as running:
        alice, bob = [await Guest.join(running, nick) for nick in ("alice", "bob")]
        await bob.say("")
        await alice.hears("")


async def test_a_truncated_frame_is_a_leave_and_no_message():
    async with served() as running:
        alice = await Guest.join(running, "alice")
        bob = await Guest.join(running, "bob")
        await bob.write(encode_frame(Say("whole")) + encode_frame(Say("half"))[:-4])
        bob.reset()
        await alice.until(lambda packet: packet == Leave("bob"))
        assert alice.texts() in (["whole"], [])


async def test_random_octets_never_hurt_the_others():
    chance = random.Random(7)
    async with served() as running:
        alice, bob = [await Guest.join(running, nick) for nick in ("alice", "bob")]
        for number in range(PEERS):
            guest = await Guest.connect(running)
            start = chance.choice([b"", HELLO, EXTENDED])
            octets = chance.randbytes(chance.randrange(1, 3000))
            if chance.random() < 0.5:
                octets = frame(octets)
            await guest.write(start + octets)
            guest.reset() if number % 2 else guest.close()
        await talk(alice, bob, "after")
        assert running.server.hub.house.counters.accepted == PEERS + 2
