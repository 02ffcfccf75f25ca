"""When things are due: offsets of a recording with long silences cut, and how to play them."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chatctl.capture.replay.steps import Step

NS = 1e-9


class Order(StrEnum):
    """What a packet waits for before it is sent."""

    CAUSAL = "causal"
    TIMED = "timed"
    MAX = "max"


class OnTimeout(StrEnum):
    """What happens to a packet when what it waited for did not come."""

    SEND = "send"
    SKIP = "skip"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Pacing:
    """How a plan is played.

    Attributes:
        order: what a packet waits for.
        speed: 2 plays twice as fast; infinite leaves no pause.
        timeout: seconds to wait for what was recorded to come.
        on_timeout: what to do with a packet when that time is over.
        settle: seconds of silence at the end after which nothing more is expected to come.
        manual: each packet is released by hand.
        watching: nothing is sent at all; others play, and are listened to.
    """

    order: Order = Order.CAUSAL
    speed: float = 1.0
    timeout: float = 5.0
    on_timeout: OnTimeout = OnTimeout.SEND
    settle: float = 0.2
    manual: bool = False
    watching: bool = False

    def lasting(self, seconds: float) -> float:
        """Return how long recorded *seconds* last at this pace."""
        return 0.0 if math.isinf(self.speed) else seconds / self.speed


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a recording's time that is played with pauses, in seconds from its start.

    Attributes:
        begin: what comes before is played without pauses, so that everybody is there.
        end: what comes after is not played.
        max_gap: a longer silence is cut to this.
    """

    begin: float = 0.0
    end: float = math.inf
    max_gap: float = math.inf


def due_between(at: int, steps: Sequence[Step], due: Sequence[float]) -> float:
    """Return when something is due that happened *at*, between two of *steps*, due at *due*."""
    after = bisect_left(steps, at, key=lambda step: step.at)
    if not 0 < after < len(steps):
        return due[-1] if after else 0.0
    return min(due[after], due[after - 1] + (at - steps[after - 1].at) * NS)


def offsets(steps: Sequence[Step], window: Window) -> list[float]:
    """Return the seconds after the start at which each of *steps* is due, with silences cut."""
    due: list[float] = []
    clock = 0.0
    start = before = steps[0].at if steps else 0
    for step in steps:
        since_start = (step.at - start) * NS
        gap = max(0.0, min((step.at - before) * NS, since_start - window.begin))
        clock += min(gap, window.max_gap)
        before = max(before, step.at)
        due.append(clock)
    return due
