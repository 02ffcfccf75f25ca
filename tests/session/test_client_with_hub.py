"""The client's mind against the server's, with links cut anywhere and servers begun anew.

The promise: whatever happens to links and servers, everything said is in the room's log once, and
everybody is told all of it once, in its order.
"""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chatctl.session.client.events import Delivery, Hole, Joined, Receipt, Said
from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import LINKED, TALKING, ClientSettings, Phase
from chatctl.session.entries import Query

NICKS = ("alice", "bob")


class Wire:
    """One client, its link if it has one, and what is on its way in both directions."""

    def __init__(self, nick):
        chance = iter(range(10**9))
        self.nick = nick
        self.session = ClientSession(ClientSettings(nick, f"{nick}-id", lambda: next(chance) % 2))
        self.conn = None
        self.to_server = b""
        self.events = []
        self.said = []

    def pump(self):
        self.to_server += b"".join(self.session.outgoing())
        self.events += self.session.events()


class World:
    def __init__(self, make_stage):
        self.make_stage = make_stage
        self.stage = make_stage()
        self.wires = [Wire(nick) for nick in NICKS]
        self.counter = 0

    def tick(self, seconds):
        self.stage.later(seconds)
        for wire in self.wires:
            wire.session.tick(self.stage.now)
            self.see(wire)

    def see(self, wire):
        """Carry out what the session wants of its link."""
        if wire.session.phase is Phase.DIALLING and wire.conn is None:
            wire.conn = self.stage.connect()
            wire.session.link_up(self.stage.now)
        elif wire.session.phase not in LINKED and wire.conn is not None:
            self.stage.lose(wire.conn)
            wire.conn, wire.to_server = None, b""
        wire.pump()

    def carry(self, wire, octets):
        """Let up to *octets* arrive in each direction."""
        if wire.conn is None:
            return
        data, wire.to_server = wire.to_server[:octets], wire.to_server[octets:]
        if data:
            self.stage.octets_from(wire.conn, data)
        waiting = self.stage.octets[wire.conn]
        self.stage.octets[wire.conn] = waiting[octets:]
        if waiting:
            wire.session.receive(waiting[:octets], self.stage.now)
        if wire.conn in self.stage.closed and not self.stage.octets[wire.conn]:
            self.cut(wire)
        self.see(wire)

    def cut(self, wire):
        if wire.conn is not None:
            conn, wire.conn, wire.to_server = wire.conn, None, b""
            self.stage.lose(conn)
            wire.session.link_down("cut", self.stage.now)
            self.see(wire)

    def begin(self):
        for wire in self.wires:
            self.see(wire)
        for wire in self.wires * 4:
            self.carry(wire, 1_000_000)

    def do(self, what, *how):
        if what in {"say", "cut"}:
            getattr(self, what)(self.wires[how[0]])
        elif what == "carry":
            self.carry(self.wires[how[0]], how[1])
        else:
            getattr(self, what)(*how)

    def say(self, wire):
        self.counter += 1
        wire.said.append(f"{wire.nick} {self.counter}")
        wire.session.say(wire.said[-1], self.stage.now)
        self.see(wire)

    def restart(self):
        log, now = self.stage.log, self.stage.now
        for wire in self.wires:
            self.cut(wire)
        self.stage = self.make_stage(log=log)
        self.stage.hub.house.clock.epoch -= now - self.stage.now
        self.stage.now = self.stage.hub.house.clock.now = now

    def settle(self):
        """Let everything arrive, links be made again, and what failed be said again."""
        for _ in range(100):
            self.tick(0.7)
            for wire in self.wires:
                for _ in range(4):
                    self.carry(wire, 1_000_000)
                for receipt in failed(wire.events):
                    wire.session.retry(receipt, self.stage.now)
                    self.see(wire)
            if all(map(self.quiet, self.wires)):
                return

    def quiet(self, wire):
        on_the_way = wire.to_server or self.stage.octets[wire.conn]
        return wire.session.phase in TALKING and not (wire.session.pending or on_the_way)


def failed(events):
    state = {e.id: e.state for e in events if isinstance(e, Receipt)}
    return [key for key, reached in state.items() if reached is Delivery.FAILED]


def in_log(world):
    pages = []
    world.stage.log.read(Query("lobby", 0, 0, 10_000), pages.append)
    return [(entry.seq, entry.draft.message) for entry in pages[0].entries]


def told(wire):
    """Return (seq, text) of all words a person saw, our own when they were confirmed."""
    own = {e.id: e.text for e in wire.events if isinstance(e, Said) and e.own}
    seen = []
    for event in wire.events:
        if isinstance(event, Said) and not event.own:
            seen.append((event.seq, event.text))
        elif isinstance(event, Receipt) and event.state is Delivery.CONFIRMED:
            seen.append((event.seq, own[event.id]))
    return seen


WHO = st.integers(0, len(NICKS) - 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), WHO),
        st.tuples(st.just("say"), WHO),
        st.tuples(st.just("carry"), WHO, st.integers(1, 400)),
        st.tuples(st.just("carry"), WHO, st.just(1_000_000)),
        st.tuples(st.just("cut"), WHO),
        st.tuples(st.just("restart")),
        st.tuples(st.just("tick"), st.floats(0.1, 3)),
    ),
    max_size=60,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
@example([("say", 0), ("carry", 0, 1_000_000), ("cut", 0)])
@example([("say", 0), ("carry", 0, 1_000_000), ("restart",), ("say", 1)])
def test_everything_said_is_kept_once_and_told_once(make_stage, steps):
    world = World(make_stage)
    world.begin()
    for what, *how in steps:
        world.do(what, *how)
    world.settle()

    log = in_log(world)
    said = sorted(text for wire in world.wires for text in wire.said)
    assert sorted(text for _, text in log) == said
    for wire in world.wires:
        assert [e for e in wire.events if isinstance(e, Joined) and e.own]
        assert not [e for e in wire.events if isinstance(e, Hole)]
        assert wire.session.pending == 0
        assert sorted(told(wire)) == log
        others = [seq for seq, text in told(wire) if not text.startswith(wire.nick)]
        assert others == sorted(others)
        assert [text for _, text in log if text.startswith(wire.nick)] == wire.said
