"""Line mode without a link: what it shows of what happens, and what it does with what is typed."""

from types import SimpleNamespace

import pytest

from chatctl.errors import UsageError
from chatctl.session.client import events as e
from chatctl.session.client.settings import Phase
from chatctl.tui.lines.line import LineMode
from chatctl.wire.packets import AskWho, Direction


class Desk:
    def __init__(self):
        self.done = []
        self.recording = False
        self.session = SimpleNamespace(phase=Phase.EXTENDED, pending=0, asked=0, raw=False)

    def __getattr__(self, name):
        return lambda *args, **named: self.done.append((name, *args, *named.values()))

    def record(self, file):
        if file is not None and file.name == "bad":
            raise UsageError("cannot record")
        self.done.append(("record", file))

    def try_now(self):
        self.done.append(("try_now",))
        return self.session.phase is Phase.WAITING

    def mark(self, text):
        return text == "good"


@pytest.fixture
def mode():
    paper = SimpleNamespace(put=lambda shown: paper.lines.extend(map(str, shown)), lines=[])
    line = LineMode(Desk(), paper, newlines=False)
    line.lines = paper.lines
    return line


def test_what_is_typed_goes_where_it_belongs(mode):
    mode.desk.session.phase = Phase.WAITING
    for line in ("hi", "/msg bob psst", "/who", "/reconnect", "/raw", "/quit gone fishing", ""):
        mode.typed(line)
    assert mode.desk.done == [
        ("say", "hi", "lobby", e.Saying.CHAT),
        ("say", "psst", "@bob", e.Saying.DIRECT),
        ("ask", AskWho()),
        ("try_now",),
        ("raw", True),
        ("close", "gone fishing"),
    ]
    assert mode.lines == []


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/nonsense", "!!! no command /nonsense (see /help); //… says a line that begins with /"),
        ("/search x", "!!! /search works on the full screen only"),
        ("/help msg", "*** /msg NICK TEXT     tell one person"),
        ("/help nonsense", "!!! no command /nonsense"),
        ("/record bad", "!!! cannot record"),
        ("/record ~nosuch/x", "!!! nobody's home is ~nosuch/x"),
        ("/record x.pcapng", "*** recording to x.pcapng"),
        ("/record stop", "!!! nothing is being recorded"),
        ("/mark good", "*** marked"),
        ("/mark bad", "!!! nothing is being recorded; /record FILE begins"),
        ("/retry", "*** everything was delivered"),
    ],
)
def test_what_commands_answer(mode, typed, shown):
    mode.typed(typed)
    assert mode.lines == [shown]


def test_nothing_false_is_said_of_the_link_and_of_what_is_on_the_way(mode):
    mode.desk.session.pending = 2
    mode.typed("/retry")
    mode.typed("/reconnect")
    assert mode.lines == [
        "*** nothing has failed; 2 messages are still on the way",
        "!!! there is a link, or one is being made",
    ]


def test_help_lists_what_lines_can_do(mode):
    mode.typed("/help")
    assert any("/me TEXT" in line for line in mode.lines)
    assert not any("/theme" in line for line in mode.lines)


def test_failed_words_are_named_and_said_again_at_once(mode):
    mode.tell([e.Said("alice", "hi\x1b", id="1", own=True, state=e.Delivery.PENDING)])
    mode.tell([e.Receipt("1", e.Delivery.FAILED, code="x", reason="full")])
    assert mode.lines == ["alice: hi\\x1b", "!!! not delivered: full: hi\\x1b"]
    mode.typed("/retry")
    assert mode.desk.done == [("retry", "1")]


def test_of_long_words_that_failed_the_beginning_is_repeated(mode):
    said = "\x1b" + "x" * 4999
    mode.tell([e.Said("alice", said, id="1", own=True, state=e.Delivery.PENDING)])
    mode.tell([e.Receipt("1", e.Delivery.FAILED, code="x", reason="too long")])
    beginning = "\\x1b" + "x" * 79
    assert mode.lines[1:] == [f"!!! not delivered: too long: {beginning}… (5,000 characters)"]


def test_what_is_typed_follows_the_rooms_we_enter_and_leave(mode):
    mode.tell([e.Joined("alice", "ops", own=True), e.Joined("bob", "dev")])
    assert mode.room == "ops"
    mode.tell([e.Left("alice", "dev", own=True)])
    assert mode.room == "ops"
    mode.tell([e.Left("alice", "ops", own=True)])
    assert mode.room == "lobby"


def test_a_new_nick_is_told_once_however_many_rooms_hear_of_it(mode):
    mode.tell([e.NickChanged("bob", "rob", room) for room in ("lobby", "ops")])
    mode.tell([e.NickChanged("rob", "bob", "lobby"), e.NickChanged("bob", "rob", "lobby")])
    assert len(mode.lines) == 3


def test_packets_are_shown_with_their_direction(mode):
    mode.tell(
        [e.RawPacket(Direction.TO_SERVER, b'{"a":1}'), e.RawPacket(Direction.TO_CLIENT, b"\x1b")]
    )
    assert mode.lines == ['-> {"a":1}', "<- \\x1b"]


def test_what_ends_the_program_is_left_to_its_error(mode):
    mode.desk.session.phase = Phase.CLOSING
    mode.tell([e.Refused("nick-taken", "taken"), e.LinkLost("end", None)])
    assert mode.lines == []
    mode.tell([e.LinkLost("reset", 2.0)])
    assert mode.lines == ["!!! connection lost (reset); next try in 2 s"]


def test_a_reply_goes_to_who_spoke_directly_last(mode):
    mode.typed("/reply hm")
    assert mode.lines == ["!!! nobody has told you anything yet"]
    mode.tell([e.Said("bob", "psst", "@bob", e.Saying.DIRECT, "alice"), e.Said("carol", "hi")])
    mode.typed("/reply what?")
    assert mode.desk.done == [("say", "what?", "@bob", e.Saying.DIRECT)]


def test_a_ping_is_answered_and_the_heartbeat_is_no_news(mode):
    mode.desk.ask = lambda question: "p1"
    mode.typed("/ping")
    mode.tell([e.Lag(0.5, "heartbeat"), e.Lag(0.0123, "p1"), e.Lag(0.0123, "p1")])
    assert mode.lines == ["*** the server answers after 12.3 ms"]
