"""The smallest part that still fails; what is left of a recording without some packets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.capture.reading.reader import read_records
from chatctl.capture.replay.compare import Change, Comparison, Disorder, Heard
from chatctl.capture.replay.diff import Difference
from chatctl.capture.replay.result import LineResult, Result
from chatctl.capture.replay.saving import save
from chatctl.capture.replay.shrink import candidates, remainder, shrink, symptoms
from chatctl.capture.replay.steps import read_steps
from chatctl.errors import OutputError


@given(st.sets(st.integers(0, 40), min_size=1, max_size=5))
def test_exactly_what_is_needed_is_kept(needed):
    tries = []

    def fails(some):
        tries.append(some)
        return needed <= set(some)

    assert shrink(range(41), fails) == sorted(needed)
    assert len(tries) < 500


def test_what_fails_alone_is_not_tried_further():
    assert shrink([7], lambda some: pytest.fail("tried")) == [7]


def test_without_a_packet_its_consequences_are_gone(base_talk):
    steps = read_steps(base_talk.records).steps
    hello, hi = candidates(steps)
    assert [steps[index].value["message"] for index in (hello, hi)] == ["hello", "hi"]

    left = remainder(steps, frozenset({1, 2}), frozenset({hi}))

    assert not [step for step in left if step.value and step.value.get("message") == "hello"]
    assert len([step for step in left if step.type == "chat"]) == 3
    assert len([step for step in left if step.type == "join"]) == 3


def test_symptoms_are_kinds_of_faults():
    def heard(kind):
        return Heard(b"", {"type": kind})

    comparison = Comparison(
        changed=[Change(heard("chat"), heard("chat"), [Difference("entries[0].nick", 1, 2)])],
        missing=[heard("leave")],
        extra=[heard("me")],
        disorder=[Disorder(heard("join"), heard("chat"))],
    )
    line = LineResult(1, 1, "al", comparison, 0, 0, 0, 0, 0, "gone")

    assert symptoms(Result(lines=[line], failure="x")) == {
        ("changed", "chat", "nick"),
        ("missing", "leave", ""),
        ("extra", "me", ""),
        ("order", "join", "chat"),
        ("lost", "", ""),
        ("failure", "", ""),
    }


def test_steps_are_saved_as_they_were_read(base_talk, tmp_path):
    path = tmp_path / "saved.pcapng"
    before = read_steps(base_talk.raw(3, b"\x00\x05{}").closes(3, reset=True).records)

    save(before.steps, str(path))

    after = read_steps(read_records(path)).steps
    kept = [(step.at, step.conn, step.act, step.direction, step.payload) for step in before.steps]
    assert [(s.at, s.conn, s.act, s.direction, s.payload) for s in after] == kept


def test_a_file_that_cannot_be_written(base_talk, tmp_path):
    with pytest.raises(OutputError, match="cannot write"):
        save(read_steps(base_talk.records).steps, str(tmp_path / "no" / "where.pcapng"))
