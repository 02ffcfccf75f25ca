"""Answers find their requests, and sayings are followed to everybody."""

import tracemalloc

import pytest

from chatctl.capture.items.dissect import Dissector
from chatctl.capture.items.pairing import MAX_OPEN
from chatctl.capture.record import Kind, Record
from chatctl.wire import codec
from chatctl.wire.codec import encode_frame
from chatctl.wire.framing import frame
from chatctl.wire.packets import AskWho, Chat, Direction, Hello, Ping, Pong, Say, Welcome, Who

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


def items(*told, dissector=None):
    records = (
        Record(1 + at * 1_000_000, conn, Kind.DATA, way, encode_frame(packet))
        for at, conn, way, packet in told
    )
    return list((dissector or Dissector()).dissect(records))


def test_latency_of_each_kind_of_answer():
    found = items(
        (0, 1, UP, Hello(nick="alice", v=1)),
        (3, 1, DOWN, Welcome(v=1, server="s", nick="alice")),
        (10, 1, UP, AskWho(id="w")),
        (11, 2, DOWN, Who(room="lobby", id="w")),
        (14, 1, DOWN, Who(room="lobby", id="w")),
        (20, 2, UP, Hello(nick="bob")),
        (30, 2, UP, Say(message="hi")),
        (31, 2, DOWN, Chat(nick="alice", message="hi")),
        (37, 2, DOWN, Chat(nick="bob", message="hi")),
    )

    assert [item.rtt // 1_000_000 for item in found if item.rtt >= 0] == [3, 4, 7]


def test_the_unanswered_are_kept_and_bounded():
    dissector = Dissector()
    items(*((n, 1, UP, Ping(id=f"p{n}")) for n in range(MAX_OPEN + 5)), dissector=dissector)

    assert len(dissector.pairing.unanswered) == MAX_OPEN
    assert dissector.pairing.forgotten == 5
    assert dissector.pairing.waiting == {1: MAX_OPEN}


@pytest.mark.parametrize(
    "asked",
    [
        lambda long: Say(message=long),
        lambda long: Ping(id=long),
        lambda long: {"type": long, "id": long[-9:]},
    ],
)
def test_what_is_kept_of_the_unanswered_is_little_however_long_they_are(asked):
    dissector = Dissector()
    long = (asked("x" * 60_000 + f"{number:09}") for number in range(200))
    records = (Record(1, 1, Kind.DATA, UP, frame(codec.write_json(packet))) for packet in long)
    tracemalloc.start()
    for _ in dissector.dissect(records):
        pass
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(dissector.pairing.unanswered) == 200
    assert kept < 1_000_000


def test_a_connection_waits_until_its_last_request_is_answered():
    dissector = Dissector()
    waiting = dissector.pairing.waiting
    items((0, 1, UP, Ping(id="a")), (1, 1, UP, Ping(id="b")), dissector=dissector)
    assert waiting == {1: 2}

    items((2, 1, DOWN, Pong(id="b")), (3, 2, DOWN, Pong(id="a")), dissector=dissector)
    assert waiting == {1: 1}

    items((4, 1, DOWN, Pong(id="a")), dissector=dissector)
    assert waiting == {}
