"""Which packet to the server brought about which packet to a client."""

import pytest

from chatctl.capture.replay.cause import Causes
from chatctl.capture.replay.steps import read_steps


def causes(recording):
    """Return the cause of each packet to a client, in order, as their types."""
    steps = read_steps(recording.records).steps
    of = Causes(steps).of
    name = {step.index: step.type or step.act.value for step in steps}
    to_client = [step for step in steps if step.direction == "to-client"]
    return [(step.type, f"{steps[of[step.index]].conn} {name[of[step.index]]}")
            if step.index in of else (step.type, None) for step in to_client]  # fmt: skip


def room(talk):
    """Al, by the extension, and bo, by the base protocol, are there."""
    recording = talk().opens(1).says(1, type="hello", nick="al", v=1)
    recording.hears(1, type="welcome", nick="al").hears(1, type="join", nick="al", room="lobby")
    return recording.enters(2, "bo", 1)


HERE = [
    ("welcome", "1 hello"), ("join", "1 hello"), ("join", "2 hello"), ("join", "2 hello"),
]  # fmt: skip
CASES = {
    "words": (
        lambda talk: talk.chats(2, "bo", "hi", 1, 2),
        [("chat", "2 chat"), ("chat", "2 chat")],
    ),
    "a private word": (
        lambda talk: talk.says(1, type="dm", to="bo", message="x").hears(
            1, type="dm", nick="al", to="bo", message="x"
        ),
        [("dm", "1 dm")],
    ),
    "an answer with an id": (
        lambda talk: talk.says(1, type="who", id="7").says(1, type="ping", id="8")
        .hears(1, type="error", code="x", id="7"),
        [("error", "1 who")],
    ),
    "answers without one": (
        lambda talk: talk.says(1, type="rooms").says(1, type="ping").hears(1, type="pong")
        .hears(1, type="rooms"),
        [("pong", "1 ping"), ("rooms", "1 rooms")],
    ),
    "a topic, heard by others": (
        lambda talk: talk.says(1, type="topic", topic="t", id="1")
        .hears(2, type="topic", room="lobby", topic="t", nick="al"),
        [("topic", "1 topic")],
    ),
    "a room of its own": (
        lambda talk: talk.says(1, type="join", room="ops", id="1")
        .hears(2, type="join", nick="al", room="ops").says(1, type="leave", room="ops", id="2")
        .hears(2, type="leave", nick="al", room="ops"),
        [("join", "1 join"), ("leave", "1 leave")],
    ),
    "a new nick, and words under it": (
        lambda talk: talk.says(1, type="nick", nick="alf")
        .hears(2, type="nick", nick="al", to="alf").chats(1, "alf", "x", 2),
        [("nick", "1 nick"), ("chat", "1 chat")],
    ),
    "an end": (
        lambda talk: talk.closes(2).hears(1, type="leave", nick="bo"),
        [("leave", "2 close")],
    ),
    "a framed goodbye": (
        lambda talk: talk.says(2, type="leave").hears(1, type="leave", nick="bo"),
        [("leave", "2 leave")],
    ),
    "what nobody asked for": (
        lambda talk: talk.hears(1, type="ping", id="x")
        .hears(1, type="chat", nick="zoe", message="y")
        .hears(1, type="leave", nick="zoe"),
        [("ping", None), ("chat", None), ("leave", None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("happens", "found"), CASES.values(), ids=CASES)
def test_causes(talk, happens, found):
    assert causes(happens(room(talk))) == HERE + found


def test_equal_words_each_have_their_own_cause(talk):
    recording = room(talk).says(2, type="chat", message="x").says(2, type="chat", message="x")
    recording.all_hear(1, 2, type="chat", nick="bo", message="x")
    recording.all_hear(1, 2, type="chat", nick="bo", message="x")
    steps = read_steps(recording.records).steps

    of = Causes(steps).of

    heard = [step.index for step in steps if step.type == "chat" and step.direction == "to-client"]
    assert len({of[index] for index in heard if steps[index].conn == 1}) == 2
    assert len({of[index] for index in heard if steps[index].conn == 2}) == 2


def test_who_was_renamed_on_coming_in_is_known_by_the_new_nick(talk):
    recording = talk().opens(1).says(1, type="hello", nick="al").hears(1, type="join", nick="al_")
    recording.chats(1, "al_", "x", 1)
    steps = read_steps(recording.records).steps

    found = Causes(steps)

    assert found.nicks == {1: "al_"}
    assert found.names == {"al", "al_"}
    assert len(found.of) == 2
