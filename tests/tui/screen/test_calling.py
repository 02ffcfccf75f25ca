"""The window's title, and calls: one for a flood of mentions, none while they are looked at."""

import pytest

from chatctl.session.client.events import Said, Saying
from chatctl.tui.screen.calling import BETWEEN, Calling, window_title
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.looks import Looks

NOW = 1000.0


class Told:
    def __init__(self):
        self.titles = []
        self.calls = []

    def title(self, text):
        self.titles.append(text)

    def call(self, *what):
        self.calls.append(what)


@pytest.fixture
def talk():
    return Conversations("alice", lambda: NOW)


def test_the_title_counts_what_is_unread_and_names_the_room(talk):
    assert window_title(talk) == "lobby - chatctl"
    talk.take(Said("bob", "x", "ops"))
    talk.take(Said("bob", "y", "@bob", Saying.DIRECT))
    assert window_title(talk) == "(2) lobby - chatctl"
    talk.go("ops")
    assert window_title(talk) == "(1) ops - chatctl"
    talk.go("x" * 100)
    assert window_title(talk) == f"(1) {'x' * 59}… - chatctl"


def test_a_mention_elsewhere_calls_and_a_flood_of_them_calls_once(talk):
    told, calling, looks = Told(), Calling(), Looks(notify="osc9")
    talk.take(Said("bob", "alice: here, where you look"))
    calling.look(talk, told, looks, NOW)
    assert told.calls == []

    for number in range(50):
        talk.take(Said("bob", f"alice: {number}", "ops"))
        calling.look(talk, told, looks, NOW + number / 100)
    assert told.calls == [("osc9", "bob", "alice: 0")]

    talk.take(Said("carol", "alice!", "ops"))
    calling.look(talk, told, looks, NOW + BETWEEN)
    assert told.calls[1:] == [("osc9", "carol", "alice!")]


def test_the_title_can_be_left_alone(talk):
    told = Told()
    Calling().look(talk, told, Looks(title=False), NOW)
    Calling().look(talk, told, Looks(), NOW)
    assert told.titles == ["lobby - chatctl"]
