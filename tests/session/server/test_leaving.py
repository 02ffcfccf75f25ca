"""How a peer leaves by its own will, and what it still reads when it has closed its side."""

import pytest

from chatctl.session.limits import Limits
from chatctl.session.server.house import Rules
from chatctl.wire.packets import (
    AskHistory,
    BaseSay,
    Bye,
    Chat,
    Enter,
    Hello,
    History,
    Join,
    Leave,
    Resume,
    Say,
    Tell,
)

T = 1_700_000_000_000


def test_a_goodbye_tells_the_others_why(stage):
    alice, bob, carol = stage.extended("alice"), stage.extended("bob"), stage.base("carol")
    stage.forget(alice, bob, carol)
    stage.send(bob, Bye("shutdown", "gone fishing", 9))
    assert stage.heard(alice) == [Leave("bob", "lobby", "bye: gone fishing", T)]
    assert stage.heard(carol) == [Leave("bob")]
    assert (stage.heard(bob), stage.closed[bob]) == ([], "goodbye")


def test_a_reason_is_cut_and_none_is_none(stage):
    alice, bob, carol = stage.extended("alice"), stage.extended("bob"), stage.extended("carol")
    stage.forget(alice)
    stage.send(bob, Bye(reason="x" * 10_000))
    stage.send(carol, Bye())
    long, none = stage.heard(alice)
    assert len(long.reason) < 320
    assert none == Leave("carol", "lobby", "", T)


def test_who_has_closed_its_side_reads_its_own_words_and_then_is_closed(make_stage):
    stage = make_stage(slow_log=True)
    alice, bob = stage.base("alice"), stage.base("bob")
    stage.forget(alice)
    stage.send(bob, BaseSay("first"))
    stage.send(alice, BaseSay("second"))
    stage.end(bob)
    assert bob not in stage.closed
    stage.send(alice, BaseSay("too late for bob"))
    stage.commit()
    words = [Chat("bob", "first"), Chat("alice", "second")]
    assert stage.heard(bob) == words
    assert stage.heard(alice) == [*words, Leave("bob"), Chat("alice", "too late for bob")]
    assert stage.closed[bob] == "goodbye"


def test_who_is_owed_nothing_is_closed_at_once(stage):
    alice, bob = stage.extended("alice"), stage.extended("bob")
    stage.send(alice, Tell("bob", "psst"))
    stage.forget(alice, bob)
    stage.end(bob)
    stage.end(bob)
    assert (stage.heard(bob), stage.closed[bob]) == ([], "goodbye")
    assert stage.heard(alice) == [Leave("bob", "lobby", "", T)]
    stranger = stage.connect()
    stage.end(stranger)
    assert stage.closed[stranger] == "goodbye"


def test_an_extended_peer_gets_its_acknowledgements_in_every_room(make_stage):
    stage = make_stage(slow_log=True)
    alice, bob = stage.extended("alice", "dm", "rooms"), stage.extended("bob", "dm", "rooms")
    stage.send(bob, Enter("ops"))
    stage.forget(alice, bob)
    stage.send(bob, Say("a", id="1"), Say("b", "ops", "2"), Tell("alice", "c", "3"))
    stage.end(bob)
    assert stage.heard(bob) == []
    stage.commit()
    assert sorted(packet.id for packet in stage.heard(bob)) == ["1", "2", "3"]
    assert bob in stage.closed
    assert len(stage.hub.house.seats) == 1


def test_the_nick_is_free_and_nobody_is_seen_twice(make_stage):
    stage = make_stage(slow_log=True)
    alice, bob = stage.base("alice"), stage.base("bob")
    stage.forget(alice)
    stage.send(bob, BaseSay("bye"))
    stage.end(bob)
    again = stage.base("bob")
    stage.commit()
    assert stage.heard(alice) == [Chat("bob", "bye"), Leave("bob"), Join("bob")]
    assert stage.heard(again) == [Join("bob")]


def test_a_page_that_was_asked_for_is_still_given(stage):
    stage.extended("alice", "history")
    bob = stage.extended("bob", "history")
    stage.forget(bob)
    answers = []
    stage.log.read = lambda query, answer: answers.append((query, answer))
    stage.send(bob, AskHistory(id="1"))
    stage.end(bob)
    assert bob not in stage.closed
    ((query, answer),) = answers
    del stage.log.read
    stage.log.read(query, answer)
    stage.run()
    assert [type(packet) for packet in stage.heard(bob)] == [History]
    assert bob in stage.closed


@pytest.mark.parametrize("seconds", [9, 11])
def test_who_does_not_read_what_it_is_owed_is_not_waited_for(make_stage, seconds):
    stage = make_stage(slow_log=True)
    bob = stage.base("bob")
    stage.full.add(bob)
    stage.send(bob, BaseSay("one"))
    stage.commit()
    stage.send(bob, BaseSay("two"))
    stage.end(bob)
    stage.commit()
    stage.later(seconds)
    assert (bob in stage.closed) is (seconds > 10)


def test_a_reset_after_the_end_is_still_a_goodbye(make_stage):
    stage = make_stage(slow_log=True)
    bob = stage.extended("bob", "resume")
    stage.send(bob, Say("hi", id="1"))
    stage.end(bob)
    stage.lose(bob)
    stage.commit()
    assert len(stage.hub.house.seats) == 0


def test_who_has_gone_and_falls_off_leaves_nick_and_seat_behind(make_stage):
    stage = make_stage(Rules(limits=Limits(window_bytes=3000)), slow_log=True)
    bob, alice = stage.extended("bob", "resume"), stage.base("alice")
    stage.send(bob, Say("one", id="1"))
    stage.full.add(bob)
    stage.commit()
    stage.send(bob, Say("two", id="2"))
    stage.end(bob)
    stage.send(alice, *(BaseSay("x" * 500) for _ in range(40)))
    stage.commit()
    stage.hub.drained(bob, stage.now)
    stage.run()
    assert bob in stage.closed
    assert stage.hub.house.nicks.is_free("bob")
    assert len(stage.hub.house.seats) == 0


def test_who_catches_up_and_goes_is_not_waited_for(stage):
    bob, welcome = stage.welcomed("bob", "resume")
    alice = stage.extended("alice")
    stage.send(bob, Say("hi"))
    stage.lose(bob)
    stage.send(alice, Say("missed"))
    stage.log.read = lambda query, answer: None
    again = stage.connect()
    stage.send(again, Hello("bob", 1, ("resume",), Resume(welcome.token, {"lobby": 1})))
    stage.end(again)
    assert again in stage.closed


def test_who_leave_together_are_not_told_of_each_other(stage):
    alice, *leavers = [stage.base(f"n{number}") for number in range(20)]
    stage.forget(alice, *leavers)
    for conn in leavers:
        stage.hub.ended(conn, stage.now)
    stage.run()
    assert set(stage.closed) == set(leavers)
    assert not any(stage.heard(conn) for conn in leavers)
    assert stage.heard(alice) == [Leave(f"n{number}") for number in range(1, 20)]


def test_who_leave_together_are_sent_the_same_octets(make_stage):
    stage = make_stage(slow_log=True)
    leavers = [stage.base(f"n{number}") for number in range(20)]
    stage.send(leavers[0], BaseSay("goodnight"))
    for conn in leavers:
        stage.hub.ended(conn, stage.now)
    stage.run()
    stage.writes.clear()
    stage.commit()
    ((conns, _),) = stage.writes
    assert (conns, set(stage.closed)) == (leavers, set(leavers))
