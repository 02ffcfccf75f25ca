"""Who is in a room, and who of them spoke last: the list on the right, and what Tab offers."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

MOST_MINUTES = 1500
"""Minutes with words in them that are remembered: a day."""


class People:
    """The nicks of one room, compared without case, as servers do."""

    __slots__ = ("_minutes", "_nicks", "_sorted", "_spoke", "_turn", "_turns")

    def __init__(self) -> None:
        self._nicks: dict[str, str] = {}
        self._spoke: dict[str, int] = {}
        self._turn = 0
        self._sorted: list[str] | None = None
        self._turns: list[int] = []
        self._minutes: list[float] = []

    def __len__(self) -> int:
        return len(self._nicks)

    def __contains__(self, nick: str) -> bool:
        return nick.casefold() in self._nicks

    def __iter__(self) -> Iterator[str]:
        """Yield the nicks in the order of the alphabet."""
        return iter(self.sorted)

    @property
    def sorted(self) -> Sequence[str]:
        """The nicks in the order of the alphabet."""
        if self._sorted is None:
            self._sorted = [self._nicks[key] for key in sorted(self._nicks)]
        return self._sorted

    def add(self, nick: str) -> None:
        """Note that *nick* is here."""
        self._nicks[nick.casefold()] = nick
        self._sorted = None

    def remove(self, nick: str) -> None:
        """Note that *nick* has gone."""
        if self._nicks.pop(nick.casefold(), None) is not None:
            self._sorted = None
        self._spoke.pop(nick.casefold(), None)

    def listed(self, nicks: Iterable[str], *, first: bool) -> None:
        """Take a server's list; its *first* page replaces what was known."""
        if first:
            self._nicks.clear()
            self._sorted = None
        for nick in nicks:
            self.add(nick)

    def rename(self, nick: str, to: str) -> bool:
        """Note that *nick* is called *to*; say whether they are here."""
        key = nick.casefold()
        if key not in self._nicks:
            return False
        del self._nicks[key]
        self.add(to)
        if turn := self._spoke.pop(key, 0):
            self._spoke[to.casefold()] = turn
        return True

    def spoke(self, nick: str) -> None:
        """Note that *nick* has just said something, hence is here, on a base server too."""
        self._turn += 1
        self._spoke[nick.casefold()] = self._turn
        if nick.casefold() not in self._nicks:
            self.add(nick)

    def minute(self, now: float) -> None:
        """Note that a minute has passed, at *now*: whoever spoke in it did so by then.

        So nobody has to look at a clock for every word.
        """
        if self._turn > (self._turns[-1] if self._turns else 0):
            self._turns.append(self._turn)
            self._minutes.append(now)
            del self._turns[:-MOST_MINUTES], self._minutes[:-MOST_MINUTES]

    def quiet(self, nick: str, now: float) -> float:
        """Return for how many seconds, at least, *nick* has said nothing; 0 where unknown."""
        turn = self._spoke.get(nick.casefold())
        place = len(self._turns) if turn is None else bisect_left(self._turns, turn)
        return max(0.0, now - self._minutes[place]) if place < len(self._turns) else 0.0

    def beginning(self, prefix: str) -> list[str]:
        """Return the nicks that begin with *prefix*, who spoke last first."""
        wanted = prefix.casefold()
        found = [key for key in self._nicks if key.startswith(wanted)]
        found.sort(key=lambda key: (-self._spoke.get(key, 0), key))
        return [self._nicks[key] for key in found]
