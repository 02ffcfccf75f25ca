"""Captures made by hand, and a chat without sockets, for the tests of replaying."""

import pytest

from chatctl.capture.record import Kind, Record
from chatctl.capture.replay.steps import read_value
from chatctl.capture.replay.track import Connect, Finish
from chatctl.wire import codec
from chatctl.wire.framing import frame
from chatctl.wire.packet import Direction

MS = 1_000_000
START = 1_700_000_000_000_000_000


class Talk:
    """Writes records: ``opens``, ``says``, ``hears``, ``closes``, 10 ms apart."""

    def __init__(self, step=10):
        self.records = []
        self.now = START
        self.step = step

    def after(self, ms):
        self.now += ms * MS
        return self

    def opens(self, conn):
        return self._add(conn, Kind.OPEN, Direction.TO_SERVER)

    def says(self, conn, **members):
        return self.raw(conn, frame(codec.write_json(members)))

    def hears(self, conn, **members):
        return self.raw(conn, frame(codec.write_json(members)), Direction.TO_CLIENT)

    def all_hear(self, *conns, **members):
        for conn in conns:
            self.hears(conn, **members)
        return self

    def raw(self, conn, data, direction=Direction.TO_SERVER):
        return self._add(conn, Kind.DATA, direction, data=data)

    def misses(self, conn, octets, direction=Direction.TO_SERVER):
        return self._add(conn, Kind.GAP, direction, missing=octets)

    def closes(self, conn, direction=Direction.TO_SERVER, *, reset=False):
        return self._add(conn, Kind.CLOSE, direction, reset=reset)

    def enters(self, conn, nick, *others):
        """A base client connects, and everybody hears of it."""
        self.opens(conn).says(conn, type="hello", nick=nick)
        return self.all_hear(*others, conn, type="join", nick=nick)

    def leaves(self, conn, nick, *others):
        self.closes(conn)
        return self.all_hear(*others, type="leave", nick=nick)

    def chats(self, conn, nick, words, *everybody):
        self.says(conn, type="chat", message=words)
        return self.all_hear(*everybody, type="chat", nick=nick, message=words)

    def _add(self, conn, kind, direction, **members):
        self.records.append(Record(self.now, conn, kind, direction, **members))
        self.now += self.step * MS
        return self


def base_talk():
    """Alice and bob, by the base protocol: both join, each says a word, both leave."""
    talk = Talk().enters(1, "alice").enters(2, "bob", 1)
    talk.chats(1, "alice", "hello", 1, 2).chats(2, "bob", "hi", 1, 2)
    return talk.leaves(2, "bob", 1).leaves(1, "alice")


class Chatroom:
    """A base chat without sockets; ``fault`` may change, drop or reorder what it sends."""

    def __init__(self, fault=lambda sends: sends):
        self.fault = fault
        self.nicks = {}
        self.said = []

    def takes(self, conn, value):
        self.said.append((conn, value))
        if value["type"] == "hello":
            self.nicks[conn] = value["nick"]
            return self.tells(type="join", nick=value["nick"])
        return self.tells(type="chat", nick=self.nicks[conn], message=value["message"])

    def loses(self, conn):
        nick = self.nicks.pop(conn, None)
        return self.tells(type="leave", nick=nick) if nick else []

    def tells(self, **value):
        return self.fault([(conn, dict(value)) for conn in self.nicks])


class Run:
    """Lets a player play against a chatroom, on a clock of their own."""

    def __init__(self, player, server, latency):
        self.player, self.server, self.latency = player, server, latency
        self.now = 0.0
        self.coming = []

    def play(self, limit=1000):
        self.player.start(self.now)
        while not self.player.finished and limit:
            limit -= 1
            for action in self.player.advance(self.now):
                self.do(action)
            self.wait()
        assert limit, "the player does not end"
        return self.now

    def do(self, action):
        at = self.now + self.latency
        if isinstance(action, Connect):
            self.player.connected(action.conn, self.now)
        elif isinstance(action, Finish):
            self.coming += [(at, *send) for send in self.server.loses(action.conn)]
            self.coming.append((at, action.conn, None))
        elif value := read_value(action.data[2:]):
            self.coming += [(at, *send) for send in self.server.takes(action.conn, value)]

    def wait(self):
        wake = self.player.wake()
        if wake is not None:
            self.now = max(self.now, min([wake, *(at for at, *_ in self.coming)]))
        arrived = [item for item in self.coming if item[0] <= self.now]
        self.coming = self.coming[len(arrived) :]
        for _, conn, value in arrived:
            if value is None:
                self.player.ended(conn, self.now, "closed")
            else:
                self.player.received(conn, codec.write_json(value), self.now)


def play(player, server, *, latency=0.001):
    """Let *player* play against *server*; return how many seconds it took."""
    return Run(player, server, latency).play()


@pytest.fixture(name="run")
def _run():
    return Run


@pytest.fixture
def talk():
    return Talk


@pytest.fixture(name="base_talk")
def _base_talk():
    return base_talk()


@pytest.fixture
def chatroom():
    return Chatroom


@pytest.fixture(name="play")
def _play():
    return play
