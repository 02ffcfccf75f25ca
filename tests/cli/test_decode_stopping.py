"""Ctrl-C ends what is live, and loses nothing that has come."""

import os
import signal

from chatctl.cli.decoding.stopping import until_interrupted


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def taken(items, at, times=1):
    """Return what is taken of *items* where somebody interrupts so many times at the item *at*."""
    seen = []
    try:
        for item in until_interrupted(items):
            for _ in range(times if item == at else 0):
                interrupt()
            seen.append(item)
    except KeyboardInterrupt:
        seen.append("interrupted")
    return seen


def test_the_item_in_hand_is_looked_at_to_its_end():
    assert taken(iter([1, 2, 3]), 2) == [1, 2, "interrupted"]


def test_who_waits_is_interrupted():
    def source():
        yield 1
        interrupt()
        yield 2

    assert taken(source(), None) == [1, "interrupted"]


def test_a_second_time_ends_at_once():
    assert taken(iter([1, 2, 3]), 2, times=2) == [1, "interrupted"]


def test_afterwards_all_is_as_before():
    before = signal.getsignal(signal.SIGINT)

    assert list(until_interrupted(iter("ab"))) == ["a", "b"]
    assert signal.getsignal(signal.SIGINT) is before
