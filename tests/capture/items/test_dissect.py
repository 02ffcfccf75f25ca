"""Items come out the same whether a chunk is known from a copy or not."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatctl.capture.items import copies
from chatctl.capture.items.copies import MAX_CHUNK, MAX_OCTETS, Copies
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.items.reframe import Reframer
from chatctl.capture.reassembly.tcp import MIDSTREAM
from chatctl.capture.record import Kind, Record
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction, Hello, Say, Welcome
from tests.capture.packets import DOWNWARD, ODD, UPWARD

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


@st.composite
def talks(draw):
    """Return records of a room: copies to everybody, halves, odd octets, holes, ends."""
    records = []
    at = draw(st.sampled_from([0, 10**18]))
    for _ in range(draw(st.integers(1, 25))):
        at += draw(st.sampled_from([0, 1, 10**7, -(10**8)])) if at else 0
        conn = draw(st.integers(1, 3))
        kind = draw(st.sampled_from(["all", "all", "all", "up", "halves", "odd", "gap", "event"]))
        chunk = b"".join(draw(st.lists(DOWNWARD, min_size=1, max_size=2)))
        if kind == "all":
            note = draw(st.sampled_from(["", "", "", "note", "redacted:token"]))
            records += [Record(at, n, Kind.DATA, DOWN, chunk, note=note) for n in (1, 2, 3)]
        elif kind == "up":
            records.append(Record(at, conn, Kind.DATA, UP, draw(UPWARD)))
        elif kind == "halves":
            cut = draw(st.integers(1, len(chunk) - 1))
            for half in (chunk[:cut], chunk[cut:]):
                records.append(Record(at, conn, Kind.DATA, DOWN, half))
        elif kind == "odd":
            records.append(
                Record(at, conn, Kind.DATA, draw(st.sampled_from([UP, DOWN])), draw(ODD))
            )
        elif kind == "gap":
            records.append(Record(at, conn, Kind.GAP, DOWN, missing=5))
        else:
            what = draw(st.sampled_from([Kind.OPEN, Kind.CLOSE, Kind.MARK]))
            note = draw(st.sampled_from(["", MIDSTREAM]))
            records.append(Record(at, conn, what, DOWN, note=note))
    return records


CHAT = encode_frame(Chat(nick="bob", message="hi", id="1"))
ASKED = [
    *(Record(5, conn, Kind.DATA, DOWN, CHAT) for conn in (1, 2, 3)),
    Record(6, 2, Kind.DATA, UP, encode_frame(Say(message="hi", id="1"))),
    *(Record(9, conn, Kind.DATA, DOWN, CHAT) for conn in (1, 2, 3)),
]


@given(talks())
@example(ASKED)
@settings(max_examples=60, deadline=None)
def test_copies_change_nothing(records):
    dissector = Dissector()
    quick = [item for batch in dissector.batches([records]) for item in batch]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies, "MAX_CHUNK", 0)  # nothing is kept, nor understood beforehand
        slow = Dissector()
        assert list(slow.dissect(records)) == quick
    assert slow.pairing.unanswered == dissector.pairing.unanswered


def test_a_copy_is_one_packet_object():
    chat = encode_frame(Chat(nick="bob", message="hi"))
    records = [Record(1, conn, Kind.DATA, DOWN, bytes(bytearray(chat))) for conn in (1, 2, 3, 1)]

    items = list(Dissector().dissect(records))

    assert len({id(item.packet) for item in items}) == 1
    assert len({id(item.payload) for item in items}) == 1


def test_what_is_kept_for_copies_is_bounded():
    kept, frames = Copies(DOWN), Reframer()
    for number in range(3000):
        chunk = encode_frame(Chat(nick="bob", message=f"{number}" * 200))
        kept.learn([chunk]) if number % 2 else kept.said(chunk, frames)
    too_long = encode_frame(Chat(nick="bob", message="x" * MAX_CHUNK))
    kept.learn([too_long])
    kept.said(too_long, frames)

    assert 0 < sum(map(len, kept.sound)) <= MAX_OCTETS
    assert max(map(len, kept.sound)) <= MAX_CHUNK


def test_packets_about_nicks_are_looked_at_each_time():
    welcome = encode_frame(Welcome(v=1, server="s", nick="al"))
    chat = encode_frame(Chat(nick="bob", message="hi"))
    records = [
        Record(1, conn, Kind.DATA, DOWN, data) for data in (chat, welcome) for conn in (1, 2)
    ]

    assert [item.nick for item in Dissector().dissect(records)] == ["", "", "al", "al"]


def test_a_connection_joined_midway_has_the_nick_it_is_given():
    records = [
        Record(1, 1, Kind.OPEN, UP, note=MIDSTREAM, nick="al"),
        Record(2, 1, Kind.DATA, UP, encode_frame(Hello(nick="bo"))),
    ]

    assert [item.nick for item in Dissector().dissect(records)] == ["al", "bo"]
