"""A transcript tells each thing once, in whatever words and however often it was said to peers."""

import tracemalloc

import pytest

from chatctl.capture.items.dissect import Dissector
from chatctl.capture.record import Kind, Record
from chatctl.view.talk import Talk
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import (
    Act,
    Action,
    ChangeNick,
    Chat,
    Direction,
    Error,
    Hello,
    Join,
    Leave,
    NickChange,
    Say,
    Welcome,
)

BOB, ANN, BASE = 1, 2, 3
"""Connections: two extended peers, the first in two rooms, and a base peer."""

COMING = [
    (BOB, Hello("bob", v=1)),
    (BOB, Welcome(1, "s", "bob")),
    (ANN, Hello("ann", v=1)),
    (ANN, Welcome(1, "s", "ann")),
    (BASE, Hello("base")),
]
ASKS = (Hello, Say, Act, ChangeNick)


def way(packet):
    return Direction.TO_SERVER if isinstance(packet, ASKS) else Direction.TO_CLIENT


def talk(*said):
    talk = Talk()
    dissector = Dissector()
    lines = []
    for conn, packet in (*COMING, *said):
        kind, data = (Kind.CLOSE, b"") if packet is None else (Kind.DATA, encode_frame(packet))
        for item in dissector.take([Record(1, conn, kind, way(packet), data)]):
            lines += talk.lines(item)
    return lines


WAVES = (BOB, Act("waves", id="1"))
RENAMES = (BOB, ChangeNick("robert", id="2"))
LEFT_AND_JOINED = [(BASE, Leave("bob")), (BASE, Join("robert"))]
RENAMED = [
    (BOB, NickChange("bob", "robert", id="2", time=5)),
    (BOB, NickChange("bob", "robert", "lobby", 5)),
    (BOB, NickChange("bob", "robert", "ops", 5)),
    (ANN, NickChange("bob", "robert", "lobby", 5)),
]


def heard(conn, extended=True):
    return (conn, Action("bob", "waves", "lobby", 7) if extended else Chat("bob", "*waves*"))


@pytest.mark.parametrize(
    "said",
    [
        [WAVES, heard(BASE, extended=False), heard(BOB), heard(ANN)],
        [WAVES, heard(BOB), heard(BASE, extended=False), heard(ANN)],
        [heard(ANN), heard(BASE, extended=False)],
        [WAVES, heard(BASE, extended=False)],
    ],
)
def test_an_action_is_told_once(said):
    assert talk(*said) == ["* bob waves"]


@pytest.mark.parametrize(
    "say",
    [
        Act,
        ChangeNick,
        lambda long: NickChange("bob", long),
        lambda long: NickChange(long, "bob"),
        lambda long: NickChange("bob", "bert", room=long),
        lambda long: Chat("bob", long),
    ],
    ids=["action", "asked", "new nick", "old nick", "room", "words"],
)
def test_little_is_kept_of_what_is_said_however_long_it_is(say):
    talk = Talk()
    said = (say("x" * 60_000 + str(number)) for number in range(200))
    records = (Record(1, BOB, Kind.DATA, way(packet), encode_frame(packet)) for packet in said)
    tracemalloc.start()
    for item in Dissector().dissect(records):
        assert sum(map(len, talk.lines(item))) < 70_000
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 1_000_000


def test_an_action_done_twice_is_told_twice():
    once = [WAVES, heard(BASE, extended=False), heard(ANN)]

    assert talk(*once, *once) == ["* bob waves", "* bob waves"]


def test_words_between_asterisks_are_words():
    said = [(BOB, Say("*waves*")), (ANN, Chat("bob", "*waves*", "lobby", 7))]

    assert talk(*said, (BASE, Chat("bob", "*waves*"))) == ["bob: *waves*"]


@pytest.mark.parametrize(
    "said",
    [
        [RENAMES, *RENAMED, *LEFT_AND_JOINED],
        [RENAMES, *LEFT_AND_JOINED, *RENAMED],
        [*RENAMED[1:], *LEFT_AND_JOINED],
        [RENAMES, *LEFT_AND_JOINED],
    ],
)
def test_a_change_of_nick_is_told_once(said):
    assert talk(*said) == ["*** bob is now known as robert"]


def test_who_may_not_change_the_nick_and_goes_has_left():
    refused = [RENAMES, (BOB, Error("nick-taken", "no", id="2")), (BOB, None)]

    said = talk(*refused, (BASE, Leave("bob")), (ANN, Leave("bob", "lobby", time=9)))

    assert said == ["*** bob has left the chat"]


def test_who_takes_a_nick_that_was_given_up_leaves_as_anybody():
    another = [(BASE, Join("bob")), (ANN, Join("bob", "lobby", 6))]
    goes = [(BASE, Leave("bob")), (ANN, Leave("bob", "lobby", time=9))]

    told = talk(RENAMES, *RENAMED, *LEFT_AND_JOINED, *another, *goes)

    assert told[1:] == ["*** bob has joined the chat", "*** bob has left the chat"]


def test_of_base_peers_alone_what_they_were_told_is_all_there_is():
    assert talk((BASE, Chat("bob", "*waves*")), *LEFT_AND_JOINED) == [
        "bob: *waves*",
        "*** bob has left the chat",
        "*** robert has joined the chat",
    ]
