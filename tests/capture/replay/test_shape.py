"""Companies of clones, and words rewritten."""

import pytest

from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.pace import Pacing
from chatctl.capture.replay.plan import plan_clients
from chatctl.capture.replay.player import Player
from chatctl.capture.replay.result import result_of
from chatctl.capture.replay.shape import amplified, parse_rewrite, retold
from chatctl.capture.replay.steps import read_steps
from chatctl.errors import UsageError


def plan_of(recording):
    return plan_clients(read_steps(recording.records))


def values(plan, conn):
    [line] = [line for line in plan.lines if line.conn == conn]
    return [move.value for move in line.moves if move.value]


def test_the_first_company_is_as_recorded_and_the_others_have_names_of_their_own(base_talk):
    plan = amplified(plan_of(base_talk), 3, "{i}.{nick}", ramp=3.0)

    assert [line.nick for line in plan.lines] == [
        "alice", "bob", "1.alice", "1.bob", "2.alice", "2.bob",
    ]  # fmt: skip
    assert [line.conn for line in plan.lines] == [1, 2, 4, 5, 7, 8]
    assert plan.starts == (0.0, 1.0, 2.0)
    assert values(plan, 4)[0] == {"type": "hello", "nick": "1.alice"}
    assert plan.scopes[2][0].packet.value == {"type": "join", "nick": "2.alice"}
    assert plan.casts[1] == {"1.alice", "1.bob"}


def test_ids_direct_messages_and_private_logs_follow_the_names(talk):
    recording = talk().opens(1).says(1, type="hello", nick="al", v=1)
    recording.hears(1, type="welcome", nick="al").opens(2).says(2, type="hello", nick="bo")
    recording.hears(2, type="join", nick="bo")
    recording.says(1, type="dm", to="bo", message="al", id="x")
    recording.says(1, type="history", room="@bo", id="y")
    recording.says(1, type="hello", nick="al", resume={"token": "t", "rooms": {"@bo": 1, "ops": 2}})

    said = values(amplified(plan_of(recording), 2), 4)

    assert said[1] == {"type": "dm", "to": "bo-1", "message": "al", "id": "x-1"}
    assert said[2] == {"type": "history", "room": "@bo-1", "id": "y-1"}
    assert said[3]["resume"]["rooms"] == {"@bo-1": 1, "ops": 2}


def test_companies_play_beside_each_other(base_talk, chatroom, play):
    player = Player(amplified(plan_of(base_talk), 4), Pacing(), Masks())

    play(player, chatroom())

    result = result_of(player, Masks(), 0.0)
    assert result.same
    assert (result.sent, result.matched) == (16, 32)


def test_a_template_has_to_tell_companies_apart(base_talk):
    with pytest.raises(UsageError, match=r"needs \{i\}"):
        amplified(plan_of(base_talk), 2, "{nick}")


@pytest.mark.parametrize(
    ("text", "value", "rewritten"),
    [
        ("message=s/hell/jell/", {"type": "chat", "message": "hello"}, "jello"),
        ("chat.message=s/hell/jell/", {"type": "me", "message": "hello"}, "hello"),
        (r"message=s|(\w+) (\w+)|\2 \1|", {"type": "chat", "message": "a b"}, "b a"),
        ("message=new", {"type": "chat", "message": "old\nlines"}, "new"),
        (r"message=a\1b", {"type": "chat", "message": "old"}, r"a\1b"),
        ("message=super", {"type": "chat", "message": "old"}, "super"),
        ("message=", {"type": "chat", "message": "old"}, ""),
    ],
)
def test_rewriting(text, value, rewritten):
    assert parse_rewrite(text)(value)["message"] == rewritten


def test_what_is_sent_and_what_is_expected_are_rewritten_alike(base_talk, chatroom, play):
    server = chatroom()
    player = Player(
        retold(plan_of(base_talk), parse_rewrite("nick=s/alice/zoe/")), Pacing(), Masks()
    )

    play(player, server)

    assert server.said[0] == (1, {"type": "hello", "nick": "zoe"})
    assert result_of(player, Masks(), 0.0).missing == 0


@pytest.mark.parametrize("text", ["", "message", "=x", "message=s/a/b", "message=s/(/b/"])
def test_what_is_no_rewriting(text):
    with pytest.raises(UsageError):
        parse_rewrite(text)
