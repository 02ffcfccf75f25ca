"""Who is in a room, and who of them spoke last: the list on the right, and what Tab offers."""

from collections.abc import Iterable, Iterator


class People:
    """The nicks of one room, compared without case, as servers do."""

    __slots__ = ("_nicks", "_spoke", "_turn")

    def __init__(self) -> None:
        self._nicks: dict[str, str] = {}
        self._spoke: dict[str, int] = {}
        self._turn = 0

    def __len__(self) -> int:
        return len(self._nicks)

    def __contains__(self, nick: str) -> bool:
        return nick.casefold() in self._nicks

    def __iter__(self) -> Iterator[str]:
        """Yield the nicks in the order of the alphabet."""
        return iter(sorted(self._nicks.values(), key=str.casefold))

    def add(self, nick: str) -> None:
        """Note that *nick* is here."""
        self._nicks[nick.casefold()] = nick

    def remove(self, nick: str) -> None:
        """Note that *nick* has gone."""
        self._nicks.pop(nick.casefold(), None)
        self._spoke.pop(nick.casefold(), None)

    def listed(self, nicks: Iterable[str], *, first: bool) -> None:
        """Take a server's list; its *first* page replaces what was known."""
        if first:
            self._nicks.clear()
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
        self._nicks.setdefault(nick.casefold(), nick)

    def beginning(self, prefix: str) -> list[str]:
        """Return the nicks that begin with *prefix*, who spoke last first."""
        wanted = prefix.casefold()
        found = [key for key in self._nicks if key.startswith(wanted)]
        found.sort(key=lambda key: (-self._spoke.get(key, 0), key))
        return [self._nicks[key] for key in found]
