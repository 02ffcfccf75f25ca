"""Values that one side hands out and the other repeats: found in a recording, bound in a run.

A token is random in every run. Where a recorded packet repeats a string that the other side was
the first to say, the packet that is sent instead repeats what the other side says this time.
Numbers of a room's log are carried over likewise: as what the live log calls the same entry.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
SHORTEST = 6
"""Shorter strings repeat by chance; those of ``NAMED`` members count at any length."""


@dataclass(frozen=True, slots=True)
class Link:
    """A place in a packet whose value is, or becomes, a name in the table of bound values."""

    path: Path
    name: str


def strings(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every string in *value* and where it is."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from strings(part, (*path, name))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from strings(part, (*path, place))


def get(value: Any, path: Path) -> Any:
    """Return what is at *path* in *value*; None where there is nothing."""
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def put(value: Any, path: Path, new: Any) -> Any:
    """Return *value* with *new* at *path*, which is there; the rest is shared, not copied."""
    if not path:
        return new
    head, *tail = path
    if isinstance(value, list):
        return [put(p, tuple(tail), new) if i == head else p for i, p in enumerate(value)]
    return {n: put(p, tuple(tail), new) if n == head else p for n, p in value.items()}


class Finder:
    """Finds links while the packets of a recording go by, in order.

    ``named`` are members whose values count at any length, where both sides use that name.
    """

    def __init__(self, named: frozenset[str] = frozenset()) -> None:
        self._named = named
        self._theirs: set[str] = set()
        self._ours: set[str] = set()
        self._wanted: set[str] = set()
        self._known: set[bytes] = set()
        self._found: dict[bytes, tuple[Link, ...]] = {}

    def heard(self, payload: bytes, value: Any) -> None:
        """Take a packet of the other side; of equal ones, as in a broadcast, the first counts."""
        if payload in self._known:
            return
        self._known.add(payload)
        for path, said in strings(value):
            if path != ("type",) and said not in self._ours and self._counts(path, said):
                self._theirs.add(said)

    def sent(self, value: Any) -> tuple[Link, ...]:
        """Take a packet of the played side; return the places that repeat the other side."""
        links = []
        for path, said in strings(value):
            if path == ("type",):
                continue
            if said in self._theirs and self._counts(path, said):
                links.append(Link(path, said))
                self._wanted.add(said)
            else:
                self._ours.add(said)
        return tuple(links)

    def sources(self, payload: bytes, value: Any) -> tuple[Link, ...]:
        """Return where a packet of the other side holds what ``sent`` packets repeat."""
        if not self._wanted:
            return ()
        if payload not in self._found:
            self._found[payload] = tuple(
                Link(path, said)
                for path, said in strings(value)
                if said in self._wanted and path != ("type",)
            )
        return self._found[payload]

    def _counts(self, path: Path, said: str) -> bool:
        return len(said) >= SHORTEST or path[-1] in self._named


@dataclass(slots=True)
class Bindings:
    """What this run's other side says for what it said in the recording."""

    values: dict[str, str] = field(default_factory=dict)
    _seqs: dict[str, dict[int, int]] = field(default_factory=dict)
    used: int = 0
    unbound: int = 0

    def learn(self, links: tuple[Link, ...], value: Any) -> None:
        """Bind the names of *links* to what the live packet *value* has there."""
        for link in links:
            live = get(value, link.path)
            if isinstance(live, str):
                self.values[link.name] = live

    def learn_seq(self, log: str, recorded: Any, live: Any) -> None:
        """Note that the entry *recorded* of a *log* is numbered *live* now."""
        if isinstance(recorded, int) and isinstance(live, int):
            self._seqs.setdefault(log, {})[recorded] = live

    def fill(self, links: tuple[Link, ...], value: Any) -> Any:
        """Return *value* with the bound values in its places; unbound ones stay as recorded."""
        for link in links:
            live = self.values.get(link.name)
            if live is None:
                self.unbound += 1
                continue
            self.used += live != link.name
            value = put(value, link.path, live)
        return value

    def seq(self, log: str, recorded: Any) -> Any:
        """Return what the live log calls the entry *recorded*, reckoned from the nearest known."""
        known = self._seqs.get(log)
        if not known or not isinstance(recorded, int) or recorded == 0:
            return recorded
        numbers = sorted(known)
        nearest = numbers[max(0, bisect_right(numbers, recorded) - 1)]
        return max(0, recorded + known[nearest] - nearest)
