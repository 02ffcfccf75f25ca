"""What came of a replay: the figures and differences that reports, assertions and statuses use."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatctl.capture.replay.cause import author
from chatctl.capture.replay.compare import Comparison, Heard, compare
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.plan import Plan
from chatctl.capture.replay.player import Player
from chatctl.capture.replay.track import Track
from chatctl.wire.packet import Direction


@dataclass(frozen=True, slots=True)
class LineResult:
    """The outcome on one connection.

    Attributes:
        conn: its number in the plan; ``recorded`` its number in the capture.
        nick: whose it was in the recording.
        comparison: what came against what was recorded.
        others: packets from people who are not played, and pings: expected of nobody.
        sent: packets sent; ``skipped`` those that were not.
        cut: octets of a frame that never came to its end.
        lost: why the connection was gone too early; empty if it was not.
    """

    conn: int
    recorded: int
    nick: str
    comparison: Comparison
    others: int
    sent: int
    skipped: int
    received: int
    cut: int
    lost: str

    @property
    def same(self) -> bool:
        """Whether everything came as recorded, and nothing else."""
        return self.comparison.same and not self.lost


@dataclass(slots=True)
class Result:
    """The outcome of a replay.

    Attributes:
        seconds: how long it took.
        lines: the outcome of each connection.
        lags: seconds by which each packet left late.
        latencies: seconds from packet to answer, now and in the recording.
        heard: everything that came, on any connection.
        substituted: how many values were replaced by what the other side says this time.
        aliases: what people were called this time, and in the recording.
        notes: remarks for people.
        failure: why the target could not be talked to; empty if it could.
        unwelcome: whether that is because it gave no welcome, as the recorded server did.
        silent: whether the target stopped answering.
        timed_out: whether something waited for did not come in time.
        gave_up: whether it ended because something did not come in time.
        ended_by: the exit status of the signal that ended it, 0 if none did.
        compared: whether what came was read at all, or only counted.
    """

    seconds: float = 0.0
    lines: list[LineResult] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    latencies: list[tuple[float, float]] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    substituted: int = 0
    aliases: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failure: str = ""
    unwelcome: bool = False
    silent: bool = False
    timed_out: bool = False
    gave_up: bool = False
    ended_by: int = 0
    compared: bool = True

    @property
    def interrupted(self) -> bool:
        """Whether somebody ended it."""
        return self.ended_by != 0

    @property
    def sent(self) -> int:
        """Packets sent."""
        return sum(line.sent for line in self.lines)

    @property
    def skipped(self) -> int:
        """Packets of the plan that were not sent."""
        return sum(line.skipped for line in self.lines)

    @property
    def received(self) -> int:
        """Packets that came."""
        return sum(line.received for line in self.lines)

    @property
    def malformed(self) -> int:
        """Packets that came and were none, beyond what was recorded, and unfinished frames."""
        return sum(
            sum(packet.value is None for packet in line.comparison.extra) + bool(line.cut)
            for line in self.lines
        )

    @property
    def matched(self) -> int:
        """Packets that came as recorded."""
        return sum(line.comparison.matched for line in self.lines)

    @property
    def changed(self) -> int:
        """Packets that came with other members."""
        return sum(len(line.comparison.changed) for line in self.lines)

    @property
    def missing(self) -> int:
        """Packets that did not come."""
        return sum(len(line.comparison.missing) for line in self.lines)

    @property
    def extra(self) -> int:
        """Packets that were not recorded."""
        return sum(len(line.comparison.extra) for line in self.lines)

    @property
    def disordered(self) -> int:
        """Pairs of packets of one author that came the wrong way round."""
        return sum(len(line.comparison.disorder) for line in self.lines)

    @property
    def lost(self) -> int:
        """Connections that were gone too early."""
        return sum(bool(line.lost) for line in self.lines)

    @property
    def same(self) -> bool:
        """Whether everything was played and came as recorded, and nothing else."""
        return all(line.same for line in self.lines) and not self.failure and not self.aliases


def result_of(player: Player, masks: Masks, seconds: float) -> Result:
    """Return the outcome of *player*, finished or not, after *seconds*."""
    plan = player.plan
    result = Result(
        seconds=seconds,
        lags=player.lags,
        latencies=player.latencies,
        notes=list(plan.notes),
        failure=player.failure,
        unwelcome=player.unwelcome,
        silent=player.silent,
        timed_out=player.timed_out,
        gave_up=player.gave_up,
        compared=player.attentive,
    )
    recorded = _recorded(plan)
    for track in player.tracks.values():
        result.lines.append(_line(track, recorded.get(track.line.conn, []), masks, player))
        result.heard += track.heard
    for listener in player.listeners:
        result.aliases |= listener.aliases
    bindings = {id(listener.bindings): listener.bindings for listener in player.listeners}
    result.substituted = sum(each.used for each in bindings.values())
    unbound = sum(each.unbound for each in bindings.values())
    if unbound and plan.plays is Direction.TO_SERVER:
        result.notes.append(f"{unbound} values of the server were sent as recorded: it gave none")
    return result


def _recorded(plan: Plan) -> dict[int, list[Heard]]:
    recorded: dict[int, list[Heard]] = {}
    for scope in plan.scopes:
        for item in scope:
            if not item.closing:
                recorded.setdefault(item.conn, []).append(item.packet)
    return recorded


def _line(track: Track, recorded: Sequence[Heard], masks: Masks, player: Player) -> LineResult:
    if player.attentive:
        listener = player.listeners[track.line.scope]
        comparison = compare(masks, recorded, [listener.translated(x) for x in track.heard])
    else:
        comparison = Comparison(matched=min(track.received, len(recorded)))
    scope = track.line.scope
    extra = comparison.extra
    judged = extra[: len(extra) - comparison.trailing] if player.plan.open_end else extra
    stray = [packet for packet in judged if _is_ours(packet, player.plan, scope)]
    others = len(comparison.extra) - len(stray)
    comparison.extra = stray
    line = track.line
    return LineResult(
        line.conn,
        line.recorded,
        line.nick,
        comparison,
        others,
        track.sent,
        track.skipped,
        track.received,
        track.cut,
        track.lost,
    )


def _is_ours(packet: Heard, plan: Plan, scope: int) -> bool:
    """Return whether *packet* can be blamed on the target: not on other people, not on time."""
    if plan.plays is Direction.TO_CLIENT:
        return True
    nick = author(packet.value)
    return packet.type != "ping" and (not nick or nick in plan.casts[scope])
