"""The player, on a clock of its own against a chat without sockets."""

import math

import pytest

from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.pace import OnTimeout, Order, Pacing
from chatctl.capture.replay.plan import plan_clients, plan_server
from chatctl.capture.replay.player import NO_WELCOME, Player
from chatctl.capture.replay.result import result_of
from chatctl.capture.replay.steps import read_steps, read_value
from chatctl.capture.replay.track import Connect, Finish, Send


def player_of(recording, make=plan_clients, **pacing):
    return Player(make(read_steps(recording.records)), Pacing(**pacing), Masks())


def outcome(player):
    result = result_of(player, Masks(), 0.0)
    kinds = ("changed", "missing", "extra", "disordered")
    return {kind: getattr(result, kind) for kind in kinds if getattr(result, kind)}


def renamed(sends):
    return [
        (conn, {("text" if name == "message" else name): part for name, part in value.items()})
        for conn, value in sends
    ]


def no_leave(sends):
    return [(conn, value) for conn, value in sends if value["type"] != "leave"]


def not_to_bob(sends):
    return [(conn, value) for conn, value in sends if value["type"] != "chat" or conn == 1]


def twice(sends):
    return [send for send in sends for _ in range(1 + (send[1]["type"] == "chat"))]


FAULTS = {
    "a renamed member": (renamed, {"changed": 4}),
    "a missing leave": (no_leave, {"missing": 1}),
    "words that one reader never gets": (not_to_bob, {"missing": 2}),
    "words said twice": (twice, {"extra": 4}),
    "nothing wrong": (lambda sends: sends, {}),
}


@pytest.mark.parametrize(("fault", "found"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_server_is_found(base_talk, chatroom, play, fault, found):
    player = player_of(base_talk)

    play(player, chatroom(fault))

    assert outcome(player) == found
    assert result_of(player, Masks(), 0.0).same is (not found)


def test_a_wrong_order_is_found(talk, chatroom, play):
    recording = talk().enters(1, "alice")
    recording.says(1, type="chat", message="one").says(1, type="chat", message="two")
    for words in ("one", "two"):
        recording.hears(1, type="chat", nick="alice", message=words)
    held = []

    def reverse(sends):
        if sends[0][1]["type"] != "chat":
            return sends
        held.append(sends)
        return [*sends, *held[0]] if len(held) == 2 else []

    player = player_of(recording)
    play(player, chatroom(reverse))

    assert outcome(player) == {"disordered": 1}


@pytest.mark.parametrize("speed", [0.5, 1, 5, 20, math.inf])
@pytest.mark.parametrize("latency", [0.0, 0.001, 0.05, 0.4])
def test_the_order_of_things_survives_any_speed_and_latency(
    base_talk, chatroom, play, speed, latency
):
    server = chatroom()
    player = player_of(base_talk, speed=speed)

    play(player, server, latency=latency)

    assert outcome(player) == {}
    assert [(conn, value["type"]) for conn, value in server.said] == [
        (1, "hello"), (2, "hello"), (1, "chat"), (2, "chat"),
    ]  # fmt: skip


def test_people_think_as_long_as_they_did_whatever_the_latency(base_talk, chatroom, play):
    """From alice's connect to bob's 30 ms, then 6 times 10 ms; the latencies are the target's."""
    for latency, seconds in [(0.0, 0.09), (0.001, 0.094), (0.02, 0.17)]:
        assert play(player_of(base_talk, settle=0.0), chatroom(), latency=latency) == pytest.approx(
            seconds, abs=0.001
        )


def test_timed_play_is_anchored_and_never_drifts(talk):
    recording = talk(step=0).opens(1)
    for _ in range(1000):
        recording.after(1).says(1, type="chat", message="x")
    player = player_of(recording, order=Order.TIMED)
    player.start(100.0)
    [connect] = player.advance(100.0)
    player.connected(connect.conn, 100.0)
    now = 100.0
    while (wake := player.wake()) is not None and wake < 101.5:
        now = wake + 0.0004
        player.advance(now)
        if player.tracks[1].done:
            break

    assert now == pytest.approx(101.0, abs=0.001)
    assert max(player.lags) == pytest.approx(0.0004)


def test_play_without_pauses_waits_for_nothing(base_talk):
    player = player_of(base_talk, order=Order.MAX)
    player.start(0.0)
    connects = player.advance(0.0)
    for connect in connects:
        player.connected(connect.conn, 0.0)

    kinds = [(type(action), action.conn) for action in player.advance(0.0)]

    assert kinds.count((Send, 1)) == 2
    assert kinds.count((Finish, 1)) == 1
    assert len(kinds) == 6


def test_substitution_and_renumbering(talk):
    recording = talk().opens(1).says(1, type="hello", nick="alice", v=1)
    recording.hears(1, type="welcome", nick="alice", token="recorded-token")
    recording.says(1, type="chat", message="x", id="1")
    recording.hears(1, type="chat", nick="alice", message="x", room="lobby", seq=5, id="1")
    recording.closes(1).opens(2)
    resume = {"token": "recorded-token", "rooms": {"lobby": 5}}
    recording.says(2, type="hello", nick="alice", v=1, resume=resume)
    recording.hears(2, type="welcome", nick="alice", token="recorded-token", resumed=True)
    recording.says(2, type="history", room="lobby", before=6, id="2")
    player = player_of(recording, speed=math.inf)
    sent = _talk_to(player, {
        "hello": {"type": "welcome", "nick": "alice", "token": "live"},
        "chat": {"type": "chat", "nick": "alice", "message": "x", "room": "lobby", "seq": 105},
    })  # fmt: skip

    assert sent[2]["resume"] == {"token": "live", "rooms": {"lobby": 105}}
    assert sent[3]["before"] == 106


def _talk_to(player, answers):
    sent, now = [], 0.0
    player.start(now)
    while not player.finished:
        for action in player.advance(now):
            if isinstance(action, Connect):
                player.connected(action.conn, now)
            elif isinstance(action, Finish):
                player.ended(action.conn, now, "closed")
            else:
                sent.append(read_value(action.data[2:]))
                answer = answers.get(action.type)
                if answer:
                    player.received(action.conn, _json(answer), now)
        now = player.wake() or now
    return sent


def _json(value):
    from chatctl.wire import codec

    return codec.write_json(value)


def test_who_is_renamed_by_the_server_is_known_by_the_new_name(base_talk, chatroom, play):
    class Full(chatroom):
        def takes(self, conn, value):
            if value["type"] == "hello":
                value = {**value, "nick": value["nick"] + "_"}
            return super().takes(conn, value)

    player = player_of(base_talk)
    play(player, Full())

    assert outcome(player) == {}
    result = result_of(player, Masks(), 0.0)
    assert result.aliases == {"alice_": "alice", "bob_": "bob"}
    assert not result.same


class TestItEnds:
    def test_when_nothing_is_ever_answered(self, base_talk, chatroom, play):
        player = player_of(base_talk, timeout=2.0)

        seconds = play(player, chatroom(lambda sends: []))

        assert player.silent
        assert seconds < 10
        assert outcome(player)["missing"] >= 6

    def test_when_the_target_gives_no_welcome(self, talk, chatroom, play):
        recording = talk().opens(1).says(1, type="hello", nick="alice", v=1)
        recording.hears(1, type="welcome", v=1, server="x", nick="alice")
        recording.hears(1, type="join", nick="alice", room="lobby", time=1)
        recording.says(1, type="chat", message="hi", id="1")
        recording.hears(1, type="chat", nick="alice", message="hi", room="lobby", seq=1, id="1")
        player, server = player_of(recording), chatroom()

        assert play(player, server) < 1
        assert player.failure == NO_WELCOME
        assert [value["type"] for _, value in server.said] == ["hello"]
        assert result_of(player, Masks(), 0.0).unwelcome

    def test_when_the_target_cannot_be_reached(self, base_talk):
        player = player_of(base_talk)
        player.start(0.0)
        player.advance(0.0)
        player.unreachable("refused")

        assert player.finished
        assert player.wake() is None
        assert not result_of(player, Masks(), 0.0).same

    def test_when_every_connection_is_lost_midway(self, base_talk):
        player = player_of(base_talk)
        player.start(0.0)
        player.advance(0.0)
        player.connected(1, 0.0)
        player.advance(0.5)
        player.ended(1, 0.6, "reset")
        now = 0.6
        while not player.finished:
            for action in player.advance(now):
                if isinstance(action, Connect):
                    player.unreachable("refused")
            now = player.wake() or now

        assert now < 10
        assert player.tracks[1].lost == "reset"
        assert player.failure == "refused"

    def test_when_a_connection_is_never_made(self, base_talk):
        player = player_of(base_talk)
        player.start(0.0)
        player.advance(0.0)
        now = 0.0
        while not player.finished:
            now = max(now, player.wake())
            player.advance(now)

        assert now == pytest.approx(10.0)

    @pytest.mark.parametrize("every", [1.0, 0.1])
    @pytest.mark.parametrize("unheard", ["chat", ""])
    def test_when_strangers_never_stop_talking(self, base_talk, chatroom, run, unheard, every):
        """What they say is no sign that what is waited for is still to come."""

        class Crowded(run):
            said = 0.0

            def wait(self):
                coming = min((at for at, *_ in self.coming), default=math.inf)
                if self.said > min(coming, self.player.wake() or 0.0):
                    super().wait()
                    return
                self.now = max(self.now, self.said)
                self.said += every
                for conn in self.server.nicks:
                    self.player.received(conn, b'{"type":"chat","nick":"eve"}', self.now)

        recording = base_talk.opens(3).says(3, type="hello", nick="carol")
        recording.all_hear(3, type="join", nick="carol")
        player = player_of(recording, speed=math.inf, timeout=3.0)
        heard = chatroom(lambda sends: [s for s in sends if s[1]["type"] != unheard])

        assert Crowded(player, heard, 0.001).play() < 10
        assert player.finished

    def test_at_once_with_what_would_have_followed_from_packets_that_never_went(
        self, talk, chatroom, run
    ):
        class Closing(run):
            """Ends alice's connection once she is in."""

            def do(self, action):
                super().do(action)
                if isinstance(action, Send) and action.conn == 1:
                    self.coming.append((self.now + self.latency, 1, None))

        recording = talk().enters(1, "alice").enters(2, "bob", 1)
        recording.chats(1, "alice", "hello", 1, 2).chats(2, "bob", "hi", 1, 2)
        recording.says(1, type="topic", topic="x").hears(2, type="topic", nick="alice", topic="x")
        recording.chats(2, "bob", "bye", 1, 2).leaves(2, "bob", 1)
        player, server = player_of(recording), chatroom()

        assert Closing(player, server, 0.001).play() < 1
        assert [value.get("message") for _, value in server.said] == [None, None, "hi", "bye"]
        assert not player.timed_out

    @pytest.mark.parametrize(
        ("policy", "sent", "finished"),
        [(OnTimeout.SEND, 4, False), (OnTimeout.SKIP, 1, False), (OnTimeout.FAIL, 1, True)],
    )
    def test_policies(self, base_talk, chatroom, play, policy, sent, finished):
        deaf = iter(range(100))

        def no_joins(sends):
            next(deaf)
            return [send for send in sends if send[1]["type"] != "join"]

        player = player_of(base_talk, on_timeout=policy)
        play(player, chatroom(no_joins))

        result = result_of(player, Masks(), 0.0)
        assert result.timed_out
        if policy is OnTimeout.SEND:
            assert result.sent == sent
        else:
            assert result.sent < 4


def test_a_kind_of_packet_that_never_comes_is_waited_for_once(talk, chatroom, play):
    recording = talk().enters(1, "alice")
    for turn in range(20):
        recording.chats(1, "alice", str(turn), 1).hears(1, type="stats", turn=turn)
    player = player_of(recording, timeout=3.0)

    seconds = play(player, chatroom())

    assert outcome(player) == {"missing": 20}
    assert seconds < 7


def test_by_hand_one_move_at_a_time(base_talk):
    player = player_of(base_talk, manual=True, speed=math.inf)
    player.start(0.0)

    assert player.advance(0.0) == []
    line, move = player.next_up(0.0)
    assert (line.conn, move.step.act) == (1, "open")
    assert player.wake() == math.inf
    player.release()
    assert player.advance(0.0) == [Connect(1)]


def test_as_the_server_it_answers_when_its_client_has_spoken(base_talk):
    player = player_of(base_talk, plan_server)
    player.start(0.0)
    player.connected(1, 0.0)
    assert player.advance(1.0) == []
    player.received(1, b'{"type":"hello","nick":"zoe"}', 1.0)

    [sent] = player.advance(1.01)

    assert read_value(sent.data[2:]) == {"type": "join", "nick": "zoe"}
