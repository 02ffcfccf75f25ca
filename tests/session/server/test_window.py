"""A window: what each reader is given, encoded once, whoever reads in which order."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.session.entries import Draft, Entry, EntryKind
from chatctl.session.limits import Limits
from chatctl.session.server import window as windows
from chatctl.session.server.rooms import Room
from chatctl.session.server.window import Window
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Join, Leave, NickChange

T = 1_700_000_000_000


def entry(seq, message="hi", kind=EntryKind.CHAT):
    return Entry(seq, Draft("lobby", kind, "alice", message, T))


ITEMS = [
    entry(1),
    Join("bob", "lobby", T),
    entry(2, "waves", EntryKind.ACTION),
    NickChange("bob", "bert", "lobby", T),
    entry(3, "a topic", EntryKind.TOPIC),
    Leave("bert", "lobby", "gone", T),
    entry(4, "bye"),
]
BASE = [
    encode_frame(Chat("alice", "hi")),
    encode_frame(Join("bob")),
    encode_frame(Chat("alice", "*waves*")),
    encode_frame(Leave("bob")) + encode_frame(Join("bert")),
    b"",
    encode_frame(Leave("bert")),
    encode_frame(Chat("alice", "bye")),
]
EXTENDED = [encode_frame(item.packet() if isinstance(item, Entry) else item) for item in ITEMS]


@pytest.mark.parametrize(("base", "frames"), [(True, BASE), (False, EXTENDED)])
@given(
    reads=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 7)), max_size=6),
    sizes=st.lists(st.integers(1, 3), min_size=3, max_size=7),
)
def test_any_reads_in_any_order_give_the_same_frames(base, frames, reads, sizes):
    window, filled = Window(Limits()), 0
    for size in sizes:
        window.extend(ITEMS[filled : filled + size])
        filled = min(len(ITEMS), filled + size)
        for start, until in reads:
            until = min(until, filled)
            if start < until:
                slice_ = window.slice(start, until, base=base)
                assert slice_ == (b"".join(frames[start:until]), until)


@given(st.integers(0, 7), st.lists(st.tuples(st.booleans(), st.integers(0, 6)), max_size=5))
def test_what_is_let_go_of_leaves_the_rest_where_it_was(slowest, reads):
    window = Window(Limits(window_entries=2))
    window.extend(ITEMS)
    for base, start in reads:
        window.slice(start, 7, base=base)
    window.trim(slowest)
    start = min(slowest, 5)
    assert window.start == start
    assert window.slice(start, 7, base=True) == (b"".join(BASE[start:]), 7)
    assert window.slice(start, 7, base=False) == (b"".join(EXTENDED[start:]), 7)


def test_a_slice_ends_behind_the_frame_that_fills_it_unless_little_is_left():
    window = Window(Limits(slice_bytes=1000))
    window.extend([entry(seq, "x" * 100) for seq in range(1, 101)])
    size = len(encode_frame(Chat("alice", "x" * 100)))
    data, reached = window.slice(0, 100, base=True)
    assert reached == -(-1000 // size)
    assert len(data) == reached * size
    assert window.slice(92, 100, base=True)[1] == 100


def test_beyond_the_bound_of_octets_the_oldest_goes_whoever_wants_it():
    window = Window(Limits(window_bytes=3 * (windows.OVERHEAD + 100)))
    window.extend([entry(seq, "x" * 100) for seq in range(1, 6)])
    window.trim(0)
    assert (window.start, window.end) == (2, 5)


@pytest.mark.parametrize(
    ("letter", "times"), [("x", 1), ("x", 1000), ("é", 1000), ("😀", 1000), ("\x01", 600)]
)
def test_the_bound_of_octets_is_that_of_memory(letter, times):
    """A control character is six octets of each frame, an emoji four of the text and its copy."""
    bound = 500_000
    tracemalloc.start()
    window, seq = Window(Limits(window_entries=1, window_bytes=bound)), 0
    while not window.start:
        window.extend([entry(seq := seq + 1, f"{letter * times}{seq}") for _ in range(10)])
        for base in (True, False):
            window.slice(window.end - 10, window.end, base=base)
        window.trim(0)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert bound * 0.5 < used < bound * 1.1


@given(
    script=st.lists(
        st.integers(1, 4) | st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=20
    )
)
def test_what_is_kept_is_counted_whatever_is_read_and_let_go_of(script):
    window = Window(Limits(window_entries=0, window_bytes=3000))
    for step in script:
        if isinstance(step, int):
            window.extend(ITEMS[:step])
        elif window.start < window.end:
            base, back = step
            window.slice(max(window.start, window.end - back), window.end, base=base)
        window.trim(window.start + 1)
        assert 0 <= window.size <= 3000
    window.trim(window.end)
    assert window.size == 0


def test_an_item_is_encoded_once_for_a_dialect_and_not_for_one_nobody_reads(monkeypatch):
    packets = []
    encode_frames = windows.encode_frames

    def counting(more):
        packets.extend(more := list(more))
        return encode_frames(more)

    monkeypatch.setattr(windows, "encode_frames", counting)
    window = Window(Limits())
    window.extend([entry(1), entry(2)])
    for _ in range(3):
        window.slice(0, 2, base=True)
    window.extend([entry(3)])
    window.slice(1, 3, base=True)
    assert packets == [Chat("alice", "hi")] * 3


@given(
    script=st.lists(st.integers(1, 3) | st.none(), max_size=8),
    answers=st.lists(st.integers(1, 4), min_size=1, max_size=12),
)
def test_presence_stays_behind_the_words_before_it_however_the_log_answers(script, answers):
    """*script*: how many words are said, None for a join; *answers*: how many come back at once."""
    room, waiting, expected, names = Room("lobby", Limits()), [], [], 0
    for step in script:
        if step is None:
            names += 1
            expected.append(Join(f"n{names}", "lobby", T))
            position = room.next_position()
            room.present(expected[-1], 0.0)
            assert position == len(expected) - 1
        else:
            said = [entry(len(waiting) + number) for number in range(1, step + 1)]
            waiting += said
            expected += said
            room.expect(step)
    turn = 0
    while waiting:
        size = answers[turn % len(answers)]
        room.arrived(waiting[:size], 0.0)
        waiting, turn = waiting[size:], turn + 1
    frames = [encode_frame(i.packet() if isinstance(i, Entry) else i) for i in expected]
    end = room.window.end
    assert end == len(expected)
    if end:
        assert room.window.slice(0, end, base=False) == (b"".join(frames), end)
