"""Plans: who sends what after what, and what is expected to come back."""

import pytest

from chatctl.capture.replay.links import Link
from chatctl.capture.replay.pace import Window, offsets
from chatctl.capture.replay.plan import Selection, plan_clients, plan_server
from chatctl.capture.replay.steps import read_steps
from chatctl.wire.packet import Direction


def plan(recording, make=plan_clients, **selection):
    return make(read_steps(recording.records), Selection(**selection))


def moves(plan, conn):
    [line] = [line for line in plan.lines if line.conn == conn]
    return [(move.step.type or move.step.act.value, move.barrier) for move in line.moves]


def expected(plan):
    return [
        [(item.conn, item.packet.type or "end", item.packet.value or {}) for item in scope]
        for scope in plan.scopes
    ]


def types(plan):
    return [[kind for _, kind, _ in scope] for scope in expected(plan)]


def test_each_packet_waits_for_all_that_had_come_to_anybody(base_talk):
    made = plan(base_talk)

    assert moves(made, 1) == [("open", 0), ("hello", 0), ("chat", 3), ("close", 8)]
    assert moves(made, 2) == [("open", 1), ("hello", 1), ("chat", 5), ("close", 7)]
    assert types(made) == [["join"] * 3 + ["chat"] * 4 + ["leave"]]
    assert (made.packets, made.expected, made.casts) == (4, 8, ({"alice", "bob"},))


def test_a_servers_packets_wait_for_their_own_client(base_talk):
    made = plan(base_talk, plan_server)

    assert made.plays is Direction.TO_CLIENT
    assert moves(made, 1) == [
        ("join", 1), ("join", 1), ("chat", 2), ("chat", 2), ("leave", 2),
    ]  # fmt: skip
    assert types(made) == [["hello", "chat", "end"], ["hello", "chat", "end"]]


def test_think_time_counts_from_what_the_connection_last_did_or_heard(base_talk):
    [alice, _] = plan(base_talk).lines

    assert [round(move.think, 3) for move in alice.moves] == [0, 0.01, 0.02, 0.01]
    assert [round(move.offset, 3) for move in alice.moves] == [0, 0.01, 0.07, 0.15]


def test_nobody_expects_words_of_people_who_are_not_played(talk):
    recording = talk().enters(1, "alice").hears(1, type="chat", nick="zoe", message="hi")

    made = plan(recording)

    assert types(made) == [["join"]]
    assert made.notes == ("packets from people who are not played are not expected: 1",)


def test_of_some_connections_only_their_own_doings_are_expected(base_talk):
    made = plan(base_talk, conns=frozenset({2}))

    assert [line.conn for line in made.lines] == [2]
    assert [value["nick"] for _, _, value in expected(made)[0]] == ["bob", "bob"]


def test_what_a_filter_leaves_out_is_not_expected_to_come_back(base_talk):
    made = plan(base_talk, wanted=lambda step: step.value.get("message") == "hi")

    assert moves(made, 1) == [("open", 0), ("hello", 0), ("close", 6)]
    assert types(made) == [["join"] * 3 + ["chat"] * 2 + ["leave"]]


def test_an_answer_is_tied_to_its_request_and_timed(talk):
    recording = (
        talk().opens(1).says(1, type="hello", nick="a", v=1).hears(1, type="welcome", nick="a")
    )
    recording.says(1, type="who", id="7").after(5).hears(1, type="who", room="lobby", id="7")

    [scope] = plan(recording).scopes

    assert [(item.answers, round(item.latency, 3)) for item in scope] == [(1, 0.01), (3, 0.015)]


def test_pings_of_the_server_and_their_pongs_belong_to_the_clock_not_to_the_plan(talk):
    recording = talk().enters(1, "a").hears(1, type="ping", id="1").says(1, type="pong", id="1")
    recording.says(1, type="ping", id="2").hears(1, type="pong", id="2")

    made = plan(recording)

    assert moves(made, 1)[2:] == [("ping", 1)]
    assert types(made) == [["join", "pong"]]


def test_a_value_of_the_servers_that_a_client_repeats_is_linked(talk):
    recording = talk().opens(1).says(1, type="hello", nick="alice", v=1)
    recording.hears(1, type="welcome", nick="alice", token="s3cr3t-1").closes(1).opens(2)
    recording.says(2, type="hello", nick="alice", v=1, resume={"token": "s3cr3t-1", "rooms": {}})

    made = plan(recording)

    assert made.lines[1].moves[1].links == (Link(("resume", "token"), "s3cr3t-1"),)
    assert made.scopes[0][0].sources == (Link(("token",), "s3cr3t-1"),)
    assert made.notes == ()


def test_a_value_that_the_client_said_first_is_its_own(talk):
    recording = talk().opens(1).says(1, type="hello", nick="charlotte")
    recording.hears(1, type="join", nick="charlotte").says(1, type="chat", message="charlotte")

    assert plan(recording).lines[0].moves[2].links == ()


def test_a_token_from_nowhere_is_remarked_upon(talk):
    recording = talk().opens(1)
    recording.says(1, type="hello", nick="alice", v=1, resume={"token": "s3cr3t-1", "rooms": {}})

    assert plan(recording).notes == (
        "1 hellos resume a session whose token the capture does not hold",
    )


@pytest.mark.parametrize(
    ("window", "due"),
    [
        (Window(), [0, 1, 1.5, 11.5]),
        (Window(max_gap=2), [0, 1, 1.5, 3.5]),
        (Window(begin=1), [0, 0, 0.5, 10.5]),
        (Window(begin=1.25), [0, 0, 0.25, 10.25]),
        (Window(begin=1.25, max_gap=0.1), [0, 0, 0.1, 0.2]),
    ],
)
def test_offsets(talk, window, due):
    recording = talk(step=0).opens(1).after(1000).says(1).after(500).says(1).after(10_000).says(1)

    assert offsets(read_steps(recording.records).steps, window) == pytest.approx(due)


def test_what_is_beyond_the_window_is_neither_played_nor_expected(base_talk):
    made = plan(base_talk, window=Window(end=0.085))

    assert made.packets == 3
    assert types(made) == [["join"] * 3 + ["chat"]]


def test_an_end_that_the_server_made_first_is_expected(talk):
    recording = talk().opens(1).raw(1, b"\x00\x04junk").closes(1, Direction.TO_CLIENT).closes(1)

    made = plan(recording)

    assert types(made) == [["end"]]
    assert moves(made, 1) == [("open", 0), ("packet", 0), ("close", 1)]
