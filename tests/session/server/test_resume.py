"""Coming back: the token, exactly what was missed, or the hole where it is no longer to be had."""

import pytest

from chatctl.errors import ErrorCode
from chatctl.log.memory import MemoryLog
from chatctl.session.limits import Limits
from chatctl.session.server.house import Rules
from chatctl.wire.packets import (
    AskHistory,
    BaseSay,
    Chat,
    Direct,
    Enter,
    Gap,
    Hello,
    Join,
    Leave,
    Resume,
    Say,
    Tell,
    Welcome,
)

T = 1_700_000_000_000


def test_a_lost_link_is_announced_and_the_nick_held_for_its_owner(stage):
    alice, welcome = stage.welcomed("alice")
    bob = stage.extended("bob")
    stage.lose(alice)
    assert stage.heard(bob) == [Leave("alice", "lobby", "connection lost", T)]
    thief = stage.connect()
    stage.send(thief, Hello("alice"))
    assert stage.heard(thief) == [Join("alice2")]
    back, _ = stage.welcomed("alice", resume=Resume(welcome.token, {"lobby": 0}))
    assert stage.peek(back)[0].resumed


def test_exactly_what_was_missed_comes_before_the_live_stream(stage):
    alice, welcome = stage.welcomed("alice")
    bob = stage.base("bob")
    stage.send(bob, BaseSay("one"))
    stage.lose(alice)
    stage.send(bob, BaseSay("two"))
    stage.send(bob, BaseSay("three"))
    back, _ = stage.welcomed("alice", resume=Resume(welcome.token, {"lobby": 1}))
    stage.send(bob, BaseSay("four"))
    assert stage.heard(back)[1:] == [
        Chat("bob", "two", "lobby", 2, T),
        Chat("bob", "three", "lobby", 3, T),
        Join("alice", "lobby", T),
        Chat("bob", "four", "lobby", 4, T),
    ]


def test_what_is_being_committed_while_one_returns_is_not_lost(make_stage):
    stage = make_stage(slow_log=True)
    alice, welcome = stage.welcomed("alice")
    bob = stage.base("bob")
    stage.lose(alice)
    stage.send(bob, BaseSay("one"))
    back, _ = stage.welcomed("alice", resume=Resume(welcome.token, {"lobby": 0}))
    stage.commit()
    assert stage.heard(back)[1:] == [
        Chat("bob", "one", "lobby", 1, T),
        Join("alice", "lobby", T),
    ]


def test_many_missed_messages_come_in_slices_as_the_reader_takes_them(make_stage):
    stage = make_stage(Rules(limits=Limits(page=10, window_entries=500)))
    alice, welcome = stage.welcomed("alice")
    bob = stage.base("bob")
    stage.lose(alice)
    for number in range(1, 101):
        stage.send(bob, BaseSay(str(number)))
    back = stage.connect()
    stage.full.add(back)
    stage.send(back, Hello("alice", 1, (), Resume(welcome.token, {"lobby": 0})))
    assert len(stage.peek(back)) < 30
    for _ in range(30):
        stage.hub.drained(back, stage.now)
        stage.run()
    heard = stage.heard(back)
    assert [p.seq for p in heard if isinstance(p, Chat)] == list(range(1, 101))


def test_what_the_log_no_longer_has_is_named(make_stage):
    stage = make_stage(Rules(limits=Limits(window_entries=3)))
    alice, welcome = stage.welcomed("alice")
    bob = stage.base("bob")
    stage.lose(alice)
    for number in range(1, 11):
        stage.send(bob, BaseSay(str(number)))
    back, _ = stage.welcomed("alice", resume=Resume(welcome.token, {"lobby": 2}))
    _, gap, *said, _ = stage.heard(back)
    assert (type(gap), gap.room, gap.first, gap.last) == (Gap, "lobby", 3, 7)
    assert [p.seq for p in said] == [8, 9, 10]


def test_the_rooms_and_direct_messages_of_a_session_come_back(stage):
    alice, welcome = stage.welcomed("alice")
    bob, carol = stage.extended("bob"), stage.extended("carol")
    for peer in (alice, bob):
        stage.send(peer, Enter("ops"))
    stage.send(bob, Tell("alice", "one", "1"))
    stage.lose(alice)
    stage.send(bob, Say("in ops", "ops"))
    stage.send(bob, Tell("alice", "two", "2"))
    stage.send(carol, Tell("alice", "new", "3"))
    known = {"lobby": 0, "ops": 0, "@bob": 1}
    back, _ = stage.welcomed("alice", resume=Resume(welcome.token, known))
    heard = stage.heard(back)
    assert Chat("bob", "in ops", "ops", 1, T) in heard
    assert [p for p in heard if isinstance(p, Direct)] == [
        Direct("bob", "alice", "two", 2, T, "2"),
        Direct("carol", "alice", "new", 1, T, "3"),
    ]
    stage.send(carol, Tell("alice", "live", "4"))
    assert stage.heard(back) == [Direct("carol", "alice", "live", 2, T, "4")]


def test_a_message_sent_again_after_a_lost_echo_is_said_once(stage):
    alice, welcome = stage.welcomed("alice")
    bob = stage.base("bob")
    stage.send(alice, Say("hi", id="1"))
    stage.lose(alice)
    back, _ = stage.welcomed("alice", resume=Resume(welcome.token, {"lobby": 1}))
    stage.forget(back)
    stage.send(back, Say("hi", id="1"))
    assert stage.heard(back) == [Chat("alice", "hi", "lobby", 1, T, "1")]
    assert [p for p in stage.heard(bob) if isinstance(p, Chat)] == [Chat("alice", "hi")]


def test_after_a_restart_the_log_knows_tokens_messages_and_ids(make_stage):
    log = MemoryLog(secret=b"kept")
    before = make_stage(log=log)
    alice, welcome = before.welcomed("alice")
    before.send(alice, Say("hi", id="1"))
    after = make_stage(log=log)
    bob = after.base("bob")
    after.send(bob, BaseSay("while you were away"))
    back, again = after.welcomed("alice", resume=Resume(welcome.token, {"lobby": 1}))
    assert (again.resumed, again.session) == (True, welcome.session)
    assert [p.seq for p in after.heard(back) if isinstance(p, Chat)] == [2]
    after.send(back, Say("hi", id="1"))
    (echo,) = after.heard(back)
    assert (echo.seq, echo.id) == (1, "1")


@pytest.mark.parametrize("token", ["", "x", "session1.", "session1.0123", ".", "session1.é"])
def test_a_forged_token_is_a_new_session(stage, token):
    stage.welcomed("alice")
    _, welcome = stage.welcomed("mallory", resume=Resume(token, {"lobby": 0}))
    assert not welcome.resumed
    assert welcome.session == "session2"


def test_a_second_connection_of_a_session_replaces_the_first(stage):
    first, welcome = stage.welcomed("alice")
    bob = stage.base("bob")
    stage.forget(first)
    second, _ = stage.welcomed("alice", resume=Resume(welcome.token, {"lobby": 0}))
    (bye,) = stage.heard(first)
    assert bye.code == ErrorCode.REPLACED
    assert first in stage.closed
    assert [type(p) for p in stage.heard(second)] == [Welcome, Join]
    assert stage.heard(bob)[-2:] == [Leave("alice"), Join("alice")]


def test_who_replaced_a_connection_keeps_nick_and_ids_when_that_one_is_lost_too(stage):
    _, welcome = stage.welcomed("alice")
    resume = Resume(welcome.token, {"lobby": 0})
    second, _ = stage.welcomed("alice", resume=resume)
    stage.forget(second)
    stage.send(second, Say("hi", id="1"))
    said = stage.heard(second)
    stage.lose(second)
    third, _ = stage.welcomed("alice", resume=Resume(welcome.token, {"lobby": 1}))
    stage.forget(third)
    stage.send(third, Say("hi", id="1"))
    assert stage.heard(third) == said
    assert len(stage.hub.house.seats) == 1


def test_a_nick_is_not_held_for_ever(make_stage):
    stage = make_stage(Rules(limits=Limits(resume_window=30)))
    alice = stage.extended("alice")
    stage.lose(alice)
    stage.later(32)
    assert stage.base("alice")
    assert stage.hub.house.nicks.holder("alice").nick == "alice"
    assert len(stage.hub.house.seats) == 0


def test_a_goodbye_gives_the_nick_free_at_once(stage):
    alice = stage.extended("alice")
    stage.lose(alice, "")
    conn = stage.connect()
    stage.send(conn, Hello("alice"))
    assert stage.heard(conn) == [Join("alice")]


def test_who_is_expelled_while_catching_up_is_read_nothing_more(make_stage):
    """The socket drains between the goodbye and its end: alone in its rooms, it was all of them."""
    stage = make_stage(Rules(limits=Limits(page=10, window_entries=500)))
    alice, welcome = stage.welcomed("alice")
    bob = stage.base("bob")
    stage.lose(alice)
    stage.send(bob, *(BaseSay(str(number)) for number in range(1, 101)))
    back = stage.connect()
    stage.full.add(back)
    stage.send(back, Hello("alice", 1, (), Resume(welcome.token, {"lobby": 0})))
    stage.lose(bob)
    stage.hub.failed(back, "1", stage.now)
    stage.hub.drained(back, stage.now)
    stage.run()
    assert stage.closed[back]
    assert not [p for p in stage.heard(back) if isinstance(p, Chat)][20:]


def test_an_answered_question_to_the_log_is_forgotten(stage):
    alice = stage.extended("alice")
    stage.send(alice, *(AskHistory(id=str(number)) for number in range(100)))
    assert len(stage.heard(alice)) == 100
    assert not stage.hub.house.peers[alice].reads
