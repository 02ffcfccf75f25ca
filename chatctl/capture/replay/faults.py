"""Faults on purpose: what a bad network or a bad peer does to what is sent. Seeded, so repeatable.

A fault is spelled ``KIND[=CHANCE[:AMOUNT]]``: the chance that it befalls a frame, from 0 to 1, and
how much of it; ``delay=0.1:250ms`` holds every tenth frame back for up to 250 ms.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chatctl.capture.replay.units import seconds_of
from chatctl.errors import UsageError
from chatctl.suggesting import did_you_mean

COALESCE_LIMIT = 8


class FaultKind(StrEnum):
    """What can be done to a frame, or to the connection after it."""

    FRAGMENT = "fragment"
    COALESCE = "coalesce"
    DELAY = "delay"
    DUPLICATE = "duplicate"
    DROP = "drop"
    REORDER = "reorder"
    CORRUPT = "corrupt"
    STALL = "stall"
    HALF_CLOSE = "half-close"
    RESET = "reset"


AMOUNTS = {FaultKind.FRAGMENT: "7", FaultKind.DELAY: "100ms", FaultKind.STALL: "1s"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: how likely, and how much (octets of a fragment, or seconds)."""

    kind: FaultKind
    chance: float = 1.0
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class Piece:
    """What to do after *delay* seconds: write *data*, then perhaps end the connection."""

    data: bytes = b""
    delay: float = 0.0
    end: FaultKind | None = None


def parse_fault(text: str) -> Fault:
    """Return the fault that *text* spells.

    Raises:
        UsageError: it spells none.
    """
    name, _, rest = text.partition("=")
    chance, _, amount = rest.partition(":")
    try:
        kind = FaultKind(name.strip())
    except ValueError:
        raise UsageError(f"no such fault: {name!r}; {did_you_mean(name, FaultKind)}") from None
    try:
        likely = float(chance) if chance else 1.0
    except ValueError:
        likely = -1.0
    if not 0 <= likely <= 1:
        raise UsageError(f"the chance of {kind} is a number from 0 to 1, not {chance!r}")
    return Fault(kind, likely, _amount(kind, amount))


def _amount(kind: FaultKind, text: str) -> float:
    standard = AMOUNTS.get(kind)
    if standard is None:
        if text:
            raise UsageError(f"{kind} takes no amount ({text!r})")
        return 0.0
    if kind is not FaultKind.FRAGMENT:
        return seconds_of(text or standard)
    size = text or standard
    if not size.isdecimal() or int(size) < 1:
        raise UsageError(f"fragments are of 1 octet or more, not {size!r}")
    return float(size)


class Faults:
    """Applies faults to the frames of any number of connections, each with a chance of its own.

    The same seed, faults and frames of a connection give the same pieces, whatever the others do.
    """

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self.counts = dict.fromkeys((fault.kind for fault in faults), 0)
        self._faults = faults
        self._seed = seed
        self._chances: dict[int, random.Random] = {}
        self._held: dict[int, bytes] = {}
        self._joined: dict[int, list[bytes]] = {}

    def pieces(self, conn: int, frame: bytes) -> list[Piece]:
        """Return what to do on *conn* instead of writing *frame*."""
        chance = self._chances.setdefault(conn, random.Random(f"{self._seed}:{conn}"))  # noqa: S311
        frames = [Piece(frame)]
        for fault in self._faults:
            if chance.random() < fault.chance:
                self.counts[fault.kind] += 1
                frames = list(self._apply(fault, conn, frames, chance))
        if frames and conn in self._held and self._held[conn] is not frame:
            frames.append(Piece(self._held.pop(conn)))
        return frames

    def rest(self, conn: int) -> list[Piece]:
        """Return what is still held back for *conn*, before it ends."""
        held = [*self._joined.pop(conn, []), self._held.pop(conn, b"")]
        data = b"".join(held)
        return [Piece(data)] if data else []

    def _apply(
        self, fault: Fault, conn: int, pieces: list[Piece], chance: random.Random
    ) -> Iterator[Piece]:
        match fault.kind:
            case FaultKind.DROP:
                return
            case FaultKind.DUPLICATE:
                yield from (*pieces, *pieces)
            case FaultKind.REORDER:
                yield from self._swap(conn, pieces)
            case FaultKind.COALESCE:
                yield from self._join(conn, pieces)
            case FaultKind.HALF_CLOSE | FaultKind.RESET:
                yield from (*pieces, Piece(end=fault.kind))
            case _:
                for piece in pieces:
                    yield from _bend(fault, piece, chance)

    def _swap(self, conn: int, pieces: list[Piece]) -> list[Piece]:
        """Hold a frame back until the next has gone."""
        if conn in self._held or not pieces:
            return pieces
        self._held[conn] = pieces[0].data
        return pieces[1:]

    def _join(self, conn: int, pieces: list[Piece]) -> list[Piece]:
        """Gather frames, and let them go in one write."""
        joined = self._joined.setdefault(conn, [])
        joined += [piece.data for piece in pieces]
        if len(joined) < COALESCE_LIMIT:
            return []
        return [Piece(b"".join(self._joined.pop(conn)))]


def _bend(fault: Fault, piece: Piece, chance: random.Random) -> Iterator[Piece]:
    data = piece.data
    match fault.kind:
        case FaultKind.DELAY:
            yield Piece(data, piece.delay + chance.uniform(0, fault.amount), piece.end)
        case FaultKind.CORRUPT if data:
            place = chance.randrange(len(data))
            changed = data[place] ^ (1 << chance.randrange(8))
            yield Piece(data[:place] + bytes([changed]) + data[place + 1 :], piece.delay)
        case FaultKind.STALL if len(data) > 1:
            half = len(data) // 2
            yield from (Piece(data[:half], piece.delay), Piece(data[half:], fault.amount))
        case FaultKind.FRAGMENT:
            yield from _fragments(piece, int(fault.amount), chance)
        case _:
            yield piece


def _fragments(piece: Piece, largest: int, chance: random.Random) -> Iterator[Piece]:
    """Cut into writes of 1 to *largest* octets, a moment apart, so that TCP does not join them."""
    start, delay = 0, piece.delay
    while start < len(piece.data):
        size = chance.randint(1, largest)
        yield Piece(piece.data[start : start + size], delay)
        start, delay = start + size, 0.0005
