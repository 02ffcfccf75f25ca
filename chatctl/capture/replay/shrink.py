"""The smallest part of a recording that still fails: delta debugging over its packets."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from chatctl.capture.replay.cause import Causes
from chatctl.capture.replay.result import LineResult, Result
from chatctl.capture.replay.steps import Act, Step
from chatctl.wire.packet import Direction

T = TypeVar("T")

Symptom = tuple[str, str, str]
"""What went wrong: kind, packet type, member. The same symptom is taken for the same fault."""


def shrink(items: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """Return a part of *items* that fails and of which no single item can be left out.

    Zeller's ddmin: tries ever smaller complements. *fails* is called O(n log n) times as a rule,
    O(n²) at worst, and must say yes to *items* themselves.
    """
    kept = list(items)
    pieces = 2
    while len(kept) > 1:
        size = -(-len(kept) // pieces)
        for start in range(0, len(kept), size):
            rest = kept[:start] + kept[start + size :]
            if rest and fails(rest):
                kept, pieces = rest, max(pieces - 1, 2)
                break
        else:
            if size == 1:
                break
            pieces = min(len(kept), pieces * 2)
    return kept


def symptoms(result: Result) -> frozenset[Symptom]:
    """Return everything that went wrong in *result*."""
    found = {symptom for line in result.lines for symptom in _of_line(line)}
    if result.failure:
        found.add(("failure", "", ""))
    return frozenset(found)


def _of_line(line: LineResult) -> Iterator[Symptom]:
    outcome = line.comparison
    for change in outcome.changed:
        for each in change.differences:
            yield ("changed", change.recorded.type, each.member)
    yield from (("missing", packet.type, "") for packet in outcome.missing)
    yield from (("extra", packet.type, "") for packet in outcome.extra)
    yield from (("order", pair.first.type, pair.second.type) for pair in outcome.disorder)
    if line.lost:
        yield ("lost", "", "")


def candidates(steps: Sequence[Step]) -> list[int]:
    """Return the indices of the client's packets, which may be left out one by one."""
    return [
        step.index
        for step in steps
        if step.act is Act.PACKET
        and step.direction is Direction.TO_SERVER
        and step.type not in ("hello", "pong")
    ]


def remainder(steps: Sequence[Step], conns: frozenset[int], kept: frozenset[int]) -> list[Step]:
    """Return the *steps* of *conns* when of the client's packets only *kept* and hellos are sent.

    What the server sent because of the others is gone too.
    """
    causes = Causes(steps).of
    droppable = frozenset(candidates(steps))

    def stays(step: Step) -> bool:
        cause = causes.get(step.index, step.index)
        return step.conn in conns and (cause not in droppable or cause in kept)

    return [step for step in steps if stays(step)]
