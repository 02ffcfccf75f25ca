"""Masks and field diffs."""

import pytest

from chatctl.capture.replay.diff import ABSENT, Difference, differences, likeness
from chatctl.capture.replay.masks import MASKED, Masks
from chatctl.errors import UsageError


def test_a_mask_hides_the_value_and_shows_the_presence():
    masks = Masks()

    assert masks.hide("chat", {"seq": 4, "nick": "a"}) == {"seq": MASKED, "nick": "a"}
    assert differences(masks, "chat", {"seq": 4}, {"seq": 5}) == []
    assert differences(masks, "chat", {"seq": 4}, {"sequence": 4}) == [
        Difference("seq", MASKED, ABSENT),
        Difference("sequence", ABSENT, 4),
    ]


def test_a_mask_reaches_into_lists():
    page = {"type": "history", "entries": [{"seq": 1, "message": "x"}]}

    assert differences(
        Masks(), "history", page, {**page, "entries": [{"seq": 9, "message": "y"}]}
    ) == [Difference("entries[0].message", "x", "y")]


@pytest.mark.parametrize(
    ("name", "kind", "hidden"),
    [("topic", "topic", True), ("topic.nick", "topic", True), ("chat.nick", "topic", False)],
)
def test_masks_are_by_member_or_by_type_and_member(name, kind, hidden):
    masks = Masks().adding([name])

    assert masks.hides(kind, name.rpartition(".")[2]) is hidden


@pytest.mark.parametrize("name", ["", "a.b.c", ".x", "x."])
def test_a_mask_that_is_none_is_refused(name):
    with pytest.raises(UsageError, match="not a member"):
        Masks().adding([name])


def test_unmasking():
    assert not Masks().without(["seq"]).hides("chat", "seq")
    with pytest.raises(UsageError, match="'nick' is not masked"):
        Masks().without(["nick"])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": [1, {"c": None}]}, {"b": [1, {"c": None}], "a": 1}, True),
        ({"a": True}, {"a": 1}, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        ({"a": []}, {"a": {}}, False),
        ({"a": "1"}, {"a": 1}, False),
    ],
)
def test_keys_are_equal_for_equal_packets(one, other, same):
    key = Masks().key

    assert (key("x", one) == key("x", other)) is same
    assert (differences(Masks(), "x", one, other) == []) is same
    assert len({key("x", one), key("x", other)}) == (1 if same else 2)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"type": "chat", "nick": "a"}, {"type": "chat", "nick": "a"}, 1.0),
        ({"type": "chat", "nick": "a"}, {"type": "join", "nick": "a"}, 0.0),
        ({"type": "chat", "nick": "a"}, {"type": "chat", "name": "a"}, 1 / 3),
    ],
)
def test_likeness(one, other, alike):
    assert likeness(one, other) == pytest.approx(alike)
