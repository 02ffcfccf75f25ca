"""Faults: what each does to frames, and that a seed repeats them."""

import pytest

from chatctl.capture.replay.faults import Fault, FaultKind, Faults, Piece, parse_fault
from chatctl.errors import UsageError

FRAMES = [bytes([number]) * 8 for number in range(20)]


def through(text, frames=FRAMES, seed=7, conn=1):
    faults = Faults([parse_fault(part) for part in text.split()], seed)
    pieces = [piece for frame in frames for piece in faults.pieces(conn, frame)]
    return faults, pieces + faults.rest(conn)


def octets(pieces):
    return b"".join(piece.data for piece in pieces)


@pytest.mark.parametrize(
    "text", ["fragment", "fragment=1:1", "coalesce", "delay", "stall", "drop=0"]
)
def test_faults_of_timing_and_cutting_leave_the_octets_alone(text):
    _, pieces = through(text)

    assert octets(pieces) == b"".join(FRAMES)


def test_fragments_are_small():
    assert max(len(piece.data) for piece in through("fragment=1:3")[1]) <= 3


def test_coalesced_frames_go_in_one_write():
    assert [len(piece.data) for piece in through("coalesce")[1]] == [64, 64, 32]


def test_delays_and_stalls_take_their_time():
    assert 0 < max(piece.delay for piece in through("delay=1:50ms")[1]) <= 0.05
    assert {piece.delay for piece in through("stall=1:2s")[1]} == {0.0, 2.0}


def test_dropped_doubled_and_reordered():
    assert 0 < len(through("drop=0.5")[1]) < len(FRAMES)
    assert through("drop")[1] == []
    assert len(through("duplicate")[1]) == 2 * len(FRAMES)
    swapped = [piece.data for piece in through("reorder")[1]]
    assert sorted(swapped) == FRAMES
    assert swapped[:4] == [FRAMES[1], FRAMES[0], FRAMES[3], FRAMES[2]]


def test_corruption_turns_one_bit():
    for frame, piece in zip(FRAMES, through("corrupt")[1], strict=True):
        wrong = int.from_bytes(frame, "big") ^ int.from_bytes(piece.data, "big")
        assert wrong.bit_count() == 1


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.HALF_CLOSE])
def test_endings_follow_their_frame(kind):
    assert through(kind, FRAMES[:1])[1] == [Piece(FRAMES[0]), Piece(end=kind)]


def test_the_same_seed_gives_the_same_faults_whatever_others_do():
    text = "drop=0.2 fragment=0.5 corrupt=0.3 duplicate=0.1"
    alone = through(text)[1]
    faults = Faults([parse_fault(part) for part in text.split()], 7)
    beside = []
    for frame in FRAMES:
        faults.pieces(2, frame)
        beside += faults.pieces(1, frame)

    assert beside + faults.rest(1) == alone
    assert through(text, seed=8)[1] != alone


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop", Fault(FaultKind.DROP)),
        ("drop=0.1", Fault(FaultKind.DROP, 0.1)),
        ("delay=0.5:2s", Fault(FaultKind.DELAY, 0.5, 2.0)),
        ("fragment", Fault(FaultKind.FRAGMENT, 1.0, 7.0)),
    ],
)
def test_spelling(text, fault):
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    "text", ["", "dorp", "drop=2", "drop=x", "drop=1:5", "fragment=1:0", "delay=1:soon"]
)
def test_what_is_no_fault(text):
    with pytest.raises(UsageError):
        parse_fault(text)
