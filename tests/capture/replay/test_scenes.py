"""A capture as one of its people saw it."""

import pytest

from chatctl.capture.record import Kind, Record
from chatctl.capture.replay.pace import Window
from chatctl.capture.replay.scenes import scenes, viewers
from chatctl.capture.replay.steps import read_steps
from chatctl.session.client.events import Said
from chatctl.view.transcript import lines
from chatctl.wire.packet import Direction


def seen(recording, conn, window=None):
    steps = read_steps(recording.records).steps
    return [
        (round(scene.at, 3), str(line))
        for scene in scenes(steps, conn, window or Window())
        for line in lines(scene.event)
    ]


def test_everybody_sees_their_own_chat(base_talk):
    assert [text for _, text in seen(base_talk, 2)] == [
        "*** bob has joined the chat",
        "alice: hello",
        "bob: hi",
    ]
    assert [text for _, text in seen(base_talk, 1)] == [
        "*** alice has joined the chat",
        "*** bob has joined the chat",
        "alice: hello",
        "bob: hi",
        "*** bob has left the chat",
    ]


def test_times_are_those_of_the_recording_with_silences_cut(base_talk):
    assert [at for at, _ in seen(base_talk, 1)] == [0.02, 0.05, 0.08, 0.11, 0.14]
    assert [at for at, _ in seen(base_talk, 1, Window(begin=0.1, end=0.12))] == [0, 0, 0, 0.01]


def test_the_one_who_saw_most_comes_first(base_talk, talk):
    assert viewers(read_steps(base_talk.records).steps) == [1, 2]
    assert viewers(read_steps(talk().opens(1).records).steps) == []


def test_who_is_joined_midway_knows_who_they_are(talk):
    recording = talk()
    recording.records.append(Record(recording.now, 1, Kind.OPEN, Direction.TO_SERVER, nick="al"))
    recording.hears(1, type="join", nick="bo").hears(1, type="dm", nick="al", to="bo", message="x")
    recording.hears(1, type="chat", nick="al", message="y")

    steps = read_steps(recording.records).steps
    said = [s.event for s in scenes(steps, 1, Window()) if isinstance(s.event, Said)]

    assert [(each.room, each.own) for each in said] == [("@bo", True), ("lobby", True)]


def test_what_is_no_packet_and_an_end_by_the_server_are_shown(talk):
    recording = talk().enters(1, "al").raw(1, b"\x00\x01{", Direction.TO_CLIENT)
    recording.closes(1, Direction.TO_CLIENT)

    texts = [text for _, text in seen(recording, 1)]

    assert texts[1].startswith("!!! the server sent something that is no packet")
    assert texts[2] == "!!! connection lost: closed by the server"


@pytest.mark.parametrize(
    ("packet", "text"),
    [
        ({"type": "error", "code": "bad-nick", "message": "no"}, "!!! no"),
        ({"type": "who", "room": "lobby", "nicks": ["al", "bo"]}, "*** in the chat: al, bo"),
        ({"type": "gap", "room": "lobby", "first": 1, "last": 3, "reason": "gone"},
         "!!! 3 messages are missing in the chat: gone"),
        ({"type": "bye", "reason": "night"}, "!!! the server says goodbye: night"),
    ],
)  # fmt: skip
def test_packets_of_the_extension(talk, packet, text):
    assert [line for _, line in seen(talk().opens(1).hears(1, **packet), 1)] == [text]
