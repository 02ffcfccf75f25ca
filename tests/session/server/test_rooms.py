"""Rooms, direct messages, topics, nicks, pages of history: each request and its one answer."""

from chatctl.errors import ErrorCode
from chatctl.session.limits import Limits
from chatctl.session.server.house import Rules
from chatctl.wire.packets import (
    AskHistory,
    AskRooms,
    AskWho,
    BaseSay,
    ChangeNick,
    Chat,
    Direct,
    Enter,
    Exit,
    History,
    Join,
    Leave,
    NickChange,
    RoomInfo,
    Rooms,
    Say,
    SetTopic,
    Tell,
    Topic,
    Who,
)

T = 1_700_000_000_000


def code_of(packets):
    (error,) = packets
    return error.code


def test_a_room_is_joined_spoken_in_and_left(stage):
    alice, bob, carol = stage.extended("alice"), stage.extended("bob"), stage.base("carol")
    stage.send(alice, Enter("ops", "1"))
    stage.send(bob, Enter("ops", "2"))
    stage.forget(alice, bob, carol)
    stage.send(bob, Say("deploy?", "ops", "3"))
    assert stage.heard(alice) == stage.heard(bob) == [Chat("bob", "deploy?", "ops", 1, T, "3")]
    stage.send(bob, Exit("ops", "4"))
    assert stage.heard(alice) == stage.heard(bob) == [Leave("bob", "ops", "", T, "4")]
    stage.send(alice, Say("bye", "ops"))
    assert stage.heard(bob) == []
    assert stage.heard(carol) == []


def test_a_leaver_hears_what_was_said_before_its_leave(make_stage):
    stage = make_stage(slow_log=True)
    alice, bob = stage.extended("alice"), stage.extended("bob")
    stage.send(alice, Enter("ops"))
    stage.send(bob, Enter("ops"))
    stage.forget(alice, bob)
    stage.send(bob, Say("last words", "ops", "1"))
    stage.send(bob, Exit("ops", "2"))
    assert stage.heard(bob) == stage.heard(alice) == []
    stage.commit()
    heard = [Chat("bob", "last words", "ops", 1, T, "1"), Leave("bob", "ops", "", T, "2")]
    assert stage.heard(alice) == stage.heard(bob) == heard


def test_one_may_come_back_before_one_has_read_ones_own_leave(stage):
    alice = stage.extended("alice")
    stage.full.add(alice)
    stage.send(alice, Enter("ops", "1"))
    stage.hub.received(alice, b"", stage.now)
    stage.send(alice, Exit("ops", "2"), Enter("ops", "3"))
    stage.full.clear()
    stage.hub.drained(alice, stage.now)
    stage.run()
    heard = stage.heard(alice)
    assert [type(p) for p in heard] == [Join, Leave, Join]
    stage.send(alice, Say("here", "ops", "4"))
    assert stage.heard(alice) == [Chat("alice", "here", "ops", 1, T, "4")]


def test_joining_twice_and_too_many_rooms_are_refused(make_stage):
    stage = make_stage(Rules(limits=Limits(rooms=2)))
    alice = stage.extended("alice")
    stage.send(alice, Enter("lobby", "1"))
    assert code_of(stage.heard(alice)) == ErrorCode.BAD_ROOM
    stage.send(alice, Enter("ops", "2"))
    stage.forget(alice)
    stage.send(alice, Enter("dev", "3"))
    assert code_of(stage.heard(alice)) == ErrorCode.TOO_MANY_ROOMS


def test_the_capability_for_rooms_has_to_be_asked_for(stage):
    alice = stage.extended("alice", "history")
    stage.send(alice, Enter("ops", "1"))
    assert code_of(stage.heard(alice)) == ErrorCode.UNSUPPORTED


def test_rooms_are_listed_with_their_members_topic_and_last_seq(stage):
    alice = stage.extended("alice")
    stage.send(alice, Enter("ops"), SetTopic("ops", "release"), Say("x", "ops"))
    stage.forget(alice)
    stage.send(alice, AskRooms(id="1"))
    rows = (RoomInfo("lobby", 1), RoomInfo("ops", 1, "release", 2))
    assert stage.heard(alice) == [Rooms(rows, id="1")]
    stage.send(alice, AskRooms("lobby", "2"))
    assert stage.heard(alice) == [Rooms(rows[1:], id="2")]


def test_an_empty_room_is_let_go_of_and_keeps_topic_and_seq(stage):
    alice = stage.extended("alice")
    stage.send(alice, Enter("ops"), SetTopic("ops", "release"), Exit("ops"))
    assert "ops" not in stage.hub.house.rooms
    stage.forget(alice)
    stage.send(alice, Enter("ops"), SetTopic("ops", id="1"), Say("x", "ops", "2"))
    _, topic, said = sorted(stage.heard(alice), key=lambda p: p.id)
    assert topic == Topic("ops", "release", "alice", 1, T, "1")
    assert said.seq == 2


def test_a_topic_is_set_for_all_and_asked_for_by_one(stage):
    alice, bob = stage.extended("alice"), stage.extended("bob")
    stage.forget(alice)
    stage.send(alice, SetTopic("lobby", "friday", "1"))
    assert stage.heard(bob) == stage.heard(alice) == [Topic("lobby", "friday", "alice", 1, T, "1")]
    stage.send(bob, SetTopic(id="2"))
    assert stage.heard(bob) == [Topic("lobby", "friday", "alice", 1, T, "2")]
    stage.send(bob, SetTopic("lobby", "x" * 391, "3"))
    assert code_of(stage.heard(bob)) == ErrorCode.TEXT_TOO_LONG


def test_direct_messages_reach_the_two_alone_and_are_numbered_for_them(stage):
    alice, bob, carol = (stage.extended(nick) for nick in ("alice", "bob", "carol"))
    stage.forget(alice, bob, carol)
    stage.send(alice, Tell("BOB", "psst", "1"))
    stage.send(bob, Tell("alice", "what", "2"))
    both = [Direct("alice", "bob", "psst", 1, T, "1"), Direct("bob", "alice", "what", 2, T, "2")]
    assert stage.heard(alice) == stage.heard(bob) == both
    assert stage.heard(carol) == []
    stage.send(carol, AskHistory("@alice", id="3"))
    assert stage.heard(carol) == [History("@alice", (), id="3")]
    stage.send(bob, AskHistory("@alice", id="4"))
    assert stage.heard(bob) == [History("@alice", tuple(both), id="4")]


def test_one_can_write_to_oneself(stage):
    alice = stage.extended("alice")
    stage.send(alice, Tell("alice", "note", "1"))
    assert stage.heard(alice) == [Direct("alice", "alice", "note", 1, T, "1")]


def test_a_later_holder_of_a_nick_cannot_read_its_direct_messages(stage):
    alice, bob = stage.extended("alice"), stage.extended("bob")
    stage.send(alice, Tell("bob", "secret", "1"))
    stage.send(bob, Exit())
    other = stage.extended("bob")
    stage.send(other, AskHistory("@alice", id="2"))
    assert stage.heard(other) == [History("@alice", (), id="2")]


def test_a_base_peer_cannot_be_sent_direct_messages(stage):
    alice = stage.extended("alice")
    stage.base("bob")
    stage.forget(alice)
    stage.send(alice, Tell("bob", "psst", "1"))
    assert code_of(stage.heard(alice)) == ErrorCode.UNSUPPORTED


def test_a_nick_is_changed_for_everybody_in_its_dialect(stage):
    alice, bob, carol = stage.extended("alice"), stage.extended("bob"), stage.base("carol")
    stage.forget(alice, bob, carol)
    stage.send(alice, ChangeNick("alicia", "1"))
    assert stage.heard(bob) == [NickChange("alice", "alicia", "lobby", T)]
    assert stage.heard(carol) == [Leave("alice"), Join("alicia")]
    told = NickChange("alice", "alicia", "lobby", T)
    assert stage.heard(alice) == [NickChange("alice", "alicia", "", T, "1"), told]
    stage.send(carol, BaseSay("who?"))
    stage.send(bob, ChangeNick("ALICIA", "2"))
    assert code_of([p for p in stage.heard(bob) if p.id == "2"]) == ErrorCode.NICK_TAKEN
    stage.send(alice, ChangeNick("Alicia", "3"))
    assert stage.hub.house.nicks.holder("alicia").nick == "Alicia"


def test_history_is_paged_by_cursor_both_ways(stage):
    alice = stage.extended("alice")
    stage.send(alice, *(Say(str(number)) for number in range(1, 11)))
    stage.forget(alice)

    def page(**asked):
        stage.send(alice, AskHistory("lobby", id="1", **asked))
        (answer,) = stage.heard(alice)
        return [entry.seq for entry in answer.entries], answer.more

    assert page(limit=3) == ([8, 9, 10], True)
    assert page(before=8, limit=3) == ([5, 6, 7], True)
    assert page(before=3) == ([1, 2], False)
    assert page(after=7) == ([8, 9, 10], False)
    assert page(after=2, limit=2) == ([3, 4], True)
    assert page(after=2, before=5) == ([3, 4], False)
    assert page(after=10) == ([], False)
    assert page(before=1) == ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10][:0], False)


def test_a_page_that_does_not_fit_a_frame_is_cut_and_says_so(stage):
    alice = stage.extended("alice")
    stage.send(alice, *(Say("x" * 4096) for _ in range(20)))
    stage.forget(alice)
    stage.send(alice, AskHistory("lobby", id="1"))
    (newest,) = stage.heard(alice)
    assert newest.more
    assert newest.entries[-1].seq == 20
    stage.send(alice, AskHistory("lobby", after=1, id="2"))
    (oldest,) = stage.heard(alice)
    assert oldest.more
    assert oldest.entries[0].seq == 2


def test_history_of_a_room_is_for_its_members(stage):
    alice = stage.extended("alice")
    stage.send(alice, AskHistory("ops", id="1"))
    assert code_of(stage.heard(alice)) == ErrorCode.NOT_IN_ROOM


def test_the_members_of_a_great_room_come_in_pages(make_stage):
    stage = make_stage()
    alice = stage.extended("a0")
    for number in range(1, 502):
        stage.base(f"b{number:03}")
    stage.forget(alice)
    stage.send(alice, AskWho(id="1"))
    (first,) = stage.heard(alice)
    assert (len(first.nicks), first.more) == (500, True)
    stage.send(alice, AskWho(after=first.nicks[-1], id="2"))
    assert stage.heard(alice) == [Who("lobby", ("b500", "b501"), id="2")]


def test_a_message_the_log_cannot_keep_is_said_and_its_author_told(make_stage):
    stage = make_stage(slow_log=True)
    alice, bob, carol = stage.extended("alice"), stage.extended("bob"), stage.base("carol")
    stage.forget(alice, bob, carol)
    stage.send(alice, Say("hi", id="1"))
    stage.send(carol, BaseSay("ho"))
    stage.fail_commit()
    assert stage.heard(bob) == [
        Chat("alice", "hi", "lobby", 0, T),
        Chat("carol", "ho", "lobby", 0, T),
    ]
    error, ho = stage.heard(alice)
    assert (error.code, error.id) == (ErrorCode.NOT_STORED, "1")
    assert ho == Chat("carol", "ho", "lobby", 0, T)
    assert stage.heard(carol) == [Chat("alice", "hi"), Chat("carol", "ho")]
    assert stage.hub.house.counters.unstored == 2
    stage.send(alice, Say("again", id="2"))
    stage.commit()
    (echo,) = stage.heard(alice)
    assert (echo.message, echo.id, echo.seq > 0) == ("again", "2", True)


def test_rooms_with_long_topics_come_in_pages_that_fit_a_frame(stage):
    """Any peer can leave behind more of them than a frame holds, each with a topic in it."""
    alice, bob = stage.extended("alice"), stage.extended("bob")
    names = [f"r{number:03}" for number in range(200)]
    for name in names:
        stage.send(alice, Enter(name), SetTopic(name, "t" * 390), Exit(name))
    told, more = [], True
    while more:
        stage.forget(bob)
        stage.send(bob, AskRooms(told[-1] if told else ""))
        (page,) = stage.heard(bob)
        told += [info.room for info in page.rooms]
        more = page.more
    assert told == ["lobby", *names]


def test_nicks_of_many_octets_come_in_pages_that_fit_a_frame(make_stage):
    stage = make_stage(Rules(unicode_nicks=True))
    alice = stage.extended("alice")
    letters = [chr(0x10330 + number) for number in range(8)]  # Gothic, four octets each
    nicks = [a + b + c + letters[0] * 29 for a in letters for b in letters for c in letters]
    for nick in nicks[:499]:
        stage.base(nick)
    stage.forget(alice)
    stage.send(alice, AskWho(id="1"))
    (first,) = stage.heard(alice)
    assert first.more
    stage.send(alice, AskWho(after=first.nicks[-1], id="2"))
    (second,) = stage.heard(alice)
    assert [*first.nicks, *second.nicks] == ["alice", *nicks[:499]]


def test_a_refusal_quotes_no_more_than_a_line_of_a_log_can_bear(stage):
    alice = stage.extended("alice")
    stage.send(alice, Tell("x" * 10_000, "hi", "1"))
    (error,) = stage.heard(alice)
    assert error.code == ErrorCode.NO_SUCH_NICK
    assert error.message.startswith("nobody here is called xxx")
    assert len(error.message) < 400
