"""Reassembly: whatever loss, order, overlap and wrap do, no wrong octet, and every hole shown."""

import random

import pytest

from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.stream import MAX_PIECES, Stream, distance
from chatctl.capture.record import Kind
from chatctl.wire.packets import Direction

STREAMS = 10_000


class Sink:
    """Collects what a stream hands out, holes as ``None`` times their size."""

    def __init__(self):
        self.octets: list[int | None] = []
        self.kinds: list[Kind] = []
        self.findings = Findings()
        self.stream = Stream(Direction.TO_SERVER, self.emit, self.findings)

    def emit(self, kind, direction, data, missing, note):
        self.kinds.append(kind)
        self.octets += data
        self.octets += [None] * missing


def random_segments(rng, sent, isn):
    """Cut *sent* up, then lose, repeat, overlap and reorder the pieces."""
    segments = []
    place = 0
    while place < len(sent):
        size = rng.randint(1, 40)
        segments.append((place, sent[place : place + size]))
        place += size
    for _ in range(rng.randint(0, 5)):
        start = rng.randrange(len(sent))
        segments.insert(rng.randrange(len(segments)), (start, sent[start : start + 60]))
    loss = rng.choice([0, 0, 0.05, 0.3])
    kept = [segment for segment in segments if rng.random() >= loss]
    kept += [segment for segment in kept if rng.random() < 0.1]
    order = sorted(range(len(kept)), key=lambda index: index + rng.choice([0, 0, 0, 6]))
    return [((isn + 1 + kept[i][0]) & 0xFFFFFFFF, kept[i][1]) for i in order]


@pytest.mark.parametrize("block", range(4))
def test_ten_thousand_random_streams_without_a_wrong_octet(block):
    for seed in range(block * STREAMS // 4, (block + 1) * STREAMS // 4):
        rng = random.Random(seed)
        sent = rng.randbytes(rng.randint(1, 400))
        isn = rng.choice([0, 0xFFFFFFFF, 0xFFFFFF80, rng.getrandbits(32)])
        segments = random_segments(rng, sent, isn)
        sink = Sink()
        sink.stream.begin(isn)
        for at, (seq, data) in enumerate(segments):
            sink.stream.data(at, seq, data, "")
        sink.stream.ends((isn + 1 + len(sent)) & 0xFFFFFFFF, "")
        sink.stream.give_up(len(segments))

        present = {
            (seq - isn - 1 & 0xFFFFFFFF) + offset
            for seq, data in segments
            for offset in range(len(data))
        }
        assert sink.octets == [o if i in present else None for i, o in enumerate(sent)], seed
        assert sink.kinds[-1] is Kind.CLOSE
        assert sink.findings.missing == len(sent) - len(present)
        assert not sink.findings.conflicting


def test_a_hole_waits_for_proof_and_grace():
    sink = Sink()
    sink.stream.begin(0)
    sink.stream.data(0, 11, b"late", "")
    sink.stream.acknowledged(0, 15)
    assert sink.kinds == []

    sink.stream.acknowledged(2_000_000_000, 15)

    assert sink.octets == [None] * 10 + list(b"late")


def test_the_other_sides_silence_is_no_proof():
    sink = Sink()
    sink.stream.begin(0)
    sink.stream.data(0, 11, b"late", "")
    for _ in range(200):
        sink.stream.acknowledged(5_000_000_000, 1)
    assert sink.kinds == []

    sink.stream.data(6_000_000_000, 1, b"0123456789", "")

    assert bytes(sink.octets) == b"0123456789late"


def test_what_waits_is_bounded():
    sink = Sink()
    sink.stream.begin(0)
    for number in range(3 * MAX_PIECES):
        sink.stream.data(0, 10 + 2 * number, b"x", "")

    assert len(sink.stream.pieces) <= MAX_PIECES + 1
    assert Kind.GAP in sink.kinds


def test_the_first_copy_counts_and_the_difference_is_told():
    sink = Sink()
    sink.stream.begin(0)
    sink.stream.data(0, 4, b"defg", "")
    sink.stream.data(0, 1, b"abcXYf", "")

    assert bytes(sink.octets) == b"abcdefg"
    assert sink.findings.conflicting == 2


@pytest.mark.parametrize(
    ("seq", "base", "ahead"),
    [(5, 5, 0), (6, 5, 1), (4, 5, -1), (0, 0xFFFFFFFF, 1), (0xFFFFFFFF, 0, -1)],
)
def test_distance_wraps(seq, base, ahead):
    assert distance(seq, base) == ahead
