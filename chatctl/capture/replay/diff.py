"""Two packets side by side: the members that differ, and how alike they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chatctl.capture.replay.masks import Masks


class Absent:
    """Stands for a member that is not there."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """One member that differs.

    Attributes:
        path: where, ``entries[0].message``.
        recorded: the value in the recording, or ``ABSENT``.
        now: the value this time, or ``ABSENT``.
    """

    path: str
    recorded: Any
    now: Any

    @property
    def member(self) -> str:
        """The member's own name, without where it is."""
        return self.path.rpartition(".")[2].partition("[")[0]


Value = Mapping[str, Any]


def differences(masks: Masks, kind: str, recorded: Value, now: Value) -> list[Difference]:
    """Return how *now* differs from *recorded*, masked values apart, in the order of members."""
    return list(_compare("", masks.hide(kind, recorded), masks.hide(kind, now)))


def _compare(path: str, recorded: Any, now: Any) -> Iterator[Difference]:
    if isinstance(recorded, dict) and isinstance(now, dict):
        yield from _members(path, recorded, now)
    elif isinstance(recorded, list) and isinstance(now, list):
        yield from _items(path, recorded, now)
    elif recorded != now or isinstance(recorded, bool) is not isinstance(now, bool):
        yield Difference(path, recorded, now)


def _members(path: str, recorded: dict[str, Any], now: dict[str, Any]) -> Iterator[Difference]:
    for name in [*recorded, *(name for name in now if name not in recorded)]:
        inner = f"{path}.{name}" if path else name
        yield from _compare(inner, recorded.get(name, ABSENT), now.get(name, ABSENT))


def _items(path: str, recorded: list[Any], now: list[Any]) -> Iterator[Difference]:
    for place in range(max(len(recorded), len(now))):
        yield from _compare(
            f"{path}[{place}]",
            recorded[place] if place < len(recorded) else ABSENT,
            now[place] if place < len(now) else ABSENT,
        )


def likeness(recorded: Value, now: Value) -> float:
    """Return how alike two packets are, 0 to 1: the share of members that are equal.

    Packets of different type are not alike at all.
    """
    if recorded.get("type") != now.get("type"):
        return 0.0
    names = recorded.keys() | now.keys()
    equal = sum(1 for name in names if recorded.get(name, ABSENT) == now.get(name, ABSENT))
    return equal / len(names)
