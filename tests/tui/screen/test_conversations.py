"""Stories: what happens in a chat, and what somebody then has before them. No terminal."""

import pytest

from chatctl.session.client.events import (
    Delivery,
    Hole,
    Joined,
    Lag,
    Left,
    LinkLost,
    Members,
    Negotiated,
    NickChanged,
    Page,
    Receipt,
    Reconnecting,
    Refused,
    Said,
    Saying,
    TopicIs,
)
from chatctl.tui.screen.conversations import Conversations

NOW = 1_795_348_800.0
PENDING = Delivery.PENDING


@pytest.fixture
def talk():
    return Conversations("alice", lambda: NOW)


def take(talk, *events):
    for event in events:
        talk.take(event)
    return talk


def rows(talk, room="lobby"):
    return [
        f"{row.who}| {row.text}{'' if not row.state else ' ' + row.state}"
        for row in reversed(list(talk.rooms[room].rows.backwards()))
    ]


STORIES = {
    "people come, talk and go": (
        [
            Joined("alice", own=True),
            Joined("bob"),
            Said("bob", "hi"),
            Said("bob", "waves", how=Saying.ACTION),
            Left("bob", reason="connection lost"),
        ],
        [
            "***| alice has joined the chat",
            "***| bob has joined the chat",
            "bob| hi",
            "*| bob waves",
            "***| bob has left the chat (connection lost)",
        ],
    ),
    "own words are there once, whatever becomes of them": (
        [
            Said("alice", "hi", id="a", own=True, state=Delivery.PENDING),
            Said("alice", "ho", id="b", own=True, state=Delivery.PENDING),
            Receipt("a", Delivery.CONFIRMED, seq=7),
            Receipt("b", Delivery.FAILED, reason="too long"),
        ],
        ["alice| hi confirmed", "alice| ho failed"],
    ),
    "what failed may still arrive": (
        [
            Said("alice", "hi", id="a", own=True, state=Delivery.PENDING),
            Receipt("a", Delivery.FAILED),
            Receipt("a", Delivery.PENDING),
            Receipt("a", Delivery.CONFIRMED, seq=1),
        ],
        ["alice| hi confirmed"],
    ),
    "trouble is told": (
        [
            Hole("lobby", 3, 16, "the window has moved on"),
            Refused("bad-nick", "no such luck", suggestion="alice_"),
            LinkLost("reset", 2.0),
        ],
        [
            "!!!| 14 messages missing (the window has moved on)",
            "!!!| no such luck; try alice_",
            "!!!| connection lost (reset); next try in 2 s",
        ],
    ),
    "hostile text is inert": (
        [
            Said("e\x1b[31mv", "\x1b[2J\x07\x9b31m[red]x[/]\u202e"),
            Left("*** bob", reason="\x1b]0;x"),
        ],
        [
            r"e\x1b[31mv| \x1b[2J\x07\x9b31m[red]x[/]\u202e",
            r"***| \x2a\x2a\x2a\x20bob has left the chat (\x1b]0;x)",
        ],
    ),
}


@pytest.mark.parametrize(("story", "shown"), STORIES.values(), ids=STORIES)
def test_story(talk, story, shown):
    assert rows(take(talk, *story)) == shown


def test_only_words_that_nobody_saw_are_unread_and_the_line_stands_above_the_first(talk):
    take(talk, Said("bob", "seen"))
    talk.attend(here=False)
    take(talk, Said("bob", "1"), Joined("carol"), Said("bob", "2, Alice!"), Said("al", "alicent"))

    assert (talk.room.unread, talk.room.mentions, talk.room.seen_to) == (3, 1, 1)

    talk.attend(here=True)
    assert (talk.room.unread, talk.room.mentions, talk.room.seen_to) == (0, 0, 1)
    assert talk.room.below_the_line == 3

    talk.attend(here=False)
    assert talk.room.seen_to is None


def test_other_rooms_count_and_ring(talk):
    take(talk, Said("bob", "x", "ops"), Said("bob", "psst", "@bob", Saying.DIRECT, to="alice"))

    assert [(room.name, room.unread, room.mentions) for room in talk.rooms.values()] == [
        ("lobby", 0, 0),
        ("ops", 1, 0),
        ("@bob", 1, 1),
    ]
    assert talk.rings == 1
    assert talk.next_active() == "@bob"
    talk.go("@bob")
    assert talk.next_active() == "ops"
    talk.go("ops")
    assert talk.next_active() is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("alice", True),
        ("@alice: hi", True),
        ("ALICE!", True),
        ("alicent", False),
        ("malice", False),
        ("alice-b", False),
    ],
)
def test_a_mention_is_the_whole_nick(talk, text, named):
    take(talk, Said("bob", text))
    assert talk.room.rows[0].mention is named


def test_older_words_go_before_and_a_page_asked_for_by_hand_behind(talk):
    take(talk, Said("bob", "5", seq=5))
    talk.room.asked = "q"

    take(
        talk, Page("lobby", (Said("bob", "3", seq=3), Said("alice", "4", seq=4, own=True)), id="q")
    )
    take(talk, Page("lobby", (Said("bob", "1", seq=1),), more=True, id="by hand"))

    assert rows(talk) == [
        *("bob| 3", "alice| 4", "bob| 5"),
        *("***| history: 1 message", "bob| 1", "***| end of the history"),
    ]
    room = talk.room
    assert (room.rows.oldest(), room.exhausted, room.asked, room.rows.first) == (3, True, "", -2)
    assert room.whole

    take(talk, Page("lobby", (), id="by hand"))
    assert rows(talk)[-1] == "***| no history"


def test_what_is_on_its_way_twice_is_there_once(talk):
    room = talk.open("@bob")
    take(talk, Said("alice", "psst", "@bob", Saying.DIRECT, id="a", own=True, state=PENDING))
    room.asked = "q"

    page = (
        Said("bob", "what", "@bob", Saying.DIRECT, seq=1, time=5),
        Said("alice", "psst", "@bob", Saying.DIRECT, seq=2, time=6, id="a", own=True),
        Said("bob", "yes?", "@bob", Saying.DIRECT, seq=3, time=7),
    )
    take(talk, Page("@bob", page, id="q"))
    take(talk, Receipt("a", Delivery.CONFIRMED, "@bob", seq=2), page[2])
    take(talk, Said("bob", "well?", "@bob", Saying.DIRECT, seq=4, time=8))

    assert rows(talk, "@bob") == [
        "bob| what",
        "bob| yes?",
        "alice| psst confirmed",
        "bob| well?",
    ]


def test_after_the_oldest_rows_have_gone_the_history_is_asked_for_them(talk):
    talk.keep(100)
    talk.room.exhausted = talk.room.whole = True
    take(talk, *(Said("bob", "x", seq=n) for n in range(1, 7000)))

    assert (talk.room.exhausted, talk.room.whole) == (False, False)
    assert talk.room.rows.oldest() == talk.room.rows[talk.room.rows.first].seq > 1


@pytest.mark.parametrize(
    ("refused", "then"),
    [
        (Refused("not-stored", "nothing is kept", "q"), (True, True)),
        (Refused("rate-limited", "slowly", "q", retry_after=1.0), (True, False)),
        (Refused("link-lost", "gone", "q"), (False, False)),
    ],
)
def test_a_question_of_the_screens_own_that_fails_is_no_news(talk, refused, then):
    talk.room.asked, talk.room.loaded = "q", True
    talk.quiet.add("q2")
    take(talk, refused, Refused("link-lost", "gone", "q2"), Refused("x", "of the person's", "q3"))

    assert rows(talk) == ["!!!| of the person's"]
    assert (talk.room.loaded, talk.room.exhausted, talk.room.asked) == (*then, "")
    assert not talk.room.whole


def test_direct_messages_go_on_under_a_new_nick(talk):
    take(talk, Said("bob", "psst", "@bob", Saying.DIRECT))
    talk.go("@bob")
    take(talk, NickChanged("bob", "rob", "lobby"))

    assert (list(talk.rooms), talk.current, talk.room.name) == (["lobby", "@rob"], "@rob", "@rob")


def test_nothing_is_shown_of_those_who_are_ignored(talk):
    talk.ignored.add("bob")
    take(talk, Said("Bob", "alice!", "ops"), Said("Bob", "psst", "@Bob", Saying.DIRECT))
    take(talk, Said("carol", "hi"))

    assert (list(talk.rooms), rows(talk), talk.rings) == (["lobby"], ["carol| hi"], 0)


def test_other_words_than_the_nick_can_call(talk):
    talk.watch(["release", "c++"])
    take(talk, *(Said("bob", text) for text in ("the Release!", "released", "c++ it is", "alice")))
    assert [row.mention for row in talk.room.rows.backwards()] == [True, True, False, True]
    talk.watch([])
    take(talk, Said("bob", "release"))
    assert not talk.room.rows[4].mention


def test_words_wait_for_their_receipt_and_a_second_try_is_told_apart(talk):
    take(talk, Said("alice", "x", id="a", own=True, state=PENDING))
    assert talk.pending == {"a": NOW}
    take(talk, Receipt("a", Delivery.FAILED))
    assert (talk.pending, talk.room.rows[0].again) == ({}, False)
    take(talk, Receipt("a", PENDING))
    assert (talk.pending, talk.room.rows[0].again) == ({"a": NOW}, True)


def test_words_that_did_not_arrive_are_counted_in_every_room(talk):
    for key in ("a", "b"):
        say = Said("alice", "x", "ops", id=key, own=True, state=Delivery.PENDING)
        take(talk, say, Receipt(key, Delivery.FAILED, room="ops"))
    assert (talk.failed, talk.rooms["ops"].failed) == (2, {"a", "b"})
    take(talk, Receipt("a", Delivery.PENDING, room="ops"))
    assert talk.failed == 1
    talk.rooms["ops"].clear()
    assert talk.failed == 0


def test_words_that_did_not_arrive_are_counted_as_long_as_they_are_here(talk):
    talk.keep(100)
    say = Said("alice", "x", id="a", own=True, state=Delivery.PENDING)
    take(talk, say, Receipt("a", Delivery.FAILED), *[Said("bob", "hi")] * 6000)
    assert (talk.room.rows.first > 0, talk.failed) == (True, 0)


@pytest.mark.parametrize("state", [Delivery.CONFIRMED, Delivery.FAILED])
def test_talk_that_was_closed_comes_back_only_for_what_did_not_arrive(talk, state):
    take(talk, Said("alice", "x", "@bob", Saying.DIRECT, "bob", id="a", own=True, state=PENDING))
    talk.close("@bob")
    take(talk, Receipt("a", state, "@bob"))
    assert ("@bob" in talk.rooms) is (state is Delivery.FAILED)
    assert not talk.pending


def test_a_ping_of_the_persons_own_is_answered(talk):
    talk.pings.add("p")
    take(talk, Lag(0.01), Lag(0.0123, "p"))
    assert rows(talk) == ["***| the server answers after 12.3 ms"]


def test_people_are_known_from_lists_and_from_what_they_do(talk):
    talk.quiet.add("q")
    take(talk, Members("lobby", ("alice", "Bob"), id="q"), Said("zed", "hi"), Joined("carol"))

    assert list(talk.room.people) == ["alice", "Bob", "carol", "zed"]
    assert rows(talk) == ["zed| hi", "***| carol has joined the chat"]

    take(talk, NickChanged("bob", "rob"), Left("zed"), NickChanged("alice", "al", own=True))
    assert list(talk.room.people) == ["al", "carol", "rob"]
    assert talk.nick == "al"


def test_a_second_page_of_people_adds_to_the_first(talk):
    take(talk, Members("lobby", ("a", "b"), more=True, id="1"))
    talk.pages.add("2")
    take(talk, Members("lobby", ("c",), id="2"))

    assert list(talk.room.people) == ["a", "b", "c"]


def test_the_topic_is_kept(talk):
    take(talk, TopicIs("ops", "release", "bob", seq=3))
    assert talk.rooms["ops"].topic == "release"


def test_the_link_is_told_in_words(talk):
    link = talk.link
    words = [link.word]
    for event in (
        Negotiated("alice", True, server="chatctl 1"),
        Lag(0.012),
        LinkLost("reset", 2.0),
        Reconnecting(1),
        Negotiated("alice", True, resumed=True),
        LinkLost("gone", None),
    ):
        talk.take(event)
        words.append(f"{link.word} {link.attempt} {link.retry_at and link.retry_at - NOW}")
    assert words == [
        "connecting",
        "connected 0 0.0",
        "connected 0 0.0",
        "reconnecting 1 2.0",
        "reconnecting 1 0.0",
        "connected 0 0.0",
        "offline 0 0.0",
    ]


def test_a_room_can_be_closed_but_the_lobby(talk):
    talk.go("ops")
    talk.close("ops")
    talk.close("lobby")
    assert (list(talk.rooms), talk.current) == (["lobby"], "lobby")


@pytest.mark.parametrize(
    ("event", "silent"),
    [
        (Joined("alice", own=True), False),
        (Said("bob", "hi"), False),
        (Receipt("k", Delivery.CONFIRMED), False),
        (Said("alice", "hi", own=True, id="k", state=Delivery.PENDING), True),
        (Receipt("k", Delivery.SENT), True),
    ],
)
def test_a_server_is_silent_until_it_says_something(talk, event, silent):
    take(talk, Negotiated("alice", extended=False))
    assert talk.link.silent
    take(talk, event)
    assert talk.link.silent is silent
    take(talk, Negotiated("alice", extended=True))
    assert not talk.link.silent


@pytest.mark.parametrize(("code", "hopeless"), [("text-too-long", True), ("no-answer", False)])
def test_what_cannot_be_mended_by_saying_it_again(talk, code, hopeless):
    take(talk, Said("alice", "hi", own=True, id="k", state=Delivery.PENDING))
    take(talk, Receipt("k", Delivery.FAILED, code=code, reason="no"))
    assert talk.room.row("k").hopeless is hopeless


@pytest.mark.parametrize(("extended", "left"), [(True, True), (False, False)])
def test_only_a_server_that_has_rooms_says_that_we_left_one(talk, extended, left):
    take(talk, Negotiated("alice", extended=extended), Left("alice", own=True))
    assert talk.room.left is left
    take(talk, Joined("alice", own=True))
    assert not talk.room.left
