"""No server can make a client fall over: any octets, any packets in any order, at any time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chatctl.session.client.events import Saying
from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import ClientSettings, Phase
from chatctl.view.transcript import lines
from chatctl.wire import codec
from chatctl.wire.framing import frame
from chatctl.wire.packets import (
    Action,
    AskHistory,
    AskWho,
    Bye,
    Chat,
    Direct,
    Enter,
    Error,
    Gap,
    History,
    Join,
    Leave,
    NickChange,
    Ping,
    Pong,
    RoomInfo,
    Rooms,
    Topic,
    Welcome,
    Who,
)

NAME = st.sampled_from(["alice", "bob", "", "@alice", "*** x\n"])
ROOM = st.sampled_from(["", "lobby", "ops", "@bob", "@"])
ID = st.sampled_from(["", "x-1", "x-2", "x-3", "x-4", "x-5", "y"])
TEXT = st.sampled_from(["hi", "", "\x1b[2J", "\n*** x"])
NUMBER = st.integers(0, 12)
CODE = st.sampled_from(["rate-limited", "nick-taken", "bad-nick", "internal", "odd", ""])
WAIT = st.sampled_from([None, 0.0, 1.5, -3.0, 1e300])
CAPS = st.sampled_from([(), ("history",), ("rooms", "dm", "history", "resume")])

ENTRY = st.one_of(
    st.builds(Chat, NAME, TEXT, ROOM, NUMBER, NUMBER, ID),
    st.builds(Action, NAME, TEXT, ROOM, NUMBER, NUMBER, ID),
    st.builds(Direct, NAME, NAME, TEXT, NUMBER, NUMBER, ID),
    st.builds(Topic, ROOM, TEXT, NAME, NUMBER, NUMBER, ID),
)
PACKET = st.one_of(
    ENTRY,
    ENTRY,
    st.builds(Welcome, NUMBER, NAME, NAME, CAPS, st.just({}), NAME, NAME, st.booleans(), NUMBER),
    st.builds(Join, NAME, ROOM, NUMBER, ID),
    st.builds(Leave, NAME, ROOM, TEXT, NUMBER, ID),
    st.builds(NickChange, NAME, NAME, ROOM, NUMBER, ID),
    st.builds(Who, ROOM, st.tuples(NAME), st.booleans(), ID),
    st.builds(Rooms, st.tuples(st.builds(RoomInfo, ROOM, NUMBER, TEXT)), st.booleans(), ID),
    st.builds(History, ROOM, st.lists(ENTRY, max_size=3).map(tuple), st.booleans(), ID),
    st.builds(Gap, ROOM, NUMBER, NUMBER, TEXT),
    st.builds(Error, CODE, TEXT, ID, WAIT, WAIT, WAIT, NAME),
    st.builds(Bye, CODE, TEXT, WAIT),
    st.builds(Ping, ID),
    st.builds(Pong, ID),
)
STEP = st.one_of(
    st.tuples(st.just("server"), PACKET),
    st.tuples(st.just("server"), PACKET),
    st.tuples(st.just("server"), PACKET),
    st.tuples(st.just("octets"), st.binary(max_size=12)),
    st.tuples(st.just("octets"), st.binary(max_size=40).map(frame)),
    st.tuples(st.just("say"), ROOM),
    st.tuples(st.just("ask"), st.sampled_from([AskWho(), AskHistory("ops"), Enter("ops")])),
    st.tuples(st.just("retry"), ID),
    st.tuples(st.just("later"), st.floats(0, 70)),
    st.tuples(st.just("down"), st.just(None)),
    st.tuples(st.just("close"), st.just(None)),
)


class Play:
    """A session whose link is always made at once."""

    def __init__(self, *, base, rename):
        settings = ClientSettings("alice", "x", lambda: 1.0, base=base, rename=rename)
        self.session = ClientSession(settings)
        self.now = 1.0
        self.after()

    def do(self, what, how):
        session, now = self.session, self.now
        doing = {
            "server": lambda: session.receive(codec.encode_frame(how), now),
            "octets": lambda: session.receive(how, now),
            "say": lambda: session.say("hi", now, room=how or "lobby", how=Saying.CHAT),
            "ask": lambda: session.ask(how, now),
            "retry": lambda: session.retry(how, now),
            "later": lambda: session.tick(now),
            "down": lambda: session.link_down("cut", now),
            "close": lambda: session.close(now),
        }
        if what == "later":
            self.now = now = self.now + how
        doing[what]()
        self.after()

    def after(self):
        if self.session.phase is Phase.DIALLING:
            self.session.link_up(self.now)
        for payload in self.session.outgoing():
            codec.decode_to_server(payload[2:])
        for event in self.session.events():
            for line in lines(event):
                assert len(str(line).splitlines()) <= 1
        due = self.session.deadline
        assert due is None or due > 0 or self.session.phase is Phase.WAITING


@settings(max_examples=50)
@given(st.lists(STEP, max_size=40), st.booleans(), st.booleans())
def test_any_server_at_all(steps, base, rename):
    play = Play(base=base, rename=rename)
    for what, how in steps:
        play.do(what, how)


@settings(max_examples=50)
@given(st.lists(STEP, max_size=40), st.booleans())
def test_time_always_goes_on(steps, base):
    """A tick at the deadline does what was due: nobody spins on a deadline that stays."""
    play = Play(base=base, rename=True)
    for what, how in steps:
        play.do(what, how)
        for _ in range(10):
            due = play.session.deadline
            if due is None or due > play.now:
                break
            play.session.tick(play.now)
            play.after()
        else:
            raise AssertionError(f"spins in {play.session.phase} at {due}")
