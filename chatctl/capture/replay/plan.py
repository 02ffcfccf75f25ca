"""A plan: who sends what after what, and what is expected to come back.

One side of a recording is played, the other expected. A plan knows no clock and no socket; its
times are seconds from its start, and ``player.Player`` carries it out.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chatctl.capture.replay.cause import Causes, author
from chatctl.capture.replay.compare import Heard
from chatctl.capture.replay.links import Finder, Link
from chatctl.capture.replay.pace import Window, offsets
from chatctl.capture.replay.steps import Act, Step, Steps
from chatctl.wire.packet import Direction

ECHOED = frozenset({"id", "nick", "message", "room", "to"})
"""Members a server repeats from its clients, whatever their length."""

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Move:
    """One thing to do.

    Attributes:
        step: what was done in the recording.
        payload: what to send: the recorded octets, or a rewritten form of them.
        value: the JSON object of *payload*; None where it is not one.
        offset: seconds after the start.
        think: seconds after what its connection last did or heard.
        barrier: how many of its scope's expected packets were there before it.
        links: places to fill with what the other side says this time.
    """

    step: Step
    payload: bytes
    value: dict[str, Any] | None
    offset: float
    think: float
    barrier: int
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """One packet, or the other side's closing, that is to come.

    Attributes:
        number: its place among all of its scope.
        conn: the line it is to come on.
        packet: as recorded, ``at`` being its offset.
        sources: places whose live values are to be remembered.
        answers: the index of the step it answers, on the same connection; else ``NOBODY``.
        latency: seconds from that step to it in the recording.
        closing: it is the end of the connection, not a packet.
        cause: the index of the step that brought it about, on any connection; else ``NOBODY``.
    """

    number: int
    conn: int
    packet: Heard
    sources: tuple[Link, ...] = ()
    answers: int = NOBODY
    latency: float = 0.0
    closing: bool = False
    cause: int = NOBODY


@dataclass(frozen=True, slots=True)
class Line:
    """One connection of a plan.

    Attributes:
        conn: its number in this plan.
        recorded: its number in the capture.
        nick: whose it was in the recording; empty if nobody's.
        scope: which scope its barriers count in.
        moves: what to do, in order.
    """

    conn: int
    recorded: int
    nick: str
    scope: int
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything to do and to expect.

    Attributes:
        plays: the direction of what is sent.
        lines: the connections.
        scopes: what is to come; a packet waits only for what its own scope expects.
        casts: by scope, the nicks of the people who are played.
        open_end: the recording ends before the talk did; what comes after is nobody's fault.
        starts: seconds after the start at which each scope begins (see ``--ramp``).
        notes: what cannot be played or expected, in words, for people.
    """

    plays: Direction
    lines: tuple[Line, ...]
    scopes: tuple[tuple[Expected, ...], ...]
    casts: tuple[frozenset[str], ...] = ()
    starts: tuple[float, ...] = (0.0,)
    notes: tuple[str, ...] = ()
    open_end: bool = False

    @property
    def packets(self) -> int:
        """How many packets, or pieces of junk, it sends."""
        sends = (Act.PACKET, Act.JUNK)
        return sum(move.step.act in sends for line in self.lines for move in line.moves)

    @property
    def expected(self) -> int:
        """How many packets are to come."""
        return sum(not item.closing for scope in self.scopes for item in scope)

    @property
    def duration(self) -> float:
        """Seconds the recorded moves last, at speed 1."""
        ends = [line.moves[-1].offset for line in self.lines if line.moves]
        return max(ends, default=0.0) + max(self.starts, default=0.0)


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a recording is played.

    Attributes:
        conns: these connections of the capture; None for all.
        wanted: says of a packet of the played side whether it is sent. A hello always is.
        window: the part of the recording's time.
    """

    conns: frozenset[int] | None = None
    wanted: Callable[[Step], bool] | None = None
    window: Window = field(default_factory=Window)


def plan_clients(steps: Steps, selection: Selection | None = None) -> Plan:
    """Return the plan that plays the clients of a capture against a server."""
    return _Planner(steps.steps, selection or Selection(), Direction.TO_SERVER).plan()


def plan_server(steps: Steps, selection: Selection | None = None) -> Plan:
    """Return the plan that plays the server of a capture to clients."""
    return _Planner(steps.steps, selection or Selection(), Direction.TO_CLIENT).plan()


class _Planner:
    def __init__(self, steps: Sequence[Step], selection: Selection, plays: Direction) -> None:
        self._steps = steps
        self._selection = selection
        self._plays = plays
        self._clients = plays is Direction.TO_SERVER
        self._offsets = offsets(steps, selection.window)
        self._causes = Causes(steps)
        self._finder = Finder(frozenset() if self._clients else ECHOED)
        self._last: dict[int, float] = {}
        self._closed: set[int] = set()
        self._scopes: list[list[Expected]] = []
        self._scope_of: dict[int, int] = {}
        self._moves: dict[int, list[Move]] = {}
        self._strangers = 0
        self._played = frozenset(step.conn for step in steps if self._has_conn(step))
        self._kept = frozenset(step.index for step in steps if self._keeps(step))
        self._names = frozenset(self._causes.nicks.get(conn, "") for conn in self._played) - {""}
        everybody = len(self._played) == len({step.conn for step in steps})
        self._cast = frozenset(self._causes.names) if everybody else self._names

    def plan(self) -> Plan:
        end = self._selection.window.end
        start = self._steps[0].at if self._steps else 0
        for step in self._steps:
            if step.conn in self._played and (step.at - start) * 1e-9 <= end:
                self._take(step)
        return Plan(
            self._plays,
            tuple(self._line(conn) for conn in sorted(self._moves)),
            tuple(self._with_sources(scope) for scope in self._scopes),
            tuple(self._cast for _ in self._scopes),
            tuple(0.0 for _ in self._scopes),
            tuple(self._notes()),
        )

    def _has_conn(self, step: Step) -> bool:
        return self._selection.conns is None or step.conn in self._selection.conns

    def _keeps(self, step: Step) -> bool:
        """Return whether *step*, of any direction, happens in what is played."""
        wanted = self._selection.wanted
        if step.direction is not self._plays or wanted is None or step.act is not Act.PACKET:
            return step.conn in self._played
        return step.conn in self._played and (step.type == "hello" or wanted(step))

    def _take(self, step: Step) -> None:
        self._scope(step.conn)
        if step.act in (Act.CLOSE, Act.RESET):
            self._close(step)
        elif step.act is Act.OPEN:
            if self._clients:
                self._move(step)
        elif step.direction is self._plays:
            if step.index in self._kept and not self._is_pong(step):
                self._move(step)
        elif step.act is Act.PACKET and self._will_come(step):
            self._expect(step)

    def _scope(self, conn: int) -> int:
        """Return the scope of *conn*: one for all clients; for a server one for each client."""
        if conn not in self._scope_of:
            if not self._clients or not self._scopes:
                self._scopes.append([])
            self._scope_of[conn] = len(self._scopes) - 1
            self._moves.setdefault(conn, [])
        return self._scope_of[conn]

    def _close(self, step: Step) -> None:
        first = step.conn not in self._closed
        self._closed.add(step.conn)
        if step.direction is self._plays:
            self._move(step)
        elif first:
            self._expect(step, closing=True)

    def _is_pong(self, step: Step) -> bool:
        return self._clients and step.type == "pong"

    def _move(self, step: Step) -> None:
        offset = self._offsets[step.index]
        think = offset - self._last.get(step.conn, offset)
        self._last[step.conn] = offset
        links = self._finder.sent(step.value)
        barrier = len(self._scopes[self._scope(step.conn)])
        move = Move(step, step.payload, step.value, offset, think, barrier, links)
        self._moves[step.conn].append(move)

    def _expect(self, step: Step, *, closing: bool = False) -> None:
        offset = self._offsets[step.index]
        self._last[step.conn] = offset
        self._finder.heard(step.payload, step.value)
        scope = self._scopes[self._scope(step.conn)]
        cause = self._causes.of.get(step.index, NOBODY)
        asked = self._steps[cause] if cause != NOBODY else step
        answers = cause if asked.conn == step.conn and asked is not step else NOBODY
        latency = (step.at - asked.at) * 1e-9 if answers != NOBODY else 0.0
        packet = Heard(step.payload, step.value, offset, step.index)
        scope.append(Expected(len(scope), step.conn, packet, (), answers, latency, closing, cause))

    def _will_come(self, step: Step) -> bool:
        """Return whether what is played brings *step* about again."""
        if not self._clients:
            return step.index in self._kept
        if step.type == "ping":
            return False
        cause = self._causes.of.get(step.index)
        if cause is not None:
            return cause in self._kept
        if self._selection.wanted is not None:
            return False
        stranger = author(step.value)
        if not stranger or stranger in self._cast:
            return True
        self._strangers += 1
        return False

    def _line(self, conn: int) -> Line:
        nick = self._causes.nicks.get(conn, "")
        return Line(conn, conn, nick, self._scope_of[conn], tuple(self._moves[conn]))

    def _with_sources(self, scope: Iterable[Expected]) -> tuple[Expected, ...]:
        return tuple(map(self._with_source, scope))

    def _with_source(self, item: Expected) -> Expected:
        sources = self._finder.sources(item.packet.payload, item.packet.value)
        return replace(item, sources=sources) if sources else item

    def _notes(self) -> Iterable[str]:
        if self._strangers:
            yield f"packets from people who are not played are not expected: {self._strangers:,}"
        tokens = sum(
            move.step.type == "hello" and bool(move.value and move.value.get("resume"))
            and not any(link.path == ("resume", "token") for link in move.links)
            for moves in self._moves.values()
            for move in moves
        )  # fmt: skip
        if self._clients and tokens:
            yield f"{tokens} hellos resume a session whose token the capture does not hold"
