"""The express lane of packets leads where the general way does."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatctl.capture.reading.captured import Captured, in_runs
from chatctl.capture.reading.intake import Intake
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.tcp import Assembler
from chatctl.capture.record import RecordRun
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat
from tests.capture.packets import DOWNWARD, UPWARD, ipv4, tcp

RAW = 101
LINKS = [
    (RAW, b""),
    (1, b"\0" * 12 + b"\x08\0"),
    (276, b"\x08\0" + b"\0" * 18),
    (1, b"\0" * 12 + b"\x81\0\0\1\x08\0"),
]
"""By connection: the link type, and what stands before IP: bare, Ethernet, Linux' own, tagged."""

STAMPS = b"\1\1\x08\x0a" + b"\0" * 8
"""The TCP options of nearly all segments that tcpdump sees."""

ODDITIES = ["lost", "twice", "late", "fin", "reset", "syn", "noted", "blind", "cut", "padded"]

segments = st.tuples(
    st.integers(0, 3),
    st.booleans(),
    st.one_of(UPWARD, DOWNWARD, st.just(b"")),
    st.sampled_from([*[""] * 5, *["stamped"] * 2, *ODDITIES]),
    st.sampled_from([0, 1, 10**6, 2 * 10**9, -5]),
)


def packets_of(told):
    """Return captured packets: segments of a few connections, some lost, late, or odd."""
    seqs: dict[tuple[int, bool], int] = {}
    at, late = 10**18, []
    for conn, up, data, fate, wait in told:
        seq = seqs.setdefault((conn, up), 0xFFFFFF00 + conn)
        ack = seqs.get((conn, not up), 0)
        flags = {"fin": 0x11, "reset": 0x14, "syn": 0x02, "blind": 0x08}.get(fate, 0x18)
        data = b"" if fate == "syn" else data
        options = STAMPS if fate == "stamped" else b""
        seqs[conn, up] = (seq + len(data) + (fate in ("fin", "syn"))) & 0xFFFFFFFF
        at += wait
        segment = tcp(seq, data, flags, ack, up=up, client=50000 + conn, options=options)
        linktype, head = LINKS[conn]
        packet = head + ipv4(segment, up=up)
        packet = packet[:-1] if fate == "cut" else packet + b"\0" * 6 * (fate == "padded")
        whole = Captured(at, linktype, packet, "note" if fate == "noted" else "")
        if fate == "late":
            late.append(whole)
            continue
        yield from [whole] * {"lost": 0, "twice": 2}.get(fate, 1)
        while late:
            yield late.pop()


def taken(packets, size):
    findings = Findings()
    intake = Intake(findings, 0)
    records = []
    for start in range(0, len(packets), size):
        for batch in intake.take(packets[start : start + size]):
            records += batch
    return records + intake.end(), findings


CHAT = encode_frame(Chat(nick="al", message="hi"))


@given(st.lists(segments, max_size=40), st.sampled_from([1, 7, 100]))
@example(
    [
        (0, up, CHAT, fate, 0)
        for up, fate in [(False, "lost"), (True, "blind"), (True, ""), (False, "lost"), (True, "")]
    ],
    1,
)
@example(
    [
        (conn, False, data, fate, 0)
        for conn, data, fate in [(0, CHAT, ""), (0, CHAT, "late"), (0, b"", "fin"), (1, CHAT, "")]
    ],
    1,
)
@settings(max_examples=150, deadline=None)
def test_both_ways_give_the_same_records(told, size):
    packets = list(packets_of(told))
    quick = taken(packets, size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Assembler, "_sort", lambda *_: None)
        assert taken(packets, size) == quick


def test_what_is_plain_comes_out_in_runs():
    intake = Intake(Findings(), 0)
    first, note = ipv4(tcp(100, CHAT)), ipv4(tcp(100 + 4 * len(CHAT), CHAT))
    more = [ipv4(tcp(100 + n * len(CHAT), CHAT, options=STAMPS)) for n in range(1, 7)]
    told = [Captured(2, RAW, packet, "note" * (packet == note)) for packet in [*more[:3], note]]
    told += [Captured(2, RAW, packet) for packet in [ipv4(tcp(0, ack=1, flags=0x10)), *more[4:]]]
    intake.take([Captured(1, RAW, first)])

    batches = intake.take(told)

    assert [(type(batch), len(batch)) for batch in batches] == [
        (RecordRun, 3),
        (list, 1),
        (RecordRun, 2),
    ]


def test_packets_are_put_into_runs_as_they_come():
    packets = [Captured(n, 1 if n == 4 else RAW, b"%d" % n, "!" * (n == 3)) for n in range(7)]

    runs = list(in_runs(packets))

    assert [packet for run in runs for packet in run] == packets
    assert [len(run) for run in runs] == [3, 1, 1, 2]
