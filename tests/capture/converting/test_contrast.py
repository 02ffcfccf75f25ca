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
    old, new = by_name(before), by_name(after)
    rest = [name for name in new if name not in old]
    names = [(name, name if name in new else rest.pop(0) if rest else None) for name in old]
    names += [(None, name) for name in rest]
    return {
        (place, DOWN): outline(compare(Masks(), old.get(one, []), new.get(other, [])))
        for place, (one, other) in enumerate(names, 1)
    }


def by_name(talk):
    """Return what came on each connection, by the nick it begins with and a number."""
    conns = {}
    for number, (conn, packet) in enumerate(talk, 1):
        payload = codec.encode(packet)
        heard = Heard(payload, codec.read_json(payload), number / 1e9, number)
        conns.setdefault(conn, []).append(heard)
    named = {}
    for packets in conns.values():
        nick = "al" if packets[0].type == "welcome" else ""
        named[nick, sum(name == nick for name, _ in named)] = packets
    return named


@given(TALKS, TALKS, st.integers(1, 4), st.integers(1, 4))
def test_the_outcome_is_that_of_a_comparison_from_memory(before, after, one, other):
    contrast = Contrast(items(before, one), items(after, other), Masks())

    found = {way: outline(outcome) for way, outcome in contrast.outcomes()}

    whole = from_memory(before, after)
    assert {way: it for way, it in found.items() if any(it)} == {
        way: it for way, it in whole.items() if any(it)
    }


def greeted(conn, nick):
    return [(conn, Welcome(v=1, server="s", nick=nick)), (conn, Chat(nick, "hi", seq=1))]


def compared(before, after):
    contrast = Contrast(items(before), items(after), Masks())
    return {way: outline(outcome) for way, outcome in contrast.outcomes()}


def test_people_may_come_in_another_order():
    assert compared(greeted(1, "al") + greeted(2, "bo"), greeted(1, "bo") + greeted(2, "al")) == {}


def test_who_has_another_name_is_compared_with_who_is_left():
    found = compared(
        greeted(1, "cy") + greeted(2, "al") + greeted(3, "al"),
        greeted(1, "al") + greeted(2, "bo") + greeted(3, "al") + greeted(4, "di"),
    )

    changed, new = [(1, 3), (2, 4)], [7, 8]
    assert found == {(1, DOWN): (changed, [], [], []), (4, DOWN): ([], [], new, [])}


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
