"""The filter language on steps and on what came; masks inferred from two recordings."""

import pytest

from chatctl.capture.replay.compare import Heard
from chatctl.capture.replay.infer import inferred
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.selecting import heard_test, matching_steps
from chatctl.capture.replay.steps import read_steps
from chatctl.errors import UsageError
from chatctl.wire import codec


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("type==hello", [1, 4]),
        ("type==chat and conn==2", [9, 10, 12]),
        ("nick==bob and type==hello", [4]),
        ("t < 15ms", [1]),
    ],
)
def test_steps_that_match(base_talk, text, found):
    assert sorted(matching_steps(text, read_steps(base_talk.records).steps)) == found


def test_packets_that_came():
    test = heard_test("type==error and code==bad-nick")
    packets = [{"type": "error", "code": "bad-nick"}, {"type": "error", "code": "x"}]

    assert [test(Heard(codec.write_json(each), each, 1.0)) for each in packets] == [True, False]


def test_what_is_no_filter():
    with pytest.raises(UsageError):
        heard_test("type==")


def test_what_differs_between_two_recordings_is_volatile(talk):
    def recording(salt):
        return read_steps(
            talk().opens(1).says(1, type="hello", nick="al")
            .hears(1, type="motd", day=salt, place={"room": salt}, text="hi").records
        )  # fmt: skip

    masks = inferred(Masks(), recording("mon"), recording("tue"))

    assert masks.members - Masks().members == {"motd.day", "motd.room"}
