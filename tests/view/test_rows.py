"""Rows are as wide as they may be, say what matters, and hold nothing that steers a terminal."""

import re

import pytest
from rich.cells import cell_len

from chatctl.capture.items.dissect import Dissector
from chatctl.capture.record import Kind, Record
from chatctl.view.rows import Table, latency
from chatctl.view.talk import Talk
from chatctl.wire.codec import encode_frame
from chatctl.wire.framing import frame
from chatctl.wire.packets import Act, Action, Chat, Direction, Hello, Join, Leave, Say, Topic

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
AT = 1_790_000_000_123_456_789
HOSTILE = "\x1b]0;x\x07\x9b31m\u202e\u200b<b>[red]\r\n*** alice has left the chat"


def items(*told):
    return list(
        Dissector().dissect(
            Record(
                AT + n * 1000,
                conn,
                Kind.DATA,
                way,
                data if isinstance(data, bytes) else encode_frame(data),
            )
            for n, (conn, way, data) in enumerate(told)
        )
    )


def test_a_row_says_who_what_and_when():
    hello, say = items((1, UP, Hello(nick="alice")), (1, UP, Say(message="hi there")))
    table = Table(color=False, utc=True)

    assert table.row(hello) == (
        "     1  14:13:20.123456   +0.000000     1 alice        → hello     alice"
    )
    assert table.row(say) == (
        "     2  14:13:20.123457   +0.000001     1 alice        → chat      hi there"
    )


@pytest.mark.parametrize("nick", ["a", "n" * 32, "日本語の名前です", "e\u0301ve"])
@pytest.mark.parametrize("text", ["short", "long " * 50, "長い文" * 50, HOSTILE])
def test_no_row_is_wider_than_the_terminal(nick, text):
    table = Table(color=False, width=100)
    for item in items((1, UP, Hello(nick=nick)), (1, DOWN, Chat(nick=nick, message=text))):
        assert cell_len(table.row(item)) <= 100


@pytest.mark.parametrize("color", [False, True])
def test_nothing_a_peer_sent_steers_the_terminal(color):
    told = [
        (1, UP, Hello(nick="eve")),
        (1, DOWN, Chat(nick="eve", message=HOSTILE)),
        (1, DOWN, Topic(room="x", topic=HOSTILE, nick="eve")),
        (1, UP, frame(HOSTILE.encode())),
        (1, UP, frame(b'{"type":"\\u001b[2J","a\\u0007":["\\u009b"]}')),
        (1, UP, b"\xff\xff\x1b[2J"),
    ]
    table, talk = Table(color=color), Talk()
    for item in items(*told):
        for line in [table.row(item), *table.tree(item), *table.octets(item), *talk.lines(item)]:
            bare = re.sub(r"\x1b\[[0-9;]*m", "", line) if color else line
            assert bare.isprintable(), line


def test_the_talk_says_each_thing_once_however_many_heard_it():
    chat, wave = Chat(nick="a", message="hi", seq=1), Action(nick="a", message="waves", seq=2)
    told = [
        (1, DOWN, Join(nick="a")),
        (1, DOWN, Join(nick="b")),
        (2, DOWN, Join(nick="b")),
        (1, UP, Say(message="hi")),
        (1, DOWN, chat),
        (2, DOWN, chat),
        (1, DOWN, chat),
        (1, UP, Act(message="waves")),
        (2, DOWN, wave),
        (3, DOWN, Chat(nick="a", message="*waves*")),
        (1, DOWN, wave),
        (2, DOWN, Leave(nick="a")),
    ]
    talk = Talk()

    assert [line for item in items(*told) for line in talk.lines(item)] == [
        "*** a has joined the chat",
        "*** b has joined the chat",
        "a: hi",
        "a: hi",
        "* a waves",
        "*** a has left the chat",
    ]


@pytest.mark.parametrize(
    ("nanoseconds", "words"), [(5_000, "5 µs"), (12_340_000, "12.3 ms"), (4_200_000_000, "4.20 s")]
)
def test_durations(nanoseconds, words):
    assert latency(nanoseconds) == words
