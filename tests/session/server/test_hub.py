"""The hub's behaviour as stories: what peers send, what everybody hears. No sockets, no clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.errors import ErrorCode
from chatctl.session.limits import Limits
from chatctl.session.server.house import Rules
from chatctl.wire.framing import frame
from chatctl.wire.packets import (
    Act,
    Action,
    AskWho,
    BaseExit,
    BaseSay,
    Bye,
    Chat,
    Error,
    Hello,
    Join,
    Leave,
    Ping,
    Pong,
    Say,
    Who,
)

T = 1_700_000_000_000


class TestBase:
    def test_everybody_is_told_of_a_join_the_joiner_included(self, stage):
        alice = stage.base("alice")
        bob = stage.connect()
        stage.send(bob, Hello("bob"))
        assert stage.heard(alice) == [Join("bob")]
        assert stage.heard(bob) == [Join("bob")]

    def test_words_go_to_everybody_with_the_members_of_the_guide_alone(self, stage):
        alice, bob = stage.base("alice"), stage.base("bob")
        stage.forget(alice)
        stage.send(alice, BaseSay("hello"))
        wire = frame(b'{"type":"chat","nick":"alice","message":"hello"}')
        assert stage.octets[alice] == stage.octets[bob] == wire

    def test_without_echo_the_author_alone_is_spared(self, make_stage):
        stage = make_stage(Rules(echo=False))
        alice, bob = stage.base("alice"), stage.base("bob")
        stage.forget(alice)
        stage.send(alice, BaseSay("one"))
        stage.send(bob, BaseSay("two"))
        assert stage.heard(alice) == [Chat("bob", "two")]
        assert stage.heard(bob) == [Chat("alice", "one")]

    def test_without_echo_an_extended_author_is_acknowledged_all_the_same(self, make_stage):
        stage = make_stage(Rules(echo=False))
        alice = stage.extended("alice")
        stage.send(alice, Say("hi", id="1"))
        assert stage.heard(alice) == [Chat("alice", "hi", "lobby", 1, T, "1")]

    @pytest.mark.parametrize(
        "payload",
        [
            b'{"message":"hi","nick":"mallory","type":"chat"}',
            b'{ "type" : "chat", "id": 7, "room": ["x"], "message" : "\\u0068i" }',
        ],
    )
    def test_a_chat_is_read_by_its_message_alone(self, stage, payload):
        alice, bob = stage.base("alice"), stage.base("bob")
        stage.octets_from(alice, frame(payload))
        assert stage.heard(bob) == [Chat("alice", "hi")]

    @pytest.mark.parametrize(
        "payload",
        [
            b'{"nick":"alice","type":"hello","v":"2.0"}',
            b'{"type":"hello","nick":"alice","caps":{}}',
        ],
    )
    def test_a_hello_with_strange_members_is_a_base_hello(self, stage, payload):
        conn = stage.connect()
        stage.octets_from(conn, frame(payload))
        assert stage.heard(conn) == [Join("alice")]

    @pytest.mark.parametrize(
        ("wanted", "given"),
        [
            ("bob", "bob2"),
            ("BOB", "BOB2"),
            ("my nick", "my_nick"),
            ("", "guest"),
            ("\x1b[2J", "2J"),
            ("x" * 40, "x" * 32),
            ("ünï", "n"),
        ],
    )
    def test_a_nick_that_cannot_be_had_becomes_the_nearest_free_one(self, stage, wanted, given):
        bob = stage.base("bob")
        conn = stage.connect()
        stage.send(conn, Hello(wanted))
        assert stage.heard(conn) == stage.heard(bob) == [Join(given)]

    def test_a_framed_leave_is_a_goodbye_announced_once(self, stage):
        alice, bob = stage.base("alice"), stage.base("bob")
        stage.send(bob, BaseExit())
        assert bob in stage.closed
        stage.lose(bob)
        assert stage.heard(alice)[-1:] == [Leave("bob")]
        assert stage.heard(alice) == []

    @pytest.mark.parametrize("junk", [b"exit\n", b"\x00\x05hello", b"\x00\x00", frame(b"[]")])
    def test_junk_ends_a_base_peer_silently_and_nobody_else(self, stage, junk):
        alice, bob = stage.base("alice"), stage.base("bob")
        stage.forget(alice, bob)
        stage.octets_from(bob, junk)
        assert bob in stage.closed
        assert stage.heard(bob) == []
        assert stage.heard(alice) == [Leave("bob")]

    def test_words_before_hello_end_the_connection_without_a_word(self, stage):
        conn = stage.connect()
        stage.send(conn, BaseSay("hi"))
        assert conn in stage.closed
        assert stage.octets[conn] == b""

    def test_a_second_hello_changes_nothing(self, stage):
        alice, bob = stage.base("alice"), stage.base("bob")
        stage.forget(alice)
        stage.send(bob, Hello("mallory"))
        stage.send(bob, BaseSay("still me"))
        assert stage.heard(alice) == [Chat("bob", "still me")]

    def test_a_type_nobody_knows_is_ignored(self, stage):
        alice = stage.base("alice")
        stage.octets_from(alice, frame(b'{"type":"typing"}'))
        assert alice not in stage.closed
        assert stage.heard(alice) == []

    def test_an_empty_message_is_passed_on(self, stage):
        alice = stage.base("alice")
        stage.send(alice, BaseSay(""))
        assert stage.heard(alice) == [Chat("alice", "")]

    def test_too_long_a_text_is_dropped_and_never_cut(self, stage):
        alice = stage.base("alice")
        stage.send(alice, BaseSay("é" * 2049))
        assert stage.heard(alice) == []
        assert alice not in stage.closed
        stage.send(alice, BaseSay("é" * 2048))
        assert stage.heard(alice) == [Chat("alice", "é" * 2048)]

    def test_nothing_rides_behind_a_base_peers_own_join(self, stage):
        alice = stage.base("alice")
        bob = stage.connect()
        stage.hub.received(bob, frame(b'{"type":"hello","nick":"bob"}'), stage.now)
        stage.hub.received(alice, frame(b'{"type":"chat","message":"hi"}'), stage.now)
        stage.run()
        to_bob = [data for conns, data in stage.writes if bob in conns]
        assert to_bob == [
            frame(b'{"type":"join","nick":"bob"}'),
            frame(b'{"type":"chat","nick":"alice","message":"hi"}'),
        ]

    def test_both_dialects_share_a_room(self, stage):
        alice, bob = stage.base("alice"), stage.extended("bob")
        stage.forget(alice)
        stage.send(alice, BaseSay("hi"))
        stage.send(bob, Act("waves", id="2"))
        assert stage.heard(alice) == [Chat("alice", "hi"), Chat("bob", "*waves*")]
        assert stage.heard(bob) == [
            Chat("alice", "hi", "lobby", 1, T),
            Action("bob", "waves", "lobby", 2, T, "2"),
        ]


class TestChunks:
    CONVERSATION = b"".join(
        map(
            frame,
            [
                b'{"type":"hello","nick":"alice"}',
                b'{"type":"chat","message":"one"}',
                b'{"type":"chat","message":"two"}',
            ],
        )
    )

    @given(st.lists(st.integers(1, 40), min_size=1))
    def test_any_chunking_says_the_same(self, sizes):
        from chatctl.log.memory import MemoryLog
        from chatctl.session.server.hub import Hub
        from chatctl.session.server.seats import Seats

        rules = Rules()
        hub = Hub(rules, Seats(b"s", lambda: "s", rules.limits))
        log = MemoryLog()
        hub.opened(1, "127.0.0.1:1", 0.0, exempt=True)
        written, start, turn = b"", 0, 0
        while start < len(self.CONVERSATION):
            size = sizes[turn % len(sizes)]
            hub.received(1, self.CONVERSATION[start : start + size], 0.0)
            start, turn = start + size, turn + 1
            while hub.has_work:
                log.append(hub.take_drafts(), lambda entries: hub.committed(entries, 0.0))
                written += b"".join(action.data for action in hub.flush())
        assert written == b"".join(
            map(
                frame,
                [
                    b'{"type":"join","nick":"alice"}',
                    b'{"type":"chat","nick":"alice","message":"one"}',
                    b'{"type":"chat","nick":"alice","message":"two"}',
                ],
            )
        )


class TestExtended:
    def test_welcome_precedes_everything(self, stage):
        stage.base("alice")
        bob = stage.connect()
        stage.send(bob, Hello("bob", 1))
        welcome, join = stage.heard(bob)
        assert (welcome.v, welcome.nick, welcome.resumed) == (1, "bob", False)
        assert welcome.limits["text"] == 4096
        assert welcome.token.startswith(welcome.session)
        assert join == Join("bob", "lobby", T)

    def test_the_echo_acknowledges_and_a_repeated_id_is_said_once(self, stage):
        alice, bob = stage.extended("alice"), stage.base("bob")
        stage.forget(alice)
        stage.send(alice, Say("hi", id="7"))
        echo = Chat("alice", "hi", "lobby", 1, T, "7")
        assert stage.heard(alice) == [echo]
        stage.later(20)
        stage.send(alice, Say("hi", id="7"))
        assert stage.heard(alice) == [echo]
        assert stage.heard(bob) == [Chat("alice", "hi")]

    def test_after_the_dedup_window_an_id_is_new(self, make_stage):
        stage = make_stage(Rules(limits=Limits(dedup_window=10, ping_after=900, dead_after=999)))
        alice = stage.extended("alice")
        stage.send(alice, Say("hi", id="7"))
        stage.later(11)
        stage.send(alice, Say("hi", id="7"))
        assert [packet.seq for packet in stage.heard(alice)] == [1, 2]

    def test_two_sessions_may_use_one_id(self, stage):
        alice, bob = stage.extended("alice"), stage.extended("bob")
        stage.forget(alice)
        stage.send(alice, Say("a", id="1"))
        stage.send(bob, Say("b", id="1"))
        assert [p.message for p in stage.heard(alice)] == ["a", "b"]

    def test_a_taken_nick_is_refused_with_a_suggestion_and_may_be_tried_again(self, stage):
        stage.base("alice")
        conn = stage.connect()
        stage.send(conn, Hello("Alice", 1))
        (error,) = stage.heard(conn)
        assert (error.code, error.suggestion) == (ErrorCode.NICK_TAKEN, "Alice2")
        stage.send(conn, Hello("Alice2", 1))
        assert stage.heard(conn)[1] == Join("Alice2", "lobby", T)

    def test_after_a_refusal_a_base_hello_makes_a_base_peer(self, stage):
        stage.base("alice")
        conn = stage.connect()
        stage.send(conn, Hello("alice", 1))
        stage.heard(conn)
        stage.send(conn, Hello("carol"))
        assert stage.octets[conn] == frame(b'{"type":"join","nick":"carol"}')

    @pytest.mark.parametrize(
        ("payload", "code"),
        [
            (b"{", ErrorCode.MALFORMED),
            (b'{"type":"chat"}', ErrorCode.MALFORMED),
            (b'{"type":"hello","nick":"x"}', ErrorCode.OUT_OF_TURN),
            (b'{"type":"zzz","id":"3"}', ErrorCode.UNSUPPORTED),
            (b'{"type":"chat","message":"","id":"3"}', ErrorCode.TEXT_EMPTY),
            (b'{"type":"chat","message":"x","room":"ops","id":"3"}', ErrorCode.NOT_IN_ROOM),
            (b'{"type":"chat","message":"x","id":"' + b"i" * 65 + b'"}', ErrorCode.BAD_ID),
            (b'{"type":"join","room":"a b","id":"3"}', ErrorCode.BAD_ROOM),
            (b'{"type":"nick","nick":"a b","id":"3"}', ErrorCode.BAD_NICK),
            (b'{"type":"dm","to":"nobody","message":"x","id":"3"}', ErrorCode.NO_SUCH_NICK),
        ],
    )
    def test_a_fault_is_answered_and_the_connection_goes_on(self, stage, payload, code):
        alice = stage.extended("alice")
        stage.octets_from(alice, frame(payload))
        (error,) = stage.heard(alice)
        assert isinstance(error, Error)
        assert error.code == code
        stage.send(alice, Ping("9"))
        assert stage.heard(alice) == [Pong("9")]

    def test_an_unknown_type_without_an_id_is_ignored(self, stage):
        alice = stage.extended("alice")
        stage.octets_from(alice, frame(b'{"type":"zzz"}'))
        assert stage.heard(alice) == []

    def test_too_long_a_text_is_refused_with_its_size(self, stage):
        alice = stage.extended("alice")
        stage.send(alice, Say("é" * 2049, id="1"))
        (error,) = stage.heard(alice)
        assert (error.code, error.limit, error.value, error.id) == (
            "text-too-long",
            4096,
            4098,
            "1",
        )

    def test_who_lists_base_and_extended_members(self, stage):
        alice = stage.extended("alice")
        stage.base("Bob")
        stage.forget(alice)
        stage.send(alice, AskWho(id="5"))
        assert stage.heard(alice) == [Who("lobby", ("alice", "Bob"), id="5")]

    def test_goodbye_closes_and_is_announced(self, stage):
        alice, bob = stage.base("alice"), stage.extended("bob")
        stage.forget(alice)
        stage.send(bob, Bye())
        assert bob in stage.closed
        assert stage.heard(alice) == [Leave("bob")]


class TestOversize:
    def test_a_frame_over_the_limit_is_refused_as_soon_as_it_is_announced(self, stage):
        alice = stage.extended("alice")
        stage.octets_from(alice, b"\x40\x01")
        error, bye = stage.heard(alice)
        assert (error.code, error.limit, error.value) == (ErrorCode.TOO_BIG, 16384, 16385)
        assert bye.code == ErrorCode.TOO_BIG
        assert alice in stage.closed

    def test_the_longest_payload_is_taken(self, stage):
        bob = stage.base("bob")
        payload = b'{"type":"chat","message":"hi"}'.ljust(16384)
        stage.octets_from(bob, frame(payload))
        assert stage.heard(bob) == [Chat("bob", "hi")]

    @pytest.mark.parametrize(
        "greeting", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]
    )
    def test_other_protocols_get_one_line(self, stage, greeting):
        conn = stage.connect()
        stage.octets_from(conn, greeting)
        assert conn in stage.closed
        assert b"chatctl server" in stage.octets[conn]


class TestFirewall:
    def test_a_fault_of_ours_ends_one_peer_with_its_incident(self, stage):
        alice, bob = stage.extended("alice"), stage.extended("bob")
        stage.forget(alice)
        stage.hub.failed(bob, "abc123", stage.now)
        stage.run()
        (bye,) = stage.heard(bob)
        assert (bye.code, "abc123" in bye.reason) == (ErrorCode.INTERNAL, True)
        assert stage.heard(alice) == [
            Leave("bob", "lobby", "a fault of the server, incident abc123", T)
        ]


def test_who_comes_after_a_quiet_time_is_not_taken_for_a_sweep_that_is_late(stage):
    """The metric of the loop's lag is how late the hub's deadline is met."""
    for _ in range(2):
        alice = stage.connect()
        assert stage.hub.deadline() == stage.now + 1
        stage.lose(alice)
        assert stage.hub.deadline() is None
        stage.now += 3600


def test_a_session_from_before_a_restart_is_not_swept_late(make_stage):
    stage = make_stage()
    alice = stage.extended("alice")
    stage.send(alice, Say("hi", id="1"))
    again = make_stage(log=stage.log)
    assert again.hub.deadline() == again.now + 1
