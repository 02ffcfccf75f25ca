"""The lines around the timeline, as text."""

import math

import pytest
from rich.cells import cell_len

from chatctl.tui.screen import bars
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.room import Link, Room

NOW = 1000.0


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (Link(), "◌ connecting"),
        (Link("connected"), "● connected"),
        (Link("connected", lag=0.0124), "● connected  12 ms"),
        (Link("connected", silent=True), "◌ connected, silent so far"),
        (Link("reconnecting", retry_at=NOW + 3, attempt=2), "◐ reconnecting in 3 s (try 2)"),
        (Link("reconnecting", attempt=2), "◐ reconnecting (try 2)"),
        (Link("offline"), "○ offline"),
    ],
)
def test_link_words(link, words):
    assert bars.link_words(link, NOW) == words


@pytest.mark.parametrize("width", [1, 10, 30, 80])
@pytest.mark.parametrize("topic", ["", "release on friday", "日本語" * 40])
def test_the_title_is_as_wide_as_the_screen(width, topic):
    room = Room("lobby", topic=topic)
    assert bars.title(room, Link(), width).cell_length <= max(width, 9)


def test_the_title_names_room_topic_and_how_many_are_here():
    room = Room("lobby", topic="release\x1b[2J")
    room.people.add("bob")
    shown = bars.title(room, Link("connected", secure=True), 60).plain
    assert shown.startswith(r" lobby ── topic: release\x1b[2J ──")
    assert shown.endswith("── 1 here ")


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (Room("lobby"), " lobby ────"),
        (
            Room("lobby", joined=False, topic="x"),
            " lobby ── you have left; /join lobby comes back ─",
        ),
        (Room("@bob", joined=False), " @bob ────"),
    ],
)
def test_the_title_of_what_nobody_is_known_to_be_in(room, shown):
    line = bars.title(room, Link(), 80).plain
    assert line.startswith(shown)
    assert "here" not in line


@pytest.mark.parametrize(
    ("room", "width", "shown"),
    [
        ("", 80, "alice> "),
        ("ops", 80, "alice [ops]> "),
        ("@bob\x1b", 80, r"alice [@bob\x1b]> "),
        ("", 10, "al…> "),
        ("ops", 24, "[ops]> "),
        ("a-long-name", 20, "[a-long…> "),
    ],
)
def test_the_prompt_says_who_writes_and_where(room, width, shown):
    assert bars.prompt("alice", room, width) == shown


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (Link(), ""),
        (Link(secure=False), "no TLS"),
        (
            Link(secure=True, ever=True, extended=True, server="chatctl 1\x1b"),
            r"TLS  chatctl 1\x1b",
        ),
        (Link(secure=False, ever=True), "no TLS  base protocol"),
        (Link(secure=True, extended=True, server="x" * 99), f"TLS  {'x' * 23}…"),
    ],
)
def test_the_title_says_who_serves_and_whether_in_secret_where_there_is_room(link, words):
    assert bars.served_by(link) == words
    room = Room("lobby")
    room.people.add("bob")
    shown = bars.title(room, link, 100).plain
    assert shown.endswith(f" 1 here{'  ' if words else ''}{words} ")
    assert cell_len(shown) == 100


def test_what_is_pending_is_told_once_it_is_no_matter_of_a_moment():
    talk = Conversations("alice", lambda: NOW)
    talk.pending = {"a": NOW - 0.5}
    assert bars.pending(talk, NOW) == 0
    talk.pending["b"] = NOW - 1.0
    assert bars.pending(talk, NOW) == 2


def test_the_chosen_word_is_always_in_sight():
    words = tuple(f"nick{n}: " for n in range(50))
    for chosen in range(50):
        assert f"[nick{chosen}:]" in bars.offer(words, chosen, 40)


def test_the_note_on_the_chosen_word_is_there_where_it_fits():
    words = ("/retry ", "/record ")
    assert bars.offer(words, 1, 40, "record the link") == " /retry  [/record]   record the link    "
    assert bars.offer(words, 1, 27, "record the link") == "[/record]   record the link"
    assert bars.offer(words, 1, 20, "record the link") == " /retry  [/record]  "


@pytest.mark.parametrize(
    ("at", "end", "shown"),
    [
        (0, 100, "0:00 ──── 1:40 x1"),
        (50, 100, "0:50 ━━── 1:40 x1"),
        (0.46, 2, "0.5 s ━─── 2.0 s x1"),
    ],
)
def test_progress(at, end, shown):
    assert bars.progress(at, end, 1, cells=4) == shown


def test_progress_without_pauses():
    assert bars.progress(0, 100, math.inf, cells=1) == "0:00 ─ 1:40 max"
