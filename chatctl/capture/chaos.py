"""Faults that a tap puts between two ends: which, how likely, and the same ones for a seed.

    latency=20ms..80ms   each piece waits that long, in order
    bandwidth=64k        octets a second
    fragment=1..7        pieces of that many octets
    coalesce=50ms        what comes within this time goes as one piece
    corrupt=0.001        chance of each octet to be another one
    reset=0.01           chance of each piece to reset the connection instead

Pure: it says what to do when; ``transport.tap`` does it.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from chatctl.capture.config import parse_duration, parse_size
from chatctl.errors import UsageError
from chatctl.suggesting import did_you_mean
from chatctl.wire.packets import Direction

KINDS = ("latency", "bandwidth", "fragment", "coalesce", "corrupt", "reset", "seed")


@dataclass(frozen=True, slots=True)
class Chaos:
    """What to do to what passes; by default nothing.

    Attributes:
        latency: the least and most seconds a piece waits.
        bandwidth: octets a second; 0 for no limit.
        fragment: the least and most octets of a piece; 0 for no cutting.
        coalesce: seconds to wait for more before passing something on.
        corrupt: the chance of an octet to change.
        reset: the chance of a piece to reset the connection.
        seed: what chance depends on.
    """

    latency: tuple[float, float] = (0.0, 0.0)
    bandwidth: int = 0
    fragment: tuple[int, int] = (0, 0)
    coalesce: float = 0.0
    corrupt: float = 0.0
    reset: float = 0.0
    seed: int = 0

    @property
    def none(self) -> bool:
        """Whether everything passes as it is, at once."""
        return replace(self, seed=0) == NO_CHAOS


NO_CHAOS = Chaos()


@dataclass(frozen=True, slots=True)
class Piece:
    """What to pass on, after waiting *delay* seconds; *reset* ends the connection instead."""

    data: bytes
    delay: float = 0.0
    reset: bool = False


class Disturber:
    """Disturbs one direction of one connection, the same way for the same seed."""

    def __init__(self, chaos: Chaos, conn: int, direction: Direction) -> None:
        """Take chance from the seed, the connection's number and the direction."""
        self.chaos = chaos
        self._random = random.Random(f"{chaos.seed}/{conn}/{direction}")  # noqa: S311 - no secret

    def pieces(self, data: bytes) -> Iterator[Piece]:
        """Yield what becomes of *data*."""
        chaos, chance = self.chaos, self._random
        for part in self._parts(data):
            if chaos.reset and chance.random() < chaos.reset:
                yield Piece(b"", reset=True)
                return
            delay = chance.uniform(*chaos.latency) if any(chaos.latency) else 0.0
            if chaos.bandwidth:
                delay += len(part) / chaos.bandwidth
            yield Piece(self._corrupted(part) if chaos.corrupt else part, delay)

    def _parts(self, data: bytes) -> Iterator[bytes]:
        least, most = self.chaos.fragment
        start = 0
        while start < len(data):
            end = start + self._random.randint(least, most) if most else len(data)
            yield data[start:end]
            start = end

    def _corrupted(self, data: bytes) -> bytes:
        chance, likely = self._random, self.chaos.corrupt
        return bytes(
            octet ^ chance.randint(1, 255) if chance.random() < likely else octet for octet in data
        )


def parse_chaos(text: str) -> Chaos:
    """Return the faults that *text* asks for, as in ``latency=20ms..80ms,fragment=1..7,seed=3``.

    Raises:
        UsageError: it asks for something else, or for one thing twice.
    """
    chaos, said = Chaos(), set[str]()
    for part in filter(None, text.split(",")):
        name, sign, value = part.strip().partition("=")
        if name not in KINDS:
            raise UsageError(f"no such fault: {name!r}; {did_you_mean(name, KINDS)}")
        if not sign:
            raise UsageError(f"{name} needs a value, as in {name}=…")
        if name in said:
            raise UsageError(f"{name} twice")
        said.add(name)
        chaos = replace(chaos, **{name: _value(name, value)})  # type: ignore[arg-type]
    return chaos


def _value(name: str, text: str) -> object:
    try:
        return _READERS.get(name, _chance)(text)
    except ValueError:
        raise UsageError(f"{name} cannot be {text!r}") from None


def _wait(text: str) -> tuple[float, float]:
    first, dots, last = text.partition("..")
    least, most = parse_duration(first), parse_duration(last if dots else first)
    if least > most:
        raise ValueError
    return least, most


def _rate(text: str) -> int:
    rate = parse_size(text)
    if not rate:
        raise ValueError
    return rate


def _cut(text: str) -> tuple[int, int]:
    first, dots, last = text.partition("..")
    least, most = int(first), int(last if dots else first)
    if not 1 <= least <= most:
        raise ValueError
    return least, most


def _chance(text: str) -> float:
    likely = float(text)
    if not 0 <= likely <= 1:
        raise ValueError
    return likely


_READERS: dict[str, Callable[[str], object]] = {
    "latency": _wait,
    "fragment": _cut,
    "bandwidth": _rate,
    "coalesce": parse_duration,
    "seed": int,
}
