"""What time and size do to peers: hello, frames, pings, floods, slow readers. Time is injected."""

import pytest

from chatctl.errors import ErrorCode
from chatctl.session.limits import RANGES, Bucket, Limits
from chatctl.session.server.house import Rules
from chatctl.wire.codec import encode_frame
from chatctl.wire.framing import frame
from chatctl.wire.packets import (
    Act,
    AskHistory,
    AskRooms,
    BaseSay,
    Bye,
    Chat,
    Enter,
    Error,
    Exit,
    Hello,
    Leave,
    Ping,
    Pong,
    Say,
    SetTopic,
    Tell,
)

T = 1_700_000_000_000


def byes(packets):
    return [packet.code for packet in packets if isinstance(packet, Bye)]


class TestHelloAndFrames:
    def test_a_connection_that_never_speaks_is_closed_after_ten_seconds(self, stage):
        conn = stage.connect()
        stage.later(9)
        assert conn not in stage.closed
        stage.later(2)
        assert conn in stage.closed

    def test_dripping_does_not_extend_the_time_for_a_hello(self, stage):
        conn = stage.connect()
        for octet in frame(b'{"type":"hello","nick":"slow"}')[:15]:
            stage.octets_from(conn, bytes([octet]))
            stage.later(0.8)
        assert conn in stage.closed

    def test_dripping_inside_a_later_frame_is_closed_too(self, stage):
        alice = stage.base("alice")
        for octet in frame(b'{"type":"chat","message":"hello"}')[:15]:
            stage.octets_from(alice, bytes([octet]))
            stage.later(0.8)
        assert alice in stage.closed

    def test_a_slow_writer_of_whole_frames_is_left_alone(self, stage):
        alice = stage.base("alice")
        wire = frame(b'{"type":"chat","message":"hello"}')
        for _ in range(6):
            stage.octets_from(alice, wire + wire[:5])
            stage.later(8)
            stage.octets_from(alice, wire[5:])
        assert alice not in stage.closed


class TestPings:
    def test_an_idle_extended_peer_is_pinged_and_lives_by_answering(self, stage):
        alice = stage.extended("alice")
        for _ in range(4):
            stage.later(31)
            (ping,) = stage.heard(alice)
            stage.send(alice, Pong(ping.id))
        assert alice not in stage.closed

    def test_one_that_does_not_answer_is_given_up_and_its_nick_held(self, stage):
        alice = stage.extended("alice")
        stage.later(61)
        ping, bye = stage.heard(alice)
        assert isinstance(ping, Ping)
        assert bye.code == ErrorCode.PING_TIMEOUT
        assert stage.hub.house.nicks.holder("alice") is not None

    def test_a_base_peer_is_never_pinged(self, stage):
        alice = stage.base("alice")
        stage.later(3600)
        assert stage.heard(alice) == []
        assert alice not in stage.closed

    def test_a_leap_of_time_closes_nobody_who_answers(self, stage):
        alice = stage.extended("alice")
        stage.now += 45
        stage.hub.tick(stage.now)
        stage.run()
        (ping,) = stage.heard(alice)
        stage.send(alice, Pong(ping.id))
        stage.later(1)
        assert alice not in stage.closed


class TestFlood:
    def test_a_burst_passes_and_the_rest_is_delayed_in_order(self, stage):
        alice = stage.base("alice", exempt=False, address="10.0.0.1:1")
        stage.send(alice, *(BaseSay(str(number)) for number in range(20)))
        assert [p.message for p in stage.heard(alice)] == [str(number) for number in range(10)]
        assert alice in stage.paused
        stage.later(5.1)
        assert [p.message for p in stage.heard(alice)] == [str(number) for number in range(10, 20)]
        assert alice not in stage.paused

    def test_an_extended_flooder_is_refused_after_five_seconds_of_delay(self, stage):
        alice = stage.extended("alice", exempt=False, address="10.0.0.1:1")
        stage.send(alice, *(Say(str(number), id=f"n{number}") for number in range(40)))
        stage.later(6)
        heard = stage.heard(alice)
        said = [p for p in heard if isinstance(p, Chat)]
        refused = [p for p in heard if isinstance(p, Error)]
        assert len(said) + len(refused) == 40
        assert 19 <= len(said) <= 21
        assert {p.code for p in refused} == {ErrorCode.RATE_LIMITED}
        assert all(p.retry_after and p.limit == 2 for p in refused)

    def test_a_base_flooder_is_delayed_and_loses_nothing(self, stage):
        alice = stage.base("alice", exempt=False, address="10.0.0.1:1")
        stage.send(alice, *(BaseSay(str(number)) for number in range(60)))
        stage.later(26)
        assert [p.message for p in stage.heard(alice)] == [str(number) for number in range(60)]

    def test_a_flooder_does_not_slow_the_others(self, stage):
        alice = stage.base("alice", exempt=False, address="10.0.0.1:1")
        bob = stage.base("bob", exempt=False, address="10.0.0.2:1")
        stage.send(alice, *(BaseSay("spam") for _ in range(100)))
        stage.forget(bob)
        stage.send(bob, BaseSay("hello"))
        assert stage.heard(bob) == [Chat("bob", "hello")]

    def test_loopback_is_exempt_unless_it_is_not(self, make_stage):
        for metered, expected in ((False, 30), (True, 10)):
            stage = make_stage(Rules(limit_loopback=metered))
            alice = stage.base("alice")
            stage.send(alice, *(BaseSay("x") for _ in range(30)))
            assert len(stage.heard(alice)) == expected

    def test_nonsense_without_end_is_closed(self, stage):
        alice = stage.extended("alice", exempt=False, address="10.0.0.1:1")
        for _ in range(40):
            stage.octets_from(alice, frame(b"nonsense"))
        assert byes(stage.heard(alice)) == [ErrorCode.RATE_LIMITED]
        assert stage.events().count("request.refused") <= 41

    def test_a_peer_that_leaves_while_delayed_is_forgotten(self, stage):
        alice = stage.base("alice", exempt=False, address="10.0.0.1:1")
        stage.send(alice, *(BaseSay("x") for _ in range(30)))
        stage.lose(alice)
        stage.later(10)
        assert stage.hub.house.peers == {}


class TestBucket:
    def test_it_fills_up_to_its_burst_and_no_further(self):
        bucket = Bucket(2, 1, 0.0)
        for _ in range(2):
            assert bucket.wait(1000.0) == 0
            bucket.take(1)
        assert bucket.wait(1000.0) == 1
        assert bucket.wait(1000.5) == 0.5
        assert bucket.wait(1001.0) == 0


class TestConnections:
    def test_an_address_may_have_only_so_many(self, make_stage):
        stage = make_stage(Rules(limits=Limits(connections_per_address=2)))
        first, second = (stage.connect(exempt=False, address=f"10.0.0.1:{n}") for n in (1, 2))
        third = stage.connect(exempt=False, address="10.0.0.1:3")
        other = stage.connect(exempt=False, address="10.0.0.2:3")
        assert set(stage.closed) == {third}
        stage.lose(first)
        assert stage.connect(exempt=False, address="10.0.0.1:4") not in stage.closed
        assert other not in stage.closed
        assert second not in stage.closed

    def test_the_server_takes_only_so_many(self, make_stage):
        stage = make_stage(Rules(limits=Limits(connections=2)))
        stage.connect()
        stage.connect()
        assert stage.connect() in stage.closed


class TestSlowReaders:
    def test_a_reader_that_stalls_gets_the_rest_when_it_drains(self, stage):
        alice, bob = stage.base("alice"), stage.base("bob")
        stage.forget(bob)
        stage.full.add(bob)
        for number in range(100):
            stage.send(alice, BaseSay(str(number)))
        assert len(stage.heard(bob)) == 1
        stage.full.clear()
        stage.hub.drained(bob, stage.now)
        stage.run()
        assert [p.message for p in stage.heard(bob)] == [str(number) for number in range(1, 100)]

    def test_a_reader_that_keeps_stalling_gets_a_slice_each_time(self, make_stage):
        stage = make_stage(Rules(limits=Limits(slice_bytes=1000)))
        alice, bob = stage.base("alice"), stage.base("bob")
        stage.forget(bob)
        stage.full.add(bob)
        for number in range(100):
            stage.send(alice, BaseSay(str(number)))
        turns = 0
        while len(stage.peek(bob)) < 100:
            stage.hub.drained(bob, stage.now)
            stage.run()
            turns += 1
        assert turns > 3
        assert [p.message for p in stage.heard(bob)] == [str(number) for number in range(100)]

    def test_behind_for_ten_seconds_while_the_room_moves_is_a_goodbye(self, stage):
        alice, bob = stage.base("alice"), stage.extended("bob")
        stage.forget(bob)
        stage.full.add(bob)
        stage.send(alice, BaseSay("one"))
        stage.later(5)
        stage.send(alice, BaseSay("two"))
        stage.later(6)
        assert byes(stage.heard(bob)) == [ErrorCode.SLOW_READER]
        assert stage.heard(alice)[-1] == Leave("bob")

    def test_behind_in_a_room_that_rests_is_no_offence(self, stage):
        alice, bob = stage.base("alice"), stage.base("bob")
        stage.full.add(bob)
        stage.send(alice, BaseSay("one"))
        stage.later(100)
        assert bob not in stage.closed

    def test_falling_off_the_window_is_a_resumable_goodbye(self, make_stage):
        limits = Limits(window_entries=10, window_bytes=5_000)
        stage = make_stage(Rules(limits=limits))
        alice, bob = stage.base("alice"), stage.extended("bob")
        stage.forget(bob)
        stage.full.add(bob)
        for _ in range(100):
            stage.send(alice, BaseSay("x" * 100))
        window = stage.hub.house.room("lobby").window
        assert window.end - window.start < 50
        stage.full.clear()
        stage.hub.drained(bob, stage.now)
        stage.run()
        (bye,) = [p for p in stage.heard(bob) if isinstance(p, Bye)]
        assert (bye.code, bye.retry_after) == (ErrorCode.SLOW_READER, 0)

    def test_who_lags_holds_entries_beyond_the_window_up_to_its_octets(self, make_stage):
        stage = make_stage(Rules(limits=Limits(window_entries=10)))
        alice, bob = stage.base("alice"), stage.base("bob")
        stage.forget(bob)
        stage.full.add(bob)
        for number in range(100):
            stage.send(alice, BaseSay(str(number)))
        stage.full.clear()
        stage.hub.drained(bob, stage.now)
        stage.run()
        assert len(stage.heard(bob)) == 100
        window = stage.hub.house.room("lobby").window
        assert window.end - window.start <= 11

    def test_those_who_stand_alike_share_one_write_of_one_object(self, stage):
        alice, *others = (stage.base(f"peer{number}") for number in range(50))
        stage.writes.clear()
        stage.hub.received(alice, frame(b'{"type":"chat","message":"one"}'), stage.now)
        stage.hub.received(alice, frame(b'{"type":"chat","message":"two"}'), stage.now)
        stage.run()
        assert [(len(conns), data.count(b"chat")) for conns, data in stage.writes] == [(50, 2)]
        assert set(others) < set(stage.writes[0][0])


class TestShutdown:
    def test_everybody_is_told_when_to_come_back_not_all_at_once(self, stage):
        peers = [stage.extended(f"peer{number}") for number in range(4)]
        stage.forget(*peers)
        stage.hub.shut_down(stage.now, 10)
        stage.run()
        waits = [p.retry_after for peer in peers for p in stage.heard(peer) if isinstance(p, Bye)]
        assert waits == [1.0, 3.5, 6.0, 8.5]
        assert set(peers) <= set(stage.closed)

    def test_nobody_new_comes_in(self, stage):
        stage.hub.shut_down(stage.now, 10)
        assert stage.connect() in stage.closed


@pytest.mark.parametrize("seconds", [-5000, 86_400])
def test_room_time_never_goes_back(stage, seconds):
    alice = stage.extended("alice")
    stage.send(alice, Say("one"))
    stage.hub.house.clock.epoch += seconds
    stage.send(alice, Say("two"))
    first, second = (p.time for p in stage.heard(alice))
    assert first == T
    assert second >= first


def test_a_nick_is_sanitised_before_anybody_hears_it(stage):
    conn = stage.connect()
    stage.send(conn, Hello("\u202eevil\x07"))
    (join,) = stage.heard(conn)
    assert join.nick == "evil"


@pytest.mark.parametrize("turn", range(7))
def test_a_metered_peer_is_obeyed_as_one_that_is_not(make_stage, turn):
    sent = [Say("one"), Ping("1"), Say("two"), Act("waves"), Say("x" * 5000), Say(""), Exit("ops")]
    heard = []
    for metered in (False, True):
        limits = Limits(rate_burst=1000)
        stage = make_stage(Rules(limits=limits, limit_loopback=metered))
        alice = stage.extended("alice")
        stage.send(alice, *sent[turn:], *sent[:turn])
        heard.append(stage.heard(alice))
    assert heard[0] == heard[1]
    assert len(heard[0]) == len(sent)


OVERSIZE = frame(b"x" * 601)


def test_nothing_follows_a_goodbye_whatever_comes_behind_it(make_stage):
    stage = make_stage(Rules(limits=Limits(payload=600)))
    alice = stage.extended("alice")
    stage.octets_from(alice, encode_frame(Bye()) + OVERSIZE)
    assert stage.heard(alice) == []
    assert stage.closed[alice] == "goodbye"


def test_what_flood_control_holds_back_is_said_before_a_frame_too_big_ends_it(make_stage):
    stage = make_stage(Rules(limits=Limits(payload=600, rate_burst=1, rate=1), limit_loopback=True))
    alice, bob = stage.base("alice"), stage.base("bob")
    stage.octets_from(alice, encode_frame(Say("one")) + encode_frame(Say("two")) + OVERSIZE)
    assert stage.heard(bob) == [Chat("alice", "one")]
    stage.later(2)
    assert stage.heard(bob) == [Chat("alice", "two"), Leave("alice")]


@pytest.mark.timeout(20)
def test_a_wait_that_rounding_makes_of_nothing_is_none(make_stage):
    """At 50 a second and 1000.02 s, 1 - 0.02 * 50 is 9e-13: less than the time can tell."""
    stage = make_stage(Rules(limits=Limits(rate=50, rate_burst=2), limit_loopback=True))
    alice = stage.base("alice")
    stage.send(alice, *[Say(str(number)) for number in range(6)])
    stage.later(1)
    assert [packet.message for packet in stage.heard(alice)] == list("012345")


def test_the_longest_words_of_the_widest_limits_fit_a_frame(make_stage):
    most = {name: int(most) for name, (_, most) in RANGES.items() if most}
    stage = make_stage(Rules(unicode_nicks=True, limits=Limits(**most)))
    alice = stage.extended("\U00010330" * 255)
    stage.extended("\U00010331" * 255)
    room, words, request = "r" * 255, "\x01" * 10_000, "\x01" * 64
    stage.send(alice, Enter(room))
    stage.forget(alice)
    stage.send(alice, Say(words, room, request))
    stage.send(alice, SetTopic(room, words, request))
    stage.send(alice, Tell("\U00010331" * 255, words, request[1:]))
    stage.send(alice, AskRooms())
    stage.send(alice, AskHistory(room))
    said, topic, told, rooms, page = stage.heard(alice)
    assert said.message == topic.topic == told.message == words
    assert [info.topic for info in rooms.rooms] == ["", words]
    assert len(page.entries) == 1
