"""Answers find their requests, and sayings are followed to everybody."""

from chatctl.capture.items.dissect import Dissector
from chatctl.capture.items.pairing import MAX_OPEN
from chatctl.capture.items.statistics import Statistics
from chatctl.capture.record import Kind, Record
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import AskWho, Chat, Direction, Hello, Ping, Say, Welcome, Who

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


def items(*told, dissector=None):
    records = (
        Record(1 + at * 1_000_000, conn, Kind.DATA, way, encode_frame(packet))
        for at, conn, way, packet in told
    )
    return list((dissector or Dissector(spreads=True)).dissect(records))


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


def test_a_saying_is_followed_to_its_slowest_copy():
    dissector = Dissector(spreads=True)
    chat = Chat(nick="alice", message="x", seq=1, id="a")
    items(
        (0, 1, UP, Say(message="x", id="a")),
        (2, 1, DOWN, chat),
        (3, 2, DOWN, chat),
        (9, 3, DOWN, chat),
        dissector=dissector,
    )

    (spread,) = dissector.pairing.spreads.values()
    assert (spread.copies, (spread.last - spread.said) // 1_000_000) == (3, 9)


def test_the_unanswered_are_kept_and_bounded():
    dissector = Dissector()
    items(*((n, 1, UP, Ping(id=f"p{n}")) for n in range(MAX_OPEN + 5)), dissector=dissector)

    assert len(dissector.pairing.unanswered) == MAX_OPEN
    assert dissector.pairing.forgotten == 5


def test_figures_of_a_talk():
    statistics = Statistics()
    statistics.gather(
        items(
            (0, 1, UP, Hello(nick="alice")),
            (500, 1, UP, Say(message="x" * 100)),
            (1000, 1, DOWN, Chat(nick="alice", message="x" * 100)),
        )
    )

    assert statistics.sizes.count == 3
    assert sum(statistics.rate.counts) == 3
    assert statistics.latency.quantile(0.5) in range(490_000_000, 510_000_001)
    assert {total.type for total in statistics.totals.values()} == {"hello", "chat"}
    assert statistics.last - statistics.first == 1_000_000_000
