"""Pages: as much of a long answer as one frame holds."""

from collections.abc import Iterable
from typing import TypeVar

from chatctl.wire.codec import write_json
from chatctl.wire.framing import MAX_PAYLOAD

OVERHEAD = 1024  # octets for the answer's other members: its type, room and id

T = TypeVar("T")


def fitting(items: Iterable[T]) -> tuple[T, ...]:
    """Return those of *items*, from the first on, that one answer has room for."""
    left = MAX_PAYLOAD - OVERHEAD
    kept = []
    for item in items:
        left -= len(write_json(item)) + len(",")
        if left < 0:
            break
        kept.append(item)
    return tuple(kept)
