"""kill -9 at random moments: what was acknowledged is there afterwards, once, under its number."""

import os
import random

import pytest

from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Resume, Say, Welcome
from tests.peers.authors import Author
from tests.peers.processes import Process

RUNS = int(os.environ.get("CHATCTL_SOAK", "4"))  # each is killed twice; by hand try 100


@pytest.mark.parametrize("seed", range(RUNS))
def test_no_acknowledged_message_is_lost_or_doubled(tmp_path, seed):
    chance = random.Random(seed)
    history = str(tmp_path / "history.sqlite")
    acknowledged = {}
    for number in range(2):
        server = Process("--history", history)
        author = Author(server.port, "alice")
        texts = [f"{number}-{n}" for n in range(chance.randrange(50, 3000))]
        acknowledged |= author.say_until_killed(server, texts, chance.randrange(1, len(texts)))
        author.sock.close()

    server = Process("--history", history)
    author = Author(server.port, "alice")
    kept = author.history()
    author.sock.close()
    assert server.terminate()[0] == 0

    assert {seq: kept.get(seq) for seq in acknowledged.values()} == {
        seq: text for text, seq in acknowledged.items()
    }
    assert len(set(kept.values())) == len(kept)
    assert sorted(kept) == list(range(1, len(kept) + 1))


def test_an_id_from_before_the_crash_is_not_said_again(tmp_path):
    history = str(tmp_path / "history.sqlite")
    server = Process("--history", history)
    alice = Author(server.port, "alice")
    token = next(p.token for p in alice.packets() if isinstance(p, Welcome))
    alice.sock.sendall(encode_frame(Say("once", id="7")))
    first = next(p for p in alice.packets() if isinstance(p, Chat))
    server.kill()
    alice.sock.close()

    server = Process("--history", history)
    again = Author(server.port, "alice", Resume(token, {"lobby": first.seq}))
    again.sock.sendall(encode_frame(Say("once", id="7")) + encode_frame(Say("end", id="8")))
    heard = []
    for packet in again.packets():
        if isinstance(packet, Chat):
            heard.append((packet.seq, packet.message))
            if packet.message == "end":
                break
    again.sock.close()
    server.terminate()

    assert heard == [(1, "once"), (2, "end")]
