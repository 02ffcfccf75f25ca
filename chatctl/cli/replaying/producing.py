"""What ``chatctl replay`` makes of a recording: a test, or the smallest part that still fails."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from chatctl.capture.replay.as_test import as_test
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.pace import Pacing
from chatctl.capture.replay.plan import Plan, Selection, plan_clients
from chatctl.capture.replay.saving import save
from chatctl.capture.replay.shrink import candidates, remainder, shrink, symptoms
from chatctl.capture.replay.steps import Steps
from chatctl.cli.output import write_file
from chatctl.cli.status import ExitStatus
from chatctl.errors import LinkError, UsageError
from chatctl.transport.address import Address
from chatctl.transport.replaying import Performance, perform
from chatctl.view.counts import count_of

HURRIED = Pacing(speed=float("inf"), timeout=1.0, settle=0.1)


def write_test(plan: Plan, masks: Masks, capture: str, path: Path) -> int:
    """Write a test of *plan* to *path*.

    Raises:
        OutputError: it cannot be written.
    """
    write_file(path, as_test(plan, masks, Path(capture).name).encode())
    sys.stderr.write(f"wrote {path}: pytest {path} runs it\n")
    return ExitStatus.DONE


def minimize(steps: Steps, part: Selection, masks: Masks, target: Address, path: str) -> int:
    """Write the smallest part of *steps* that *target* still answers otherwise than recorded.

    Raises:
        UsageError: there is nothing to make smaller, for the whole does not fail.
        LinkError: the target cannot be reached.
    """
    search = _Search(steps, part, masks, target)
    conns, kept = search.run()
    left = remainder(steps.steps, frozenset(conns), frozenset(kept))
    save(left, path)
    _say(f"wrote {path}: {_size(len(conns), len(kept))} besides their hellos")
    for kind, packet, member in sorted(search.wanted):
        _say(f"it still shows: {' '.join(filter(None, [kind, packet, member]))}")
    return ExitStatus.NO


class _Search:
    def __init__(self, steps: Steps, part: Selection, masks: Masks, target: Address) -> None:
        self._steps = steps
        self._part = part
        self._masks = masks
        self._target = target
        self._runs = 0
        self.wanted = frozenset[tuple[str, str, str]]()

    def run(self) -> tuple[list[int], list[int]]:
        conns = sorted({step.conn for step in self._steps.steps})
        if self._part.conns is not None:
            conns = [conn for conn in conns if conn in self._part.conns]
        packets = candidates(self._steps.steps)
        self.wanted = self._symptoms(conns, packets)
        if not self.wanted:
            raise UsageError("nothing to minimize: everything came back as recorded")
        conns = shrink(conns, self._fails_with(lambda some: (some, packets)))
        packets = [index for index in packets if self._steps.steps[index].conn in conns]
        if packets and self._fails_with(lambda none: (conns, none))([]):
            return conns, []
        packets = shrink(packets, self._fails_with(lambda some: (conns, some)))
        return conns, packets

    def _fails_with(
        self, part: Callable[[Sequence[int]], tuple[Sequence[int], Sequence[int]]]
    ) -> Callable[[Sequence[int]], bool]:
        return lambda some: bool(self.wanted & self._symptoms(*part(some)))

    def _symptoms(
        self, conns: Sequence[int], packets: Sequence[int]
    ) -> frozenset[tuple[str, str, str]]:
        kept = frozenset(packets)
        selection = replace(
            self._part, conns=frozenset(conns), wanted=lambda step: step.index in kept
        )
        plan = plan_clients(self._steps, selection)
        performance = Performance(self._target, HURRIED, self._masks, compare=True)
        [result] = perform(plan, performance)
        self._runs += 1
        if result.interrupted:
            raise SystemExit(result.ended_by)
        if result.failure and self._runs == 1:
            raise LinkError(result.failure)
        _say(f"try {self._runs}: {_size(len(conns), len(packets))}")
        return symptoms(result)


def _size(conns: int, packets: int) -> str:
    return f"{count_of(conns, 'connection')}, {count_of(packets, 'packet')}"


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
