"""When things are due."""

import pytest

from chatctl.capture.replay.pace import Window, due_between, offsets
from chatctl.capture.replay.steps import read_steps


@pytest.mark.parametrize(
    ("ms", "window", "due"),
    [
        (-5, Window(), 0.0),
        (0, Window(), 0.0),
        (25, Window(), 0.025),
        (1000, Window(), 0.15),
        (25, Window(max_gap=0.001), 0.003),
        (25, Window(begin=0.1), 0.0),
        (115, Window(begin=0.11), 0.005),
    ],
)
def test_what_happens_between_two_steps_is_due_between_them(base_talk, ms, window, due):
    steps = read_steps(base_talk.records).steps
    found = due_between(steps[0].at + ms * 1_000_000, steps, offsets(steps, window))
    assert found == pytest.approx(due)
