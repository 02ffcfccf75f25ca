"""Frames: one case table, used in both directions and under every chunking."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.errors import PayloadTooBig
from chatctl.wire.framing import MAX_PAYLOAD, Deframer, frame

CASES = [
    # name, payloads, the octets on the wire
    ("nothing", [], b""),
    ("empty payload", [b""], b"\x00\x00"),
    ("one octet", [b"a"], b"\x00\x01a"),
    ("two in one piece", [b"a", b"bc"], b"\x00\x01a\x00\x02bc"),
    ("empty ones between", [b"", b"a", b"", b""], b"\x00\x00\x00\x01a\x00\x00\x00\x00"),
    ("length is big-endian", [b"x" * 256], b"\x01\x00" + b"x" * 256),
    ("payload that looks like a header", [b"\x00\x01", b"\x00"], b"\x00\x02\x00\x01\x00\x01\x00"),
    ("longest", [b"x" * 65535], b"\xff\xff" + b"x" * 65535),
    ("many", [b"%d" % n for n in range(300)], b"".join(frame(b"%d" % n) for n in range(300))),
]
CHUNKINGS = {
    "whole": lambda wire: [wire],
    "octet by octet": lambda wire: [wire[i : i + 1] for i in range(len(wire))],
    "split in the header": lambda wire: [wire[:1], wire[1:]],
    "split after the header": lambda wire: [wire[:2], wire[2:]],
    "last octet late": lambda wire: [wire[:-1], wire[-1:]],
    "threes": lambda wire: [wire[i : i + 3] for i in range(0, len(wire), 3)],
    "empty chunks between": lambda wire: [b"", wire[:3], b"", wire[3:], b""],
}


@pytest.mark.parametrize("chunking", CHUNKINGS)
@pytest.mark.parametrize(("name", "payloads", "wire"), CASES, ids=[case[0] for case in CASES])
def test_payloads_survive_the_wire(name, payloads, wire, chunking):
    assert b"".join(map(frame, payloads)) == wire

    deframer = Deframer()
    got = [payload for chunk in CHUNKINGS[chunking](wire) for payload in deframer.feed(chunk)]

    assert got == payloads
    assert deframer.pending == 0


@pytest.mark.parametrize(
    ("wire", "payloads", "rest", "announced"),
    [
        (b"", [], b"", None),
        (b"\x00", [], b"\x00", None),
        (b"\x00\x03", [], b"\x00\x03", 3),
        (b"\x00\x03ab", [], b"\x00\x03ab", 3),
        (b"\x00\x01a\xff\xffbc", [b"a"], b"\xff\xffbc", 65535),
    ],
)
def test_truncated_stream_keeps_its_rest(wire, payloads, rest, announced):
    deframer = Deframer()

    assert deframer.feed(wire) == payloads
    assert deframer.rest == rest
    assert deframer.pending == len(rest)
    assert deframer.announced == announced


def test_payload_of_65536_octets_fits_no_frame():
    with pytest.raises(PayloadTooBig, match="65536"):
        frame(b"x" * (MAX_PAYLOAD + 1))


def cut(wire, places):
    edges = [0, *sorted(place % (len(wire) + 1) for place in places), len(wire)]
    return [wire[a:b] for a, b in pairwise(edges)]


@given(st.lists(st.binary(max_size=300), max_size=8), st.lists(st.integers(0, 10_000), max_size=12))
def test_any_chunking_gives_the_same_payloads(payloads, places):
    deframer = Deframer()
    chunks = cut(b"".join(map(frame, payloads)), places)

    assert [p for chunk in chunks for p in deframer.feed(chunk)] == payloads
    assert deframer.pending == 0


@given(st.binary(max_size=400), st.lists(st.integers(0, 10_000), max_size=6))
def test_any_octets_come_out_again(wire, places):
    deframer = Deframer()
    payloads = [p for chunk in cut(wire, places) for p in deframer.feed(chunk)]

    assert b"".join(map(frame, payloads)) + deframer.rest == wire


@pytest.mark.parametrize("chunking", CHUNKINGS)
def test_a_deframer_with_a_limit_stops_at_the_frame_beyond_it(chunking):
    deframer = Deframer(limit=3)
    wire = frame(b"abc") + frame(b"abcd") + frame(b"a")

    got = [payload for chunk in CHUNKINGS[chunking](wire) for payload in deframer.feed(chunk)]

    assert got == [b"abc"]
    assert deframer.announced == 4
