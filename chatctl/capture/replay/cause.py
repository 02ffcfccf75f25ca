"""Which packet to the server brought about which packet to a client.

The recording does not say; the packets do, since a server repeats words, nicks and ids. Knowing it
tells what may not be expected when a part of a recording is played, and what a reply's latency is.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from chatctl.capture.replay.steps import Act, Step
from chatctl.wire.packet import LOBBY, Direction

SPOKEN = frozenset({"chat", "me", "dm"})
ANSWERS = frozenset({"who", "rooms", "history", "pong", "topic"})
UNPROMPTED = frozenset({"ping", "bye"})
"""What a server sends of its own accord."""

NAMELESS = frozenset({"welcome", "topic", "hello"})
"""Types whose ``nick`` is not that of somebody who does something in a room."""

Value = dict[str, Any]


def text(value: Value, name: str) -> str:
    """Return the member *name* of *value* where it is a string; else an empty one."""
    member = value.get(name)
    return member if isinstance(member, str) else ""


def author(value: Value | None) -> str:
    """Return the nick of whom a packet to a client is about; empty where it is about nobody."""
    return text(value, "nick") if value and value.get("type") not in NAMELESS else ""


class Causes:
    """What caused what, in one capture.

    Attributes:
        of: the index of a step to a client, and that of the step to the server that caused it.
        nicks: each connection's nick when it was last heard of.
        names: every nick the capture's own clients ever had.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        """Read *steps*, all of a capture, in order."""
        self.of: dict[int, int] = {}
        self.nicks: dict[int, str] = {}
        self.names: set[str] = set()
        self._conns: dict[str, int] = {}
        self._by_id: dict[tuple[int, str], int] = {}
        self._asked: dict[tuple[int, str], int] = {}
        self._said: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        self._heard: set[tuple[int, int]] = set()
        for step in steps:
            self._take(step)

    def _take(self, step: Step) -> None:
        if step.direction is Direction.TO_SERVER:
            self._sent(step)
        elif step.act is Act.PACKET and step.value is not None:
            self._learn_nick(step, step.value)
            cause = self._cause(step, step.value)
            if cause is not None:
                self.of[step.index] = cause

    def _sent(self, step: Step) -> None:
        kind = step.type
        if step.act in (Act.CLOSE, Act.RESET) or kind == "bye":
            self._asked.setdefault((step.conn, "gone"), step.index)
        if step.nick:
            self._asked[step.conn, "named"] = step.index
            self._name(step.conn, step.nick)
        if step.value is None:
            return
        if kind == "hello" and step.conn not in self.nicks:
            self._name(step.conn, text(step.value, "nick"))
        self._by_id[step.conn, text(step.value, "id")] = step.index
        self._asked[step.conn, kind] = step.index
        self._asked[step.conn, ""] = step.index
        if kind in ("join", "leave"):
            self._asked[step.conn, f"{kind} {text(step.value, 'room')}"] = step.index
        if kind in SPOKEN:
            nick = self.nicks.get(step.conn, "")
            self._said[kind, nick, text(step.value, "message")].append(step.index)

    def _cause(self, step: Step, value: Value) -> int | None:
        kind = step.type
        request = text(value, "id")
        if request and kind not in UNPROMPTED and (step.conn, request) in self._by_id:
            return self._by_id[step.conn, request]
        if kind in SPOKEN:
            return self._spoken(step, value)
        if kind in ("join", "leave"):
            return self._moved(kind, value)
        if kind == "nick":
            return self._asked.get((self._conns.get(text(value, "nick"), 0), "nick"))
        return self._answered(step, value)

    def _spoken(self, step: Step, value: Value) -> int | None:
        """Return the latest such words of that author that this reader has not heard before."""
        said = self._said[step.type, text(value, "nick"), text(value, "message")]
        for index in reversed(said):
            if (step.conn, index) not in self._heard:
                self._heard.add((step.conn, index))
                return index
        return None

    def _moved(self, kind: str, value: Value) -> int | None:
        conn = self._conns.get(text(value, "nick"), 0)
        room = text(value, "room")
        asked = self._asked.get((conn, f"{kind} {room}"))
        if asked is not None:
            return asked
        if kind == "leave":
            return self._asked.get((conn, "leave ")) or self._asked.get((conn, "gone"))
        return self._asked.get((conn, "hello")) if room in ("", LOBBY) else None

    def _answered(self, step: Step, value: Value) -> int | None:
        kind = step.type
        if kind in ("welcome", "gap"):
            return self._asked.get((step.conn, "hello"))
        if kind == "topic" and text(value, "nick") in self._conns:
            return self._asked.get((self._conns[text(value, "nick")], kind))
        if kind in ANSWERS:
            return self._asked.get((step.conn, "ping" if kind == "pong" else kind))
        return self._asked.get((step.conn, "")) if kind == "error" else None

    def _learn_nick(self, step: Step, value: Value) -> None:
        """Follow what the server calls its clients: it may have renamed one."""
        kind = step.type
        nick = text(value, "nick")
        mine = self._conns.get(nick, step.conn) == step.conn
        first = mine and (step.conn, "named") not in self._asked
        if kind == "welcome" or (kind == "join" and first):
            self._asked[step.conn, "named"] = step.index
            self._name(step.conn, nick)
        elif kind == "nick" and nick in self._conns:
            self._name(self._conns[nick], text(value, "to"))

    def _name(self, conn: int, nick: str) -> None:
        if nick:
            self.nicks[conn] = nick
            self.names.add(nick)
            self._conns[nick] = conn
