"""The player: carries out plans, told what time it is and what came; it does no IO itself.

Each line is in one place: waiting for its moment (a heap by time), waiting for packets to come (a
heap by barrier), connecting, or done. Everything it waits for has a time limit, so it ends.
"""

import heapq
import math

from chatctl.capture.replay.compare import Heard
from chatctl.capture.replay.listener import Listener, share_bindings
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.outgoing import octets
from chatctl.capture.replay.pace import OnTimeout, Order, Pacing
from chatctl.capture.replay.plan import Expected, Line, Move, Plan
from chatctl.capture.replay.steps import Act
from chatctl.capture.replay.track import Action, Connect, Finish, Send, Track
from chatctl.wire.packet import Direction

MAX_SILENCES = 3
"""After so many waits in a row that nothing at all came in, the target counts as silent."""


QUIET = 1.0
"""Seconds without anything coming in after which a run that only counts is over."""
NO_WELCOME = "the server gave no welcome: it speaks only the base protocol, the recording more"
COMING_BACK = 3.0
"""Seconds that a played server waits for another client when the last has gone."""
MOST_AT_ONCE = 256
"""Moves of one ``advance``: what comes in has its turn, and memory stays flat, at any speed."""


class Player:
    """Plays a plan.

    Attributes:
        tracks: what happened, by line.
        lags: seconds by which each packet left late.
        latencies: seconds from a packet to its answer, in this run and in the recording.
        overdue: packets that were waited for in vain.
        failure: why the target cannot be talked to at all; empty while it can.
        unwelcome: whether that is because it gave no welcome, as the recorded server did.
        timed_out: whether something waited for did not come in time.
        gave_up: whether it ended because of that, as its pacing says.
        silent: whether the target stopped answering.
        finished: whether there is nothing more to do or to wait for.
    """

    def __init__(
        self,
        plan: Plan,
        pacing: Pacing,
        masks: Masks,
        *,
        attentive: bool = True,
        lenient: bool = True,
    ) -> None:
        """Begin with nothing done.

        Args:
            plan: what to do.
            pacing: how.
            masks: what may differ in a packet that is waited for.
            attentive: what comes is read; else only counted, for the highest rates.
            lenient: a packet of the right type and author will do for one that is waited for.
        """
        self.tracks = {line.conn: Track(line) for line in plan.lines}
        self.lags: list[float] = []
        self.latencies: list[tuple[float, float]] = []
        self.overdue = 0
        self.failure = ""
        self.unwelcome = False
        self.silent = False
        self.finished = False
        self._plan = plan
        self._pacing = pacing
        self._expected = plan.expected
        self._causal = pacing.order is Order.CAUSAL
        self.timed_out = False
        self.gave_up = False
        self.attentive = attentive or self._causal
        self._listeners = [
            Listener(expected, [x for x in plan.lines if x.scope == scope], masks, lenient=lenient)
            for scope, expected in enumerate(plan.scopes)
        ]
        if plan.plays is Direction.TO_CLIENT:
            share_bindings(self._listeners)
        self._due: list[tuple[float, int, int]] = []
        self._blocked: list[list[tuple[int, int]]] = [[] for _ in plan.scopes]
        self._anchor = 0.0
        self._stirred = 0.0  # when anything happened last
        self._moved = 0.0  # when something did that was to happen: strangers may talk for ever
        self._whole = math.inf  # when all had come that was to come
        self._silences = 0
        self._turn = 0

    # ------------------------------------------------------------ what happened

    def start(self, now: float) -> None:
        """Begin; every time from here on is by the same clock, in seconds."""
        self._anchor = self._stirred = self._moved = now
        for track in self.tracks.values():
            track.last = now
            if self._plan.plays is Direction.TO_SERVER:
                self._schedule(track, now)

    def connected(self, conn: int, now: float) -> None:
        """Line *conn* has its connection."""
        track = self.tracks[conn]
        track.up = True
        track.last = self._stirred = self._moved = now
        self._schedule(track, now)

    def unreachable(self, reason: str) -> None:
        """There is nobody to talk to, for *reason*; there is no point in going on."""
        self.failure = self.failure or reason
        self.finished = True

    def asked(self, conn: int, index: int, now: float) -> None:
        """Somebody else sent the packet of step *index* on line *conn*: its answer is timed."""
        self.tracks[conn].sent_at[index] = now

    def counted(self, conn: int, payloads: int, now: float) -> None:
        """So many payloads came on line *conn*, which nobody reads: not ``attentive``."""
        self.tracks[conn].received += payloads
        self._stirred = self._moved = now
        self._silences = 0

    def received(self, conn: int, payload: bytes, now: float) -> Expected | None:
        """A payload came on line *conn*; returns what it was taken for, None if for nothing."""
        track = self.tracks[conn]
        track.received += 1
        self._stirred = now
        self._silences = 0
        listener = self._listeners[track.line.scope]
        packet, item = listener.hear(conn, payload)
        track.heard.append(Heard(payload, packet.value, now - self._anchor))
        track.malformed += packet.value is None
        if item is not None:
            self._fulfilled(track, item, now)
        elif self._plan.plays is Direction.TO_CLIENT:
            self._moved = now
        if self._causal and track.received == 1 and listener.lacks_welcome(conn, packet):
            self.unwelcome = True
            self.unreachable(NO_WELCOME)
        return item

    def cut(self, conn: int, octets: int) -> None:
        """The other side of line *conn* ended, or the run did, *octets* into a frame."""
        self.tracks[conn].cut = octets

    def ended(self, conn: int, now: float, reason: str) -> None:
        """The other side of line *conn* closed it, or it was lost, for *reason*."""
        track = self.tracks[conn]
        if track.ended:
            return
        self._stirred = self._moved = now
        recorded = self._listeners[track.line.scope].closed(conn)
        if self._pacing.watching:
            track.ended = True
            return
        left = [move for move in track.line.moves[track.next :] if move.step.act is Act.PACKET]
        if recorded is None and (left or self._was_to_close(track)):
            track.lost = reason
        track.skipped += len(left)
        self._listeners[track.line.scope].forgo(move.step.index for move in left)
        track.ended = True
        self._release(track.line.scope, now)

    # ------------------------------------------------------------ what to do

    def advance(self, now: float) -> list[Action]:
        """Return what is to be done by *now*."""
        actions: list[Action] = []
        while self._due and self._due[0][0] <= now and len(actions) < MOST_AT_ONCE:
            if self._pacing.manual and self._turn < 1:
                break
            due, _, conn = heapq.heappop(self._due)
            self._act(self.tracks[conn], due, now, actions)
        self._check_time(now)
        return actions

    def wake(self) -> float | None:
        """Return when to call ``advance`` again if nothing comes before; None when finished.

        Infinite while a move waits to be released by hand.
        """
        if self.finished:
            return None
        if not self._due:
            return self._quiet_until()
        return math.inf if self._pacing.manual and self._turn < 1 else self._due[0][0]

    def next_up(self, now: float) -> tuple[Line, Move] | None:
        """Return what waits to be released by hand, if anything does."""
        if not self._due or self._due[0][0] > now:
            return None
        track = self.tracks[self._due[0][2]]
        return (track.line, track.move) if track.move else None

    @property
    def plan(self) -> Plan:
        """What is played."""
        return self._plan

    @property
    def elapsed(self) -> float:
        """Seconds from the start to the last thing that happened."""
        return self._stirred - self._anchor

    @property
    def pacing(self) -> Pacing:
        """How it is played."""
        return self._pacing

    @property
    def listeners(self) -> list[Listener]:
        """The ears of its scopes."""
        return self._listeners

    def release(self) -> None:
        """Let one move go, of a plan that is played by hand."""
        self._turn += 1

    # ------------------------------------------------------------ inside

    def _fulfilled(self, track: Track, item: Expected, now: float) -> None:
        track.last = self._moved = now
        asked = track.sent_at.get(item.answers)
        if asked is not None:
            self.latencies.append((now - asked, item.latency))
        self._release(track.line.scope, now)

    def _schedule(self, track: Track, now: float) -> None:
        """Put *track* where it has to wait for its next move."""
        move = track.move
        if move is None or track.ended:
            return
        scope = track.line.scope
        if self._causal and self._listeners[scope].frontier < move.barrier:
            heapq.heappush(self._blocked[scope], (move.barrier, track.line.conn))
            return
        heapq.heappush(
            self._due, (self._moment(track, move, now), move.step.index, track.line.conn)
        )

    def _moment(self, track: Track, move: Move, now: float) -> float:
        lasting = self._pacing.lasting
        start = self._anchor + self._plan.starts[track.line.scope]
        if self._pacing.order is Order.MAX:
            return max(now, start)
        if self._pacing.order is Order.TIMED or move.step.act is Act.OPEN:
            return start + lasting(move.offset)
        return max(now, track.last + lasting(move.think))

    def _release(self, scope: int, now: float) -> None:
        """Give those their moment who waited for what has come."""
        blocked, frontier = self._blocked[scope], self._listeners[scope].frontier
        while blocked and blocked[0][0] <= frontier:
            self._schedule(self.tracks[heapq.heappop(blocked)[1]], now)

    def _act(self, track: Track, due: float, now: float, actions: list[Action]) -> None:
        move = track.move
        if move is None or track.ended:
            return
        track.next += 1
        track.last = self._stirred = self._moved = now
        conn, act = track.line.conn, move.step.act
        self._turn -= self._pacing.manual
        if act is Act.OPEN:
            actions.append(Connect(conn))
            return
        if act in (Act.CLOSE, Act.RESET):
            actions.append(Finish(conn, reset=act is Act.RESET))
        else:
            bindings = self._listeners[track.line.scope].bindings
            actions.append(Send(conn, octets(move, track.line.nick, bindings), move.step.type))
            track.sent += 1
            track.sent_at[move.step.index] = now
            self.lags.append(now - due)
        self._schedule(track, now)

    def _was_to_close(self, track: Track) -> bool:
        """Return whether our side was to end the line, and has not yet."""
        ahead = track.line.moves[track.next :]
        return any(move.step.act in (Act.CLOSE, Act.RESET) for move in ahead)

    def _quiet_until(self) -> float:
        """Return when waiting ends if nothing happens any more."""
        if not any(self._blocked) and not self._connecting() and self._complete():
            self._whole = min(self._whole, self._stirred)
            return min(self._stirred + self._pacing.settle, self._whole + self._pacing.timeout)
        patience = self._pacing.timeout
        if not self.attentive:
            patience = min(patience, QUIET)
        elif self._plan.plays is Direction.TO_CLIENT and self._nobody_there():
            patience = min(patience, COMING_BACK)
        return self._moved + patience

    def _nobody_there(self) -> bool:
        return not any(track.up and not track.ended for track in self.tracks.values())

    def _connecting(self) -> bool:
        tracks = self.tracks.values()
        return any(track.next == 1 and not track.up and not track.ended for track in tracks)

    def _complete(self) -> bool:
        if self.attentive:
            return all(listener.complete for listener in self._listeners)
        return sum(track.received for track in self.tracks.values()) >= self._expected

    def _check_time(self, now: float) -> None:
        if self._due or self.finished or now < self._quiet_until():
            return
        if any(self._blocked):
            self._time_out(now)
        else:
            self._finish()

    def _finish(self) -> None:
        self.overdue = sum(listener.give_up_all() for listener in self._listeners)
        mute = not any(track.received for track in self.tracks.values())
        self.silent = self.silent or (self.timed_out and mute)
        self.finished = True

    def _time_out(self, now: float) -> None:
        """Give up waiting for what should have come; go on as the pacing says."""
        self.timed_out = True
        self._silences += 1
        self.silent = self._silences >= MAX_SILENCES
        self.gave_up = self._pacing.on_timeout is OnTimeout.FAIL
        if self.silent or self.gave_up:
            self._finish()
            return
        self._stirred = self._moved = now
        for scope, blocked in enumerate(self._blocked):
            if not blocked:
                continue
            barrier, conn = blocked[0]
            if self._pacing.on_timeout is OnTimeout.SKIP:
                self._skip(self.tracks[conn])
            self._listeners[scope].give_up(barrier)
            self._release(scope, now)

    def _skip(self, track: Track) -> None:
        if track.move is not None:
            self._listeners[track.line.scope].forgo([track.move.step.index])
        track.next += 1
        track.skipped += 1
