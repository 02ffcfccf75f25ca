"""Whole replays: plans played once or in a loop, whatever role they play, each with a result."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.pace import Order, Pacing
from chatctl.capture.replay.plan import Plan
from chatctl.capture.replay.player import Player
from chatctl.capture.replay.result import Result, result_of
from chatctl.transport.address import Address
from chatctl.transport.ending import run_until_signal
from chatctl.transport.stage import Rig, play_clients


def _ignore(_: Player) -> None:
    return


@dataclass(frozen=True, slots=True)
class Performance:
    """How to play a plan against a server.

    Attributes:
        target: the server.
        pacing: order and speed.
        masks: members that may differ.
        rig: what to work with.
        loops: how many times.
        compare: whether what comes is compared, even where order and speed do not need it read.
        begun: called with each player before it begins, for progress.
    """

    target: Address
    pacing: Pacing = field(default_factory=Pacing)
    masks: Masks = field(default_factory=Masks)
    rig: Rig = field(default_factory=Rig)
    loops: int = 1
    compare: bool = False
    begun: Callable[[Player], None] = _ignore


def perform(plan: Plan, performance: Performance) -> list[Result]:
    """Play *plan* and return the result of each time; an interrupted one is the last.

    It always returns: every wait has a limit, and Ctrl-C or SIGTERM ends it with what there is.
    """
    results = []
    for player in _players(plan, performance):
        performance.begun(player)
        began = time.monotonic()
        ended_by = run_until_signal(play_clients(player, performance.target, performance.rig))
        result = result_of(player, performance.masks, time.monotonic() - began)
        result.ended_by = ended_by
        results.append(result)
        if result.interrupted or result.failure or result.silent:
            break
    return results


def _players(plan: Plan, performance: Performance) -> Iterator[Player]:
    for _ in range(performance.loops):
        yield Player(plan, performance.pacing, performance.masks, attentive=reads(performance))


def reads(performance: Performance) -> bool:
    """Return whether what comes is read, or only counted."""
    return performance.compare or performance.pacing.order is Order.CAUSAL
