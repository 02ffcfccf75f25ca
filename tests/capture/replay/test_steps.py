"""Records read as steps: framing, junk, holes and endings."""

import pytest

from chatctl.capture.replay.steps import Act, find_frame, read_steps
from chatctl.wire.framing import frame
from chatctl.wire.packet import Direction

HI = frame(b'{"type":"chat","message":"hi"}')


def acts(steps):
    return [(step.act, step.type or step.payload) for step in steps.steps]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_packets_are_found_however_they_were_chunked(talk, size):
    wire = HI + frame(b"[]") + HI
    recording = talk().opens(1)
    for start in range(0, len(wire), size):
        recording.raw(1, wire[start : start + size])

    steps = read_steps(recording.records)

    assert acts(steps) == [
        (Act.OPEN, b""), (Act.PACKET, "chat"), (Act.PACKET, b"[]"), (Act.PACKET, "chat"),
    ]  # fmt: skip
    assert [step.index for step in steps.steps] == [0, 1, 2, 3]
    assert steps.steps[1].wire == HI


def test_a_connection_without_a_beginning_opens_with_its_first_data(talk):
    assert acts(read_steps(talk().raw(4, HI).records)) == [(Act.OPEN, b""), (Act.PACKET, "chat")]


def test_octets_left_over_when_the_client_ends_are_junk_it_sent(talk):
    recording = talk().opens(1).raw(1, HI + b"GET /").closes(1, reset=True)

    assert acts(read_steps(recording.records))[2:] == [(Act.JUNK, b"GET /"), (Act.RESET, b"")]


def test_octets_left_over_where_the_capture_ends_are_not_played(talk):
    steps = read_steps(talk().raw(1, HI[:-3]).records)

    assert acts(steps) == [(Act.OPEN, b"")]
    assert steps.cut == len(HI) - 3


def test_after_a_hole_reading_goes_on_with_the_next_whole_frame(talk):
    recording = talk().raw(1, HI + HI[:9]).misses(1, 40).raw(1, HI[9:]).raw(1, b"}}" + HI)

    steps = read_steps(recording.records)

    assert acts(steps)[1:] == [(Act.PACKET, "chat"), (Act.PACKET, "chat")]
    assert steps.holes == 9 + 40 + len(HI[9:]) + 2


def test_a_hole_one_way_leaves_the_other_way_alone(talk):
    recording = talk().raw(1, HI[:9]).misses(1, 40, Direction.TO_CLIENT).raw(1, HI[9:])

    assert acts(read_steps(recording.records))[1:] == [(Act.PACKET, "chat")]


@pytest.mark.parametrize(
    ("data", "place"),
    [(HI, 0), (b"{}" + HI, 2), (b"", None), (b"{" * 9, None), (HI[1:] + HI, len(HI) - 1)],
)
def test_find_frame(data, place):
    assert find_frame(data) == place
