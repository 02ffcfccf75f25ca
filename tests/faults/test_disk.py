"""A disk that is full or lies: the chat goes on, what is lost is named, the rest is served."""

import functools
import random
import resource
import sqlite3

from chatctl.wire.packets import AskHistory, Chat, Error, History
from tests.peers.guests import Guest, served, talk
from tests.peers.processes import Process

TEXT = "y" * 3000


async def test_a_full_disk_stops_the_history_and_not_the_chat_and_is_recovered_from(tmp_path):
    async with served(history=tmp_path / "history") as running:
        alice = await Guest.join(running, "alice", 1)
        bob = await Guest.join(running, "bob")
        await alice.say("before", "1")
        assert (await alice.hears("before")).seq == 1

        db = running.server.log._db  # the thread that writes is idle: everything is acknowledged
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
        number = 1
        while not any(isinstance(packet, Error) for packet in alice.heard):
            number += 1
            await alice.say(f"{number} {TEXT}", str(number))
            await alice.until(lambda packet, n=str(number): getattr(packet, "id", "") == n)
        await bob.hears(f"{number} {TEXT}")
        (refusal,) = [packet for packet in alice.heard if isinstance(packet, Error)]
        assert (refusal.code, refusal.id) == ("not-stored", str(number))

        db.execute("PRAGMA max_page_count = 100000")
        await alice.say("after", "a")
        after = await alice.hears("after")
        assert after.seq == number
        await talk(alice, bob, "still")


async def test_a_damaged_history_is_served_but_for_the_damage_which_is_named(tmp_path, caplog):
    path = tmp_path / "history"
    async with served(history=path) as running:
        alice = await Guest.join(running, "alice")
        for number in range(40):
            await alice.say(f"message {number:03} {TEXT}")
        await alice.hears(f"message 039 {TEXT}")
    flip_a_bit(path, b"message 020", 8)

    async with served(history=path) as running:
        bob = await Guest.join(running, "bob", 1)
        await bob.send(AskHistory(before=30, limit=15, id="h"))
        page = await bob.until(lambda packet: isinstance(packet, History))

    seqs = [entry.seq for entry in page.entries]
    assert seqs == [*range(15, 21), *range(22, 30)]
    assert "history.damaged" in caplog.text


async def test_flipped_bits_anywhere_never_give_a_wrong_message(tmp_path):
    path = tmp_path / "history"
    async with served(history=path) as running:
        alice = await Guest.join(running, "alice")
        for number in range(60):
            await alice.say(f"message {number:03} {TEXT}")
        await alice.hears(f"message 059 {TEXT}")
    whole = path.read_bytes()
    chance = random.Random(3)
    for _ in range(8):
        octets = bytearray(whole)
        for _ in range(5):
            octets[chance.randrange(4096 * 4, len(octets))] ^= 1 << chance.randrange(8)
        path.write_bytes(octets)
        async with served(history=path) as running:
            bob = await Guest.join(running, "bob", 1)
            await bob.send(AskHistory(limit=15, id="h"))
            answer = await bob.until(lambda packet: getattr(packet, "id", "") == "h")
            await talk(bob, await Guest.join(running, "carol", 1), "new")
        for entry in getattr(answer, "entries", ()):
            assert entry == Chat(
                "alice", f"message {entry.seq - 1:03} {TEXT}", "lobby", entry.seq, entry.time
            )
        path.with_name("history-wal").unlink(missing_ok=True)
        path.with_name("history-shm").unlink(missing_ok=True)


def flip_a_bit(path, mark, offset):
    sqlite3.connect(path).close()
    octets = bytearray(path.read_bytes())
    place = octets.index(mark) + offset
    octets[place] ^= 1
    path.write_bytes(octets)


def test_a_recording_that_cannot_be_written_leaves_the_chat_up(tmp_path):
    import socket

    from chatctl.wire.codec import encode_frame
    from chatctl.wire.packets import Hello, Say

    limit = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (1000, 1000))
    server = Process("--no-history", "--record", str(tmp_path / "full.pcapng"), preexec=limit)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as alice:
        alice.sendall(encode_frame(Hello("alice")))
        heard = b""
        for _ in range(3):
            alice.sendall(encode_frame(Say("hello?")))
            while heard.count(b"hello?") < 1:
                heard += alice.recv(4096)
            heard = b""
    status, log = server.terminate()

    assert status == 0
    assert "recording.stopped" in log
    assert "recording.missed" in log
