"""Items come out the same whether their records come in runs or one by one."""

from itertools import groupby

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatctl.capture.items.dissect import Dissector
from chatctl.capture.items.item import ItemRun
from chatctl.capture.reassembly.tcp import MIDSTREAM
from chatctl.capture.record import Kind, Lane, Record, RecordRun
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction, Hello, Say, Welcome
from tests.capture.packets import DOWNWARD, ODD, UPWARD

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


@st.composite
def talks(draw):
    """Return records of a room: copies to everybody, halves, odd octets, holes, ends."""
    records = [Record(0, n, Kind.OPEN, UP) for n in (1, 2, 3) if draw(st.booleans())]
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
HALF = [
    Record(1, 1, Kind.OPEN, UP),
    Record(5, 1, Kind.DATA, UP, b"\0\x40{"),
    Record(6, 1, Kind.MARK, UP, note="here"),
    Record(9, 1, Kind.DATA, DOWN, CHAT),
]


def in_columns(records):
    """Yield *records* as the reader does: runs of what is alike, and lists."""
    lanes = {}
    for plain, group in groupby(records, lambda it: it.kind is Kind.DATA and not it.note):
        some = list(group)
        if plain:
            for it in some:
                lanes.setdefault((it.conn, it.direction), Lane(it.conn, it.direction, "", ""))
            its = [lanes[it.conn, it.direction] for it in some]
            yield RecordRun([it.at for it in some], its, [it.data for it in some])
        else:
            yield some


@given(talks())
@example(ASKED)
@example(HALF)
@settings(max_examples=150, deadline=None)
def test_runs_say_what_their_records_do(records):
    quick, slow = Dissector(), Dissector()

    seen = [item for batch in quick.batches(in_columns(records)) for item in batch]

    assert seen == list(slow.dissect(records))
    assert quick.pairing.unanswered == slow.pairing.unanswered
    assert quick.pairing.waiting == slow.pairing.waiting


def test_a_plain_run_stays_one():
    opened = [Record(1, conn, Kind.OPEN, UP) for conn in (1, 2, 3)]
    joined = CHAT + encode_frame(Chat(nick="al", message="ho"))
    (run,) = in_columns([*ASKED, Record(10, 2, Kind.DATA, DOWN, joined)])
    dissector = Dissector()
    dissector.take(opened)

    items = dissector.take(run)

    assert isinstance(items, ItemRun)
    assert [item.rtt for item in items] == [-1, -1, -1, -1, -1, 3, -1, -1, -1]
    assert [item.number for item in items] == list(range(4, 13))


def test_a_copy_is_one_packet_object():
    (run,) = in_columns([Record(1, conn, Kind.DATA, DOWN, CHAT) for conn in (1, 2, 3, 1)])
    dissector = Dissector()
    dissector.take([Record(1, conn, Kind.OPEN, UP) for conn in (1, 2, 3)])

    items = list(dissector.take(run))

    assert len({id(item.packet) for item in items}) == 1
    assert len({id(item.payload) for item in items}) == 1


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
