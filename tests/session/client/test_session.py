"""Stories of one client: what it is told, what it sends, what a front hears. Without IO."""

import pytest

from chatctl.session.client.events import (
    Delivery,
    Goodbye,
    Hole,
    Joined,
    Lag,
    LinkLost,
    MalformedPacket,
    Members,
    Negotiated,
    NickChanged,
    Page,
    RawPacket,
    Receipt,
    Refused,
    Said,
    Saying,
    UnknownPacket,
)
from chatctl.session.client.roster import MOST, Roster
from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import ClientSettings, Phase
from chatctl.session.client.speaking import UNCONFIRMED, UNSENT
from chatctl.wire import codec
from chatctl.wire.framing import Deframer, frame
from chatctl.wire.packets import (
    Act,
    Action,
    AskHistory,
    AskWho,
    Bye,
    Chat,
    Direct,
    Direction,
    Enter,
    Error,
    Gap,
    Hello,
    History,
    Join,
    Leave,
    NickChange,
    Ping,
    Pong,
    Resume,
    Say,
    SetTopic,
    Tell,
    Welcome,
    Who,
)

CAPS = ("rooms", "dm", "history", "resume")
WELCOME = Welcome(1, "test/1", "alice", CAPS, token="t1")


class Talk:
    """A session, the time, and what its server would do."""

    def __init__(self, **settings):
        plain = {"nick": "alice", "nonce": "x", "jitter": lambda: 0.0, "track": False}
        settings = plain | settings
        self.session = ClientSession(ClientSettings(**settings))
        self.now = 100.0

    def up(self, *packets):
        self.session.link_up(self.now)
        self.hello = self.sent()
        self.server(*packets)
        return self

    def server(self, *packets):
        self.session.receive(b"".join(map(codec.encode_frame, packets)), self.now)
        return self.heard()

    def say(self, text, **where):
        return self.session.say(text, self.now, **where)

    def ask(self, question):
        return self.session.ask(question, self.now)

    def later(self, seconds):
        self.now += seconds
        self.session.tick(self.now)
        return self.heard()

    def down(self, reason="reset"):
        self.session.link_down(reason, self.now)
        return self.heard()

    def again(self, *packets):
        """The link is lost and made again after the wait."""
        self.down()
        self.now = self.session.deadline
        self.session.tick(self.now)
        self.heard()
        return self.up(*packets)

    def sent(self):
        deframer = Deframer()
        frames = self.session.outgoing()
        assert all(len(deframer.feed(each)) == 1 for each in list(frames))
        return [codec.decode_to_server(each[2:]) for each in frames]

    def heard(self):
        self.last = self.session.events()
        return self.last


def extended(**settings):
    talk = Talk(**settings).up(WELCOME)
    talk.sent()
    return talk


def base(**settings):
    talk = Talk(**settings).up(Join("alice"))
    talk.sent()
    return talk


def kinds(events):
    return [type(event) for event in events]


# ---------------------------------------------------------------- negotiation


def test_hello_asks_for_the_extension_and_welcome_grants_it():
    talk = Talk().up(WELCOME)
    assert talk.hello == [Hello("alice", 1, CAPS)]
    assert talk.last == [Negotiated("alice", extended=True, server="test/1", caps=CAPS)]
    assert talk.session.phase is Phase.EXTENDED


def test_base_leaves_the_extension_out_and_takes_no_welcome():
    talk = Talk(base=True).up(WELCOME)
    assert talk.hello == [Hello("alice")]
    talk.later(1)
    assert talk.session.phase is Phase.BASE


def test_until_a_welcome_nothing_but_hello_is_sent():
    talk = Talk().up()
    talk.say("hi")
    talk.ask(AskWho())
    talk.later(0.9)
    assert talk.sent() == []
    talk.server(WELCOME)
    assert talk.sent() == [AskWho(id="x-2"), Say("hi", id="x-1")]


def test_without_a_welcome_in_time_the_server_is_a_base_server():
    talk = Talk().up()
    talk.say("hi")
    assert Negotiated("alice", extended=False) in talk.later(1)
    assert talk.sent() == [Say("hi")]


def test_a_server_that_gave_a_welcome_once_is_not_taken_for_a_base_server():
    talk = extended().again()
    assert talk.later(9) == []
    assert talk.session.phase is Phase.GREETING
    assert kinds(talk.later(1)) == [LinkLost]


def test_any_other_packet_first_means_a_base_server():
    talk = Talk().up(Join("alice"))
    assert talk.last == [Negotiated("alice", extended=False), Joined("alice", own=True)]


def test_a_late_welcome_is_still_one():
    talk = Talk().up()
    talk.later(1)
    talk.say("hi")
    assert talk.sent() == [Say("hi")]
    talk.server(WELCOME, Chat("alice", "hi", "lobby", 1, 5))
    assert talk.last[-1] == Receipt("x-1", Delivery.CONFIRMED, seq=1, time=5)


@pytest.mark.parametrize(
    ("given", "nick"), [("alice", "alice"), ("alice2", "alice2"), ("ali", "ali"), ("bob", "alice")]
)
def test_a_base_server_may_rename_us_by_our_own_join(given, nick):
    talk = Talk().up(Join(given))
    assert talk.session.nick == nick


def test_only_the_first_join_can_be_ours():
    talk = Talk().up(Join("alice2"))
    talk.server(Join("alice"))
    assert talk.session.nick == "alice2"


def test_a_taken_nick_ends_it_unless_we_may_be_renamed():
    taken = Error("nick-taken", "alice is taken", suggestion="alice2")
    talk = Talk().up(taken)
    assert talk.last == [Refused("nick-taken", "alice is taken", suggestion="alice2")]
    assert talk.session.phase is Phase.CLOSING
    assert talk.down() == [LinkLost("reset", None, ever=False)]
    assert talk.session.phase is Phase.OVER

    talk = Talk(rename=True).up(taken)
    assert talk.sent() == [Hello("alice2", 1, CAPS)]


def test_renamed_on_a_link_that_then_closes_tries_another_at_once():
    talk = Talk(rename=True).up(Error("nick-taken", suggestion="alice2"))
    assert talk.down() == [LinkLost("reset", 0.0, ever=False)]
    talk.later(0)
    assert talk.up().hello[0].nick == "alice2"


# ---------------------------------------------------------------- words of ours


def test_words_are_told_at_once_and_confirmed_by_their_copy():
    talk = extended()
    talk.say("hi")
    said = Said("alice", "hi", id="x-1", own=True, state=Delivery.PENDING)
    assert talk.heard() == [said]
    assert talk.sent() == [Say("hi", id="x-1")]
    assert talk.session.pending == 1
    talk.server(Chat("alice", "hi", "lobby", 7, 99, "x-1"))
    assert talk.last == [Receipt("x-1", Delivery.CONFIRMED, seq=7, time=99)]
    assert talk.session.pending == 0


def test_somebody_elses_words_under_our_id_confirm_nothing():
    talk = extended()
    talk.say("hi")
    talk.heard()
    talk.server(Chat("bob", "hi", "lobby", 7, 99, "x-1"))
    assert talk.last == [Said("bob", "hi", seq=7, time=99, id="x-1")]
    assert talk.session.pending == 1


def test_base_words_are_confirmed_by_nick_and_text_in_their_order():
    talk = base()
    first, second = talk.say("hi"), talk.say("hi")
    talk.heard()
    assert talk.sent() == [Say("hi"), Say("hi")]
    assert talk.server(Chat("alice", "hi")) == [Receipt(first, Delivery.CONFIRMED)]
    assert talk.server(Chat("bob", "hi")) == [Said("bob", "hi")]
    assert talk.server(Chat("alice", "hi")) == [Receipt(second, Delivery.CONFIRMED)]
    assert talk.server(Chat("alice", "hi")) == [Said("alice", "hi", own=True)]


def test_base_words_never_echoed_are_left_as_sent_and_a_late_echo_is_no_news():
    talk = base()
    key = talk.say("hi")
    talk.heard()
    assert talk.later(1.9) == []
    assert talk.later(0.1) == [Receipt(key, Delivery.SENT)]
    assert talk.session.pending == 0
    assert talk.server(Chat("alice", "hi")) == [Receipt(key, Delivery.CONFIRMED)]


def test_a_server_that_never_echoes_is_soon_not_waited_for():
    talk = base()
    for _ in range(2):
        talk.say("hi")
        talk.later(2)
    key = talk.say("hi")
    talk.heard()
    assert talk.later(0) == [Receipt(key, Delivery.SENT)]


def test_words_fail_when_no_copy_comes_and_are_said_again_under_the_same_id():
    talk = extended()
    key = talk.say("hi")
    talk.sent()
    talk.heard()
    assert talk.later(9.9) == []
    [receipt] = talk.later(0.1)
    assert (receipt.id, receipt.state) == (key, Delivery.FAILED)
    assert talk.session.retry(key, talk.now)
    assert talk.heard() == [Receipt(key, Delivery.PENDING)]
    assert talk.sent() == [Say("hi", id=key)]
    assert not talk.session.retry(key, talk.now)


def test_each_receipt_gives_the_next_words_their_full_time():
    talk = extended()
    one, two = talk.say("one"), talk.say("two")
    talk.later(9)
    talk.server(Chat("alice", "one", "lobby", 1, 1, one))
    assert talk.later(9) == []
    assert talk.later(1)[0].id == two


def test_refused_words_have_failed():
    talk = extended()
    key = talk.say("x" * 5000)
    talk.heard()
    assert talk.server(Error("text-too-long", "at most 4096", id=key, limit=4096)) == [
        Receipt(key, Delivery.FAILED, code="text-too-long", reason="at most 4096")
    ]


def test_words_too_big_for_a_frame_fail_here():
    talk = extended()
    talk.say("x" * 70_000)
    assert talk.sent() == []
    assert talk.heard()[1].code == "too-big"
    assert talk.session.pending == 0


def test_words_over_what_the_server_announced_fail_here_and_the_link_lives():
    welcome = Welcome(1, "test/1", "alice", CAPS, limits={"text": 4096, "payload": 16384})
    talk = Talk().up(welcome)
    talk.sent()
    assert talk.session.too_long("é" * 2048) == ""
    problem = "a text has at most 4096 octets of UTF-8, this one 4098"
    assert talk.session.too_long("é" * 2049) == problem
    long, escaped = talk.say("é" * 2049), talk.say("\x01" * 4096)
    assert talk.heard()[1::2] == [
        Receipt(long, Delivery.FAILED, code="text-too-long", reason=problem),
        Receipt(
            escaped,
            Delivery.FAILED,
            code="too-big",
            reason="a payload has at most 16384 octets, this one 24615",
        ),
    ]
    question = talk.ask(SetTopic("", "x" * 20_000))
    [refused] = talk.heard()
    assert (refused.id, refused.code) == (question, "too-big")
    assert talk.sent() == []
    key = talk.say("x" * 4096)
    assert talk.sent() == [Say("x" * 4096, id=key)]


def test_words_that_fail_here_hold_up_no_others():
    talk = Talk(window=2)
    for _ in range(10):
        talk.say("x" * 11)
    key = talk.say("short")
    talk.up(Welcome(1, "test/1", "alice", CAPS, limits={"text": 10}))
    assert talk.sent() == [Say("short", id=key)]
    assert talk.session.pending == 1


def test_rate_limited_words_are_sent_again_by_themselves_in_order():
    talk = extended()
    one, two = talk.say("one"), talk.say("two")
    talk.sent()
    talk.heard()
    late = Error("rate-limited", "slower", id=one, retry_after=3)
    assert talk.server(late, Error("rate-limited", "slower", id=two, retry_after=3)) == []
    assert talk.later(2.9) == []
    assert talk.sent() == []
    talk.later(0.1)
    assert [packet.id for packet in talk.sent()] == [one, two]
    assert talk.session.pending == 2


def test_so_many_words_at_a_time():
    talk = extended(window=2)
    keys = [talk.say(str(n)) for n in range(4)]
    assert [packet.id for packet in talk.sent()] == keys[:2]
    talk.server(Chat("alice", "0", "lobby", 1, 1, keys[0]))
    assert [packet.id for packet in talk.sent()] == keys[2:3]


@pytest.mark.parametrize(
    ("rate", "delay", "window"), [(2, 5, 10), (20, 0.5, 10), (1000, 5, 64), (0, 5, 64), (1, 0, 1)]
)
def test_no_more_words_than_the_server_will_hold_back(rate, delay, window):
    limits = {"rate": rate, "rate_delay": delay}
    talk = Talk().up(Welcome(1, "s", "alice", CAPS, limits))
    for number in range(100):
        talk.say(str(number))
    assert len(talk.sent()) == window


def test_the_other_ways_to_say_something():
    talk = extended()
    talk.say("waves", how=Saying.ACTION)
    talk.say("psst", room="@bob")
    talk.say("up?", room="ops")
    assert talk.sent() == [
        Act("waves", id="x-1"),
        Tell("bob", "psst", "x-2"),
        Say("up?", "ops", "x-3"),
    ]
    talk.heard()
    talk.server(
        Action("alice", "waves", "lobby", 1, 1, "x-1"),
        Direct("alice", "bob", "psst", 1, 1, "x-2"),
        Direct("bob", "alice", "what?", 2, 2, ""),
    )
    assert talk.last[1:] == [
        Receipt("x-2", Delivery.CONFIRMED, "@bob", 1, 1),
        Said("bob", "what?", "@bob", Saying.DIRECT, "alice", 2, 2),
    ]


def test_what_the_base_protocol_cannot_say_fails_with_a_reason():
    talk = base()
    talk.say("psst", room="@bob")
    talk.say("up?", room="ops")
    talk.say("waves", how=Saying.ACTION)
    dm, room = [event for event in talk.heard() if isinstance(event, Receipt)]
    assert dm.code == room.code == "unsupported"
    assert [event.reason.split()[0] for event in (dm, room)] == ["'dm'", "'room'"]
    assert talk.sent() == [Say("*waves*")]
    assert talk.server(Chat("alice", "*waves*")) == [Receipt("x-3", Delivery.CONFIRMED)]


# ---------------------------------------------------------------- questions


def test_a_question_has_one_answer():
    talk = extended()
    key = talk.ask(AskWho())
    assert (talk.sent(), talk.session.asked) == ([AskWho(id=key)], 1)
    assert talk.server(Who("lobby", ("alice",), id=key)) == [Members("lobby", ("alice",), id=key)]
    assert talk.session.asked == 0


def test_a_refused_question_and_one_lost_with_its_link():
    talk = extended()
    one, two = talk.ask(AskWho("x")), talk.ask(AskHistory())
    talk.server(Error("bad-room", "no", id=one))
    assert talk.last == [Refused("bad-room", "no", one)]
    assert [e.id for e in talk.down() if isinstance(e, Refused)] == [two]


def test_who_is_on_a_base_server_is_answered_by_what_was_heard():
    talk = base()
    talk.server(Join("bob"), Join("dora"), Chat("Carol", "hi"), Leave("dora"))
    key = talk.ask(AskWho())
    nicks = ("alice", "bob", "Carol")
    assert talk.heard() == [Members("lobby", nicks, id=key, partial=True)]
    talk.again(Join("alice"))
    key = talk.ask(AskWho("lobby"))
    assert talk.heard() == [Members("lobby", ("alice",), id=key, partial=True)]


def test_who_is_on_a_base_server_is_kept_within_bounds():
    roster = Roster()
    for number in range(MOST + 5):
        roster.came(str(number))
    assert len(roster.known("alice")) == MOST + 1


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (AskWho("ops"), "who"),
        (AskHistory(), "history"),
        (Enter("ops"), "join"),
        (SetTopic(), "topic"),
    ],
)
def test_what_a_base_server_cannot_be_asked_is_named(question, kind):
    talk = base()
    key = talk.ask(question)
    [refused] = talk.heard()
    assert (refused.id, refused.code, refused.text.split()[0]) == (key, "unsupported", f"'{kind}'")
    assert talk.sent() == []


def test_a_page_of_history():
    talk = extended()
    key = talk.ask(AskHistory("lobby", before=3))
    page = History("lobby", (Chat("bob", "1", "lobby", 1), Chat("alice", "2", "lobby", 2)), id=key)
    talk.server(page)
    assert talk.last == [
        Page("lobby", (Said("bob", "1", seq=1), Said("alice", "2", seq=2, own=True)), id=key)
    ]


def test_our_nick_changes_with_the_servers_word():
    talk = extended()
    talk.server(NickChange("alice", "ally", id="x-1"))
    assert talk.last == [NickChanged("alice", "ally", own=True, id="x-1")]
    assert talk.session.nick == "ally"


# ---------------------------------------------------------------- the link


def test_pings_are_answered_and_ours_measure_the_lag():
    talk = extended(lag=True)
    talk.later(0)
    [ping] = talk.sent()
    talk.now += 0.25
    assert talk.server(Ping("7"), Pong(ping.id)) == [Lag(0.25, ping.id)]
    assert talk.sent() == [Pong("7")]


def test_a_silent_link_is_tried_and_then_given_up():
    talk = extended()
    talk.later(30)
    assert isinstance(talk.sent()[0], Ping)
    assert talk.later(29.9) == []
    assert kinds(talk.later(0.1)) == [LinkLost]
    assert talk.session.phase is Phase.WAITING


def test_a_base_link_is_not_pinged():
    talk = base()
    assert talk.session.deadline is None
    assert talk.later(1000) == []
    assert talk.sent() == []


def test_waits_double_up_to_a_limit_and_jitter_shortens_them():
    talk = extended(jitter=lambda: 1.0)
    waits = []
    for _ in range(9):
        [lost] = talk.down()
        waits.append(lost.retry_in)
        talk.later(lost.retry_in)
        assert talk.session.phase is Phase.DIALLING
    assert waits == [0.25, 0.5, 1, 2, 4, 8, 15, 15, 15]


def test_patience_ends():
    talk = extended(patience=2)
    assert talk.down()[0].retry_in == 0.5
    talk.later(0.5)
    assert talk.down()[0].retry_in == 1
    talk.later(1)
    assert talk.down() == [LinkLost("reset", None)]
    assert talk.session.phase is Phase.OVER


def test_a_first_link_that_cannot_be_made_is_the_end():
    talk = Talk()
    assert talk.down("refused") == [LinkLost("refused", None, ever=False)]


def test_goodbye_says_when_to_come_back_or_not_at_all():
    talk = extended()
    assert talk.server(Bye("shutdown", "restart", 7)) == [Goodbye("shutdown", "restart", 7)]
    assert talk.down() == [LinkLost("reset", 7)]
    talk = extended()
    talk.server(Bye("replaced", "elsewhere"))
    assert talk.down() == [LinkLost("reset", None)]


def test_at_the_end_all_that_waits_fails_and_so_does_what_is_said_later():
    talk = extended()
    sent, welcome = talk.say("hi"), WELCOME
    talk.server(Bye("replaced", "elsewhere"))
    unconfirmed, lost = talk.down()
    assert unconfirmed == Receipt(sent, Delivery.FAILED, code="link-lost", reason=UNCONFIRMED)
    assert lost == LinkLost("reset", None)
    key, question = talk.say("late"), talk.ask(AskWho())
    said, failed, refused = talk.heard()
    assert (said.id, said.state) == (key, Delivery.PENDING)
    assert failed == Receipt(key, Delivery.FAILED, code="link-lost", reason=UNSENT)
    assert (refused.id, refused.code) == (question, "link-lost")

    assert talk.session.try_now()
    assert talk.session.phase is Phase.DIALLING
    assert not talk.session.try_now()
    talk.up(welcome)
    talk.sent()
    talk.session.retry(key, talk.now)
    assert talk.sent() == [Say("late", id=key)]


def test_who_begins_anew_in_vain_goes_on_trying():
    talk = extended()
    talk.server(Bye("replaced", "elsewhere"))
    talk.down()
    talk.session.try_now()
    talk.heard()
    assert talk.down("refused") == [LinkLost("refused", 0.5)]


def test_what_an_earlier_link_brought_is_not_held_against_the_next():
    talk = Talk().up()
    talk.later(1)
    talk.session.receive(b"SSH-2.0-x", talk.now)
    [*_, lost] = talk.down()
    assert lost.fault
    assert talk.session.try_now()
    [*_, lost] = talk.down("refused")
    assert (lost.reason, lost.fault) == ("refused", False)


def test_what_speaks_another_protocol_is_told_apart():
    talk = Talk().up()
    talk.session.receive(b"SSH-2.0-x\r\n", talk.now)
    [lost] = talk.down("closed")
    assert lost.fault
    assert lost.retry_in is None
    assert "SSH-2.0" in lost.reason


def test_close_sends_nothing():
    talk = extended()
    talk.session.close(talk.now)
    assert (talk.sent(), talk.session.phase) == ([], Phase.CLOSING)
    assert talk.down() == []
    assert talk.session.phase is Phase.OVER


def test_a_reason_is_told_behind_what_was_said_where_the_server_can():
    talk = extended()
    key = talk.say("hi")
    talk.session.close(talk.now, "gone fishing")
    assert talk.sent() == [Say("hi", id=key)]
    talk.server(Chat("alice", "hi", "lobby", 1, 1, key))
    assert (talk.sent(), talk.session.phase) == ([Bye(reason="gone fishing")], Phase.CLOSING)
    talk = base()
    talk.session.close(talk.now, "gone fishing")
    assert (talk.sent(), talk.session.phase) == ([], Phase.CLOSING)


def test_leaving_waits_for_what_was_just_said():
    talk = extended()
    key = talk.say("hi")
    talk.session.close(talk.now)
    assert talk.session.phase is Phase.EXTENDED
    talk.server(Chat("alice", "hi", "lobby", 1, 1, key))
    assert talk.session.phase is Phase.CLOSING
    talk = extended()
    talk.say("hi")
    talk.session.close(talk.now)
    talk.now = talk.session.deadline
    talk.later(0)
    assert talk.session.phase is Phase.CLOSING


def test_leaving_without_a_link_is_the_end():
    talk = extended()
    talk.down()
    talk.session.close(talk.now)
    assert talk.session.phase is Phase.OVER


@pytest.mark.parametrize("linked", [True, False])
def test_words_not_confirmed_when_we_leave_have_failed(linked):
    talk = extended()
    if not linked:
        talk.down()
    key = talk.say("hi")
    talk.heard()
    talk.session.close(talk.now)
    while talk.session.deadline is not None:
        talk.now = talk.session.deadline
        talk.session.tick(talk.now)
    reason = UNCONFIRMED if linked else UNSENT
    assert talk.heard() == [Receipt(key, Delivery.FAILED, code="link-lost", reason=reason)]
    assert (talk.session.phase, talk.session.pending) == (Phase.OVER, 0)
    assert not talk.session.try_now()


def test_a_server_that_keeps_its_side_open_is_not_waited_for():
    talk = extended()
    talk.session.close(talk.now)
    talk.later(2)
    assert talk.session.phase is Phase.OVER


# ---------------------------------------------------------------- coming back


def test_resume_says_what_we_know_and_sends_again_what_is_uncertain():
    talk = extended()
    talk.server(Join("alice", "lobby"), Chat("bob", "one", "lobby", 4, 1))
    key = talk.say("mine")
    talk.sent()
    talk.again(Welcome(1, "test/1", "alice", CAPS, token="t2", resumed=True))
    assert talk.hello == [Hello("alice", 1, CAPS, Resume("t1", {"lobby": 4}))]
    assert talk.last[0].resumed
    assert talk.sent() == [Say("mine", id=key)]
    talk.server(Chat("alice", "mine", "lobby", 5, 2, key))
    assert talk.last == [Receipt(key, Delivery.CONFIRMED, seq=5, time=2)]
    talk.server(Chat("alice", "mine", "lobby", 5, 2, key), Chat("bob", "two", "lobby", 6, 3))
    assert talk.last == [Said("bob", "two", seq=6, time=3)]


def test_where_a_quiet_room_stands_is_learnt_on_coming_in():
    talk = extended(track=True)
    talk.server(Join("alice", "lobby"), Join("alice", "ops"), Join("bob", "lobby"))
    lobby, ops = talk.sent()
    assert (lobby, ops.room) == (AskHistory("lobby", limit=1, id="x-1"), "ops")
    talk.heard()
    talk.server(History("lobby", (Chat("bob", "old", "lobby", 7, 1),), id=lobby.id))
    talk.server(History("ops", (), id=ops.id))
    assert talk.last == []
    talk.again(Welcome(1, "test/1", "alice", CAPS, token="t2", resumed=True))
    assert talk.hello[0].resume == Resume("t1", {"lobby": 7, "ops": 0})


def test_a_room_of_unknown_standing_is_entered_again_and_one_left_is_forgotten():
    talk = extended()
    talk.server(Join("alice", "ops"), Join("alice", "dev"), Chat("bob", "x", "dev", 3, 1))
    talk.server(Leave("alice", "dev"))
    talk.again(Welcome(1, "test/1", "alice", CAPS, token="t2", resumed=True))
    assert talk.hello[0].resume == Resume("t1", {})
    assert talk.sent() == [Enter("ops", "x-1")]


def test_a_copy_that_overtakes_what_was_missed_hides_nothing():
    talk = extended()
    talk.server(Chat("bob", "one", "lobby", 1, 1))
    key = talk.say("mine")
    talk.again(Welcome(1, "s", "alice", CAPS, token="t2", resumed=True))
    missed, mine = Chat("bob", "two", "lobby", 2, 2), Chat("alice", "mine", "lobby", 3, 3, key)
    talk.server(mine, missed, mine, Chat("bob", "four", "lobby", 4, 4))
    assert talk.last == [
        Receipt(key, Delivery.CONFIRMED, seq=3, time=3),
        Said("bob", "two", seq=2, time=2),
        Said("bob", "four", seq=4, time=4),
    ]


def test_what_was_said_before_the_welcome_is_told_as_late():
    talk = Talk().up(Welcome(1, "s", "alice", CAPS, token="t", time=1000))
    talk.server(Chat("bob", "missed", "lobby", 1, 999), Chat("bob", "live", "lobby", 2, 1000))
    assert [event.late for event in talk.last] == [True, False]


def test_gaps_and_holes_are_shown():
    talk = extended()
    talk.server(Chat("bob", "one", "lobby", 1, 1), Gap("lobby", 2, 5, "not kept"))
    assert talk.last[1] == Hole("lobby", 2, 5, "not kept")
    talk.server(Chat("bob", "six", "lobby", 6, 1), Chat("bob", "nine", "lobby", 9, 1))
    assert talk.last[1] == Hole("lobby", 7, 8, "the server left them out")


def test_a_log_begun_anew_is_read_from_its_start():
    talk = extended()
    talk.server(Chat("bob", "old", "lobby", 50, 1))
    talk.server(Chat("bob", "new", "lobby", 1, 9), Chat("bob", "newer", "lobby", 2, 10))
    assert talk.last == [Said("bob", "new", seq=1, time=9), Said("bob", "newer", seq=2, time=10)]


def restarted(talk):
    """The link is made again to a server that kept its history and forgot its sessions."""
    talk.again(Welcome(1, "test/1", "alice", CAPS, token="t2"))
    sent = talk.sent()
    return sent, next(packet.id for packet in sent if isinstance(packet, AskHistory))


def test_a_server_begun_anew_is_asked_for_what_was_missed_before_anything_is_said_again():
    talk = extended()
    talk.server(Join("alice"), Join("alice", "ops"), Chat("bob", "one", "lobby", 1, 1))
    kept, lost = talk.say("kept"), talk.say("lost")
    talk.sent()
    sent, key = restarted(talk)
    assert sent[0] == Enter("ops", "x-3")
    assert sent[1:] == [AskHistory("lobby", after=1, limit=200, id=key)]
    talk.server(Chat("bob", "live", "lobby", 4, 4))
    assert talk.last == []
    mine, missed = Chat("alice", "kept", "lobby", 2, 2, kept), Chat("bob", "x", "lobby", 3, 3)
    talk.server(History("lobby", (mine, missed), id=key))
    assert talk.last == [
        Receipt(kept, Delivery.CONFIRMED, seq=2, time=2),
        Said("bob", "x", seq=3, time=3, late=True),
        Said("bob", "live", seq=4, time=4),
    ]
    assert talk.sent() == [Say("lost", id=lost)]


def test_catching_up_goes_on_page_by_page_and_ends_by_itself():
    talk = extended()
    talk.server(Join("alice"), Chat("bob", "one", "lobby", 1, 1))
    _, key = restarted(talk)
    talk.server(History("lobby", (Chat("bob", "x", "lobby", 2, 2),), more=True, id=key))
    [question] = talk.sent()
    assert question.after == 2
    talk.server(Chat("bob", "live", "lobby", 3, 3))
    assert talk.later(10) == [Said("bob", "live", seq=3, time=3)]


def test_words_in_a_room_never_read_are_looked_for_without_showing_its_past():
    talk = extended()
    key = talk.say("mine")
    talk.sent()
    _, question = restarted(talk)
    past = (Chat("bob", "old", "lobby", 1, 1), Chat("alice", "mine", "lobby", 2, 2, key))
    assert talk.server(History("lobby", past, id=question)) == [
        Receipt(key, Delivery.CONFIRMED, seq=2, time=2)
    ]
    assert talk.sent() == []


def test_a_base_server_that_vanishes_leaves_unconfirmed_words_to_the_person():
    talk = base()
    key = talk.say("hi")
    talk.sent()
    talk.heard()
    failed, lost = talk.down()
    assert (failed.id, failed.state, failed.code) == (key, Delivery.FAILED, "link-lost")
    assert lost.retry_in == 0.5


def test_words_said_without_a_link_go_out_on_the_next():
    talk = base()
    talk.down()
    talk.say("hi")
    assert talk.session.phase is Phase.WAITING
    talk.later(0.5)
    talk.up(Join("alice"))
    assert talk.sent() == [Say("hi")]


# ---------------------------------------------------------------- what cannot be read


def test_unknown_and_malformed_packets_are_told_and_survived():
    talk = extended()
    talk.session.receive(frame(b'{"type":"sticker","x":1}') + frame(b"{") + frame(b""), talk.now)
    assert kinds(talk.heard()) == [UnknownPacket, MalformedPacket, MalformedPacket]
    assert talk.server(Chat("bob", "hi")) == [Said("bob", "hi")]


def test_raw_packets_are_told_when_asked_for():
    talk = extended()
    talk.session.raw = True
    talk.say("hi")
    assert talk.heard()[1] == RawPacket(Direction.TO_SERVER, codec.encode(Say("hi", id="x-1")))
    talk.session.receive(frame(b"junk"), talk.now)
    assert talk.heard()[0] == RawPacket(Direction.TO_CLIENT, b"junk")


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_any_chunking(size):
    talk = Talk().up()
    wire = b"".join(map(codec.encode_frame, [WELCOME, Join("bob"), Chat("bob", "hi", seq=1)]))
    for start in range(0, len(wire), size):
        talk.session.receive(wire[start : start + size], talk.now)
    assert kinds(talk.heard()) == [Negotiated, Joined, Said]
