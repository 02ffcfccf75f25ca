"""What came back against what was recorded, on one connection.

Broadcasts of different authors interleave differently in every run, so packets are matched as a
set; the packets of one author in one room must keep their order, and a welcome comes first.
"""

from collections import defaultdict, deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatctl.capture.replay.cause import text
from chatctl.capture.replay.diff import Difference, differences, likeness
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.steps import type_of

LIKE_ENOUGH = 0.5
LOOK_AHEAD = 200
"""How many of the packets left over are tried as the changed form of one that is missing."""

LOGGED = frozenset({"chat", "me", "dm", "join", "leave"})


@dataclass(frozen=True, slots=True)
class Heard:
    """One packet that came, or was recorded to come.

    Attributes:
        payload: as on the wire.
        value: its JSON object, with this run's names translated into the recording's.
        at: seconds, by the clock of the run; recorded ones have their offset.
        index: for a recorded one, its step's place in the capture.
    """

    payload: bytes
    value: dict[str, Any] | None
    at: float = 0.0
    index: int = -1

    @property
    def type(self) -> str:
        """The packet's ``type``; empty where it has none."""
        return type_of(self.value)


@dataclass(frozen=True, slots=True)
class Change:
    """A packet that came in another form."""

    recorded: Heard
    now: Heard
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Disorder:
    """Two packets of one author that came the other way round."""

    first: Heard
    second: Heard


@dataclass(slots=True)
class Comparison:
    """The outcome for one connection.

    Attributes:
        matched: packets that came as recorded.
        changed: packets that came with other members.
        missing: packets that did not come.
        extra: packets that were not recorded.
        trailing: how many of the extra ones came after everything that was recorded.
        disorder: pairs that came in the wrong order, the one that came too early as ``second``.
    """

    matched: int = 0
    changed: list[Change] = field(default_factory=list)
    missing: list[Heard] = field(default_factory=list)
    extra: list[Heard] = field(default_factory=list)
    trailing: int = 0
    disorder: list[Disorder] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether everything came as recorded, and nothing else."""
        return not (self.changed or self.missing or self.extra or self.disorder)


def compare(
    masks: Masks, recorded: Sequence[Heard], now: Sequence[Heard], *, begun: bool = False
) -> Comparison:
    """Return how the packets *now* compare with the *recorded* ones.

    *begun* says that there were others before, the same on both sides.
    """
    pairs, missing, extra = _match(masks, recorded, now)
    disorder = _disorder(pairs, recorded, now)
    if pairs and not begun and recorded[0].type == "welcome" and now[0].type not in ("welcome", ""):
        disorder.append(Disorder(recorded[0], now[0]))
    outcome = Comparison(matched=len(pairs), disorder=disorder)
    last = max((place for _, place in pairs), default=-1)
    for place in missing:
        close = _closest(masks, recorded[place], [now[other] for other in extra[:LOOK_AHEAD]])
        if close is None:
            outcome.missing.append(recorded[place])
            continue
        came = extra.pop(close)
        last = max(last, came)
        outcome.changed.append(_change(masks, recorded[place], now[came]))
    outcome.extra = [now[place] for place in extra]
    outcome.trailing = sum(place > last for place in extra)
    return outcome


def key_of(masks: Masks, packet: Heard) -> Hashable:
    """Return what a packet has in common with every other that counts as the same."""
    if packet.value is None:
        return packet.payload
    key: Hashable = masks.key(packet.type, packet.value)
    return key


def _match(
    masks: Masks, recorded: Sequence[Heard], now: Sequence[Heard]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for place, packet in enumerate(recorded):
        waiting[key_of(masks, packet)].append(place)
    pairs, extra = [], []
    for place, packet in enumerate(now):
        same = waiting.get(key_of(masks, packet))
        if same:
            pairs.append((same.popleft(), place))
        else:
            extra.append(place)
    return pairs, sorted(place for places in waiting.values() for place in places), extra


def _closest(masks: Masks, recorded: Heard, candidates: Sequence[Heard]) -> int | None:
    best, best_likeness = None, LIKE_ENOUGH
    if recorded.value is None:
        return None
    hidden = masks.hide(recorded.type, recorded.value)
    for place, candidate in enumerate(candidates):
        if candidate.value is None or not _related(recorded, candidate):
            continue
        alike = likeness(hidden, masks.hide(candidate.type, candidate.value))
        if alike > best_likeness or (best is None and alike == LIKE_ENOUGH):
            best, best_likeness = place, alike
    return best


def _related(recorded: Heard, now: Heard) -> bool:
    """Return whether one may be the other in another form: same author, or same words."""
    if recorded.type not in LOGGED:
        return True
    one, other = recorded.value or {}, now.value or {}
    said = text(one, "message")
    same_words = bool(said) and said == text(other, "message")
    return same_words or text(one, "nick") == text(other, "nick")


def _change(masks: Masks, recorded: Heard, now: Heard) -> Change:
    found = differences(masks, recorded.type, recorded.value or {}, now.value or {})
    return Change(recorded, now, found)


def _disorder(
    pairs: list[tuple[int, int]], recorded: Sequence[Heard], now: Sequence[Heard]
) -> list[Disorder]:
    """Return the descents: *pairs* are in the order in which the packets came."""
    latest: dict[Hashable, int] = {}
    found = []
    for place, came in pairs:
        voice = _voice(now[came])
        before = -1 if voice is None else latest.get(voice, -1)
        if before > place:
            found.append(Disorder(recorded[place], recorded[before]))
        latest[voice] = max(before, place)
    return found


def _voice(packet: Heard) -> Hashable:
    """Return what must keep its order: one author in one room; None for what need not."""
    value = packet.value
    if value is None or packet.type not in LOGGED:
        return None
    return (text(value, "nick"), text(value, "room"), text(value, "to"))
