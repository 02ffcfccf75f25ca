"""The express lane of packets leads where the general way does."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatctl.capture.reading.captured import Captured
from chatctl.capture.reading.intake import Intake
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.tcp import Assembler
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat
from tests.capture.packets import DOWNWARD, UPWARD, ipv4, tcp

RAW, ETHERNET = 101, 1

segments = st.tuples(
    st.integers(0, 2),
    st.booleans(),
    st.one_of(UPWARD, DOWNWARD, st.just(b"")),
    st.sampled_from([*[""] * 5, *["lost", "twice", "late", "fin", "reset", "syn", "odd", "blind"]]),
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
        seqs[conn, up] = (seq + len(data) + (fate in ("fin", "syn"))) & 0xFFFFFFFF
        at += wait
        packet = ipv4(tcp(seq, data, flags, ack, up=up, client=50000 + conn), up=up)
        linktype = ETHERNET if conn == 2 else RAW
        packet = (b"\0" * 12 + b"\x08\0" + packet) if conn == 2 else packet
        whole = Captured(at, linktype, packet, len(packet), "note" if fate == "odd" else "")
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
        records += intake.take(packets[start : start + size])
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


def test_the_lane_is_taken(monkeypatch):
    general = []
    monkeypatch.setattr(Intake, "_general", lambda *_: general.append(1) or 0)
    intake = Intake(Findings(), 0)
    packet = ipv4(tcp(100, b"\0\2{}"))
    monkeypatch.undo()
    intake.take([Captured(1, RAW, packet, len(packet))])
    monkeypatch.setattr(Intake, "_general", lambda *_: general.append(1) or 0)

    more = [ipv4(tcp(104 + 4 * n, b"\0\2{}")) for n in range(5)]
    records = intake.take([Captured(2, RAW, packet, len(packet)) for packet in more])

    assert (len(records), general) == (5, [])
