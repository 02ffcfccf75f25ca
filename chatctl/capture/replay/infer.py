"""Masks found by comparing two recordings of one talk: what differs between them is volatile."""

from collections.abc import Iterator, Sequence

from chatctl.capture.replay.compare import Heard, compare
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.steps import Act, Step, Steps
from chatctl.wire.packet import Direction


def inferred(masks: Masks, one: Steps, other: Steps) -> Masks:
    """Return *masks* and each ``type.member`` that differs between the two recordings.

    Connections are taken in the order of their beginnings; packets that only one of them has say
    nothing.
    """
    mine, theirs = _to_clients(one), _to_clients(other)
    names = {
        name
        for here, there in zip(mine, theirs, strict=False)
        for name in _volatile(masks, here, there)
    }
    return masks.adding(names)


def _to_clients(steps: Steps) -> list[list[Heard]]:
    conns: dict[int, list[Heard]] = {}
    for step in steps.steps:
        heard = conns.setdefault(step.conn, [])
        if _counts(step):
            heard.append(Heard(step.payload, step.value, index=step.index))
    return list(conns.values())


def _counts(step: Step) -> bool:
    return step.act is Act.PACKET and step.direction is Direction.TO_CLIENT


def _volatile(masks: Masks, one: Sequence[Heard], other: Sequence[Heard]) -> Iterator[str]:
    for change in compare(masks, one, other).changed:
        for difference in change.differences:
            yield f"{change.recorded.type}.{difference.member}"
