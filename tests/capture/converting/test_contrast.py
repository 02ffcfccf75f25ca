"""Two captures are compared as they would be from memory, and little is kept."""

import random

from hypothesis import given
from hypothesis import strategies as st

from chatctl.capture.converting.contrast import Contrast
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.record import Kind, Record
from chatctl.capture.replay.compare import Heard, compare
from chatctl.capture.replay.masks import Masks
from chatctl.wire import codec
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction, Welcome

DOWN = Direction.TO_CLIENT
PACKETS = st.sampled_from(
    [
        Welcome(v=1, server="s", nick="al"),
        *(Chat(nick=nick, message=text, seq=1) for nick in ("al", "bo") for text in ("1", "2")),
        Chat(nick="al", message="1", seq=9),
    ]
)
TALKS = st.lists(st.tuples(st.integers(1, 2), PACKETS), max_size=12)


def items(talk, size=3):
    records = [
        Record(at, conn, Kind.DATA, DOWN, encode_frame(packet))
        for at, (conn, packet) in enumerate(talk, 1)
    ]
    return Dissector().batches(records[i : i + size] for i in range(0, len(records), size))


def outline(comparison):
    return (
        sorted((change.recorded.index, change.now.index) for change in comparison.changed),
        sorted(packet.index for packet in comparison.missing),
        sorted(packet.index for packet in comparison.extra),
        [(one.first.index, one.second.index) for one in comparison.disorder],
    )


def from_memory(before, after):
    """Return what ``compare`` says of each connection as a whole."""
    found = {}
    sides = [{}, {}]
    for talk, side in zip((before, after), sides, strict=True):
        places = {}
        for number, (conn, packet) in enumerate(talk, 1):
            place = places.setdefault(conn, len(places) + 1)
            payload = codec.encode(packet)
            value = codec.read_json(payload)
            side.setdefault((place, DOWN), []).append(Heard(payload, value, number / 1e9, number))
    for way in sorted({*sides[0], *sides[1]}):
        outcome = compare(Masks(), sides[0].get(way, []), sides[1].get(way, []))
        found[way] = outline(outcome)
    return found


@given(TALKS, TALKS, st.integers(1, 4), st.integers(1, 4))
def test_the_outcome_is_that_of_a_comparison_from_memory(before, after, one, other):
    contrast = Contrast(items(before, one), items(after, other), Masks())

    found = {way: outline(outcome) for way, outcome in contrast.outcomes()}

    whole = from_memory(before, after)
    assert {way: it for way, it in found.items() if any(it)} == {
        way: it for way, it in whole.items() if any(it)
    }


def test_equal_captures_are_let_go_while_they_are_read():
    rng = random.Random(1)
    talk = [
        (rng.randint(1, 3), Chat(nick="al", message=str(number), seq=number + 1))
        for number in range(2000)
    ]
    later = [(conn, Chat(nick=it.nick, message=it.message, seq=it.seq + 5)) for conn, it in talk]
    most = 0

    class Watched(Contrast):
        def _read(self, side):
            nonlocal most
            super()._read(side)
            most = max(most, self.kept)

    contrast = Watched(items(talk, 50), items(later, 50), Masks())

    assert (contrast.paired, contrast.kept) == (2000, 0)
    assert most <= 100
