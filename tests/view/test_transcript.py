import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.session.client import events as e
from chatctl.view.transcript import lines, nick_colour, rich_line
from chatctl.wire.packets import RoomInfo, Unknown

READ = {
    "chat": (e.Said("alice", "hello"), "alice: hello"),
    "own words": (e.Said("alice", "hello", own=True, state=e.Delivery.PENDING), "alice: hello"),
    "chat elsewhere": (e.Said("alice", "hello", room="ops"), "[ops] alice: hello"),
    "action": (e.Said("alice", "waves", how=e.Saying.ACTION), "* alice waves"),
    "direct": (
        e.Said("alice", "psst", room="@alice", how=e.Saying.DIRECT, to="bob"),
        "alice -> bob: psst",
    ),
    "join": (e.Joined("alice"), "*** alice has joined the chat"),
    "join elsewhere": (e.Joined("alice", room="ops"), "*** alice has joined ops"),
    "leave": (e.Left("alice"), "*** alice has left the chat"),
    "leave with a reason": (e.Left("al", reason="bye\x1b"), "*** al has left the chat (bye\\x1b)"),
    "nick": (e.NickChanged("alice", "bob"), "*** alice is now known as bob"),
    "topic": (
        e.TopicIs("lobby", "release", "alice", seq=3),
        "*** alice has set the topic of the chat: release",
    ),
    "topic cleared": (
        e.TopicIs("ops", "", "alice", seq=3),
        "*** alice has cleared the topic of ops",
    ),
    "topic asked": (e.TopicIs("ops", "x", "alice"), "*** topic of ops: x"),
    "no topic": (e.TopicIs("ops", ""), "*** ops has no topic"),
    "who": (
        e.Members("lobby", ("alice", "bob"), more=True),
        "*** in the chat: alice, bob, and more",
    ),
    "rooms": (e.RoomList((RoomInfo("ops", 2, "x\n"),)), "*** ops (2): x\\n"),
    "failed": (
        e.Receipt("1", e.Delivery.FAILED, reason="too long"),
        "!!! not delivered: too long",
    ),
    "refused": (
        e.Refused("nick-taken", "alice is taken", suggestion="alice2"),
        "!!! alice is taken; try alice2",
    ),
    "refused without a sentence": (e.Refused("odd\x1b", ""), "!!! odd\\x1b"),
    "hole": (e.Hole("lobby", 3, 5, "gone"), "!!! 3 messages are missing in the chat: gone"),
    "goodbye": (e.Goodbye("shutdown", "see you", 3), "!!! the server says goodbye: see you"),
    "lost": (e.LinkLost("reset", 2.4), "!!! connection lost (reset); next try in 2 s"),
    "lost for good": (e.LinkLost("refused", None), "!!! connection lost: refused"),
    "again": (e.Reconnecting(2), "!!! connecting again, try 2"),
    "malformed": (
        e.MalformedPacket(b"{", "truncated"),
        "!!! the server sent something that is no packet: truncated",
    ),
}


@pytest.mark.parametrize(("event", "line"), READ.values(), ids=READ)
def test_reads(event, line):
    assert [str(shown) for shown in lines(event)] == [line]


@pytest.mark.parametrize(
    "event",
    [e.Lag(0.1), e.Receipt("1", e.Delivery.CONFIRMED), e.UnknownPacket(Unknown("x"), b"{}")],
)
def test_no_news(event):
    assert lines(event) == []


def test_a_page_reads_as_what_is_in_it():
    page = e.Page("lobby", (e.Said("alice", "one"), e.Said("bob", "two")))
    assert [str(line) for line in lines(page)] == ["alice: one", "bob: two"]


OURS = re.compile(r"(\*\*\* |!!! )")


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(list(e.Saying)))
def test_no_words_look_like_a_line_of_ours(nick, text, how):
    shown = str(lines(e.Said(nick, text, how=how, to=nick))[0])
    assert len(shown.splitlines()) == 1
    assert not OURS.match(shown)


@given(st.text(max_size=30), st.text(max_size=30))
def test_who_spoke_can_be_told_from_the_line(nick, text):
    head, _, words = str(lines(e.Said(nick, text))[0]).partition(": ")
    assert (head, words) == (str(lines(e.Said(nick, ""))[0])[:-2], lines(e.Said("x", text))[0].text)


def test_rich_form_is_the_same_text_and_knows_no_markup():
    line = lines(e.Said("alice", "[red]x[/red]"))[0]
    text = rich_line(line)
    assert text.plain == "alice: [red]x[/red]"
    assert str(text.spans[0].style) == nick_colour("ALICE")
