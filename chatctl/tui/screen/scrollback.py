"""The rows of one room, numbered so that a number stays with its row for good.

New rows get higher numbers, older ones loaded from the server's history lower ones, below zero if
need be. Whoever reads at some number is therefore not moved by what comes before or after.
"""

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from chatctl.tui.screen.rows import Row

MOST = 100_000
_SLACK = 5_000


class Scrollback:
    """Rows from ``first`` to ``end``; at most ``most`` and a few, the oldest are let go.

    What was loaded from the server's history comes on top of that: who reads there keeps the place.

    Attributes:
        first: the number of the oldest row.
        most: how many rows are kept.
    """

    __slots__ = ("_keys", "_loaded", "_rows", "first", "most")

    def __init__(self, most: int = MOST) -> None:
        self._rows: list[Row] = []
        self._keys: dict[str, int] = {}
        self._loaded = 0
        self.most = most
        self.first = 0

    @property
    def end(self) -> int:
        """One more than the number of the newest row."""
        return self.first + len(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number: int) -> Row:
        index = number - self.first
        if index < 0:
            raise IndexError(number)
        return self._rows[index]

    def get(self, number: int) -> Row | None:
        """Return row *number*, or None where there is none."""
        return self._rows[number - self.first] if self.first <= number < self.end else None

    def append(self, row: Row) -> bool:
        """Add the newest row; say whether the oldest ones had to go for it."""
        if row.key:
            self._keys[row.key] = self.end
        self._rows.append(row)
        if len(self._rows) <= self.most + self._loaded + _SLACK:
            return False
        self._drop(len(self._rows) - self.most - self._loaded)
        return True

    def prepend(self, rows: Sequence[Row]) -> None:
        """Put older *rows*, oldest first, before what is there."""
        self._rows[:0] = rows
        self.first -= len(rows)
        self._loaded += len(rows)

    def back_at_the_end(self) -> None:
        """Note that nobody reads further up any more: what was loaded may go."""
        self._loaded = 0

    def oldest(self) -> int:
        """Return the lowest seq among the rows, 0 where none has one."""
        return min((row.seq for row in self._rows if row.seq), default=0)

    def find_key(self, key: str) -> int | None:
        """Return the number of our own words that receipts call *key*."""
        number = self._keys.get(key)
        return number if number is not None and number >= self.first else None

    def replace(self, number: int, row: Row) -> None:
        """Put *row* in the place of row *number*."""
        self._rows[number - self.first] = row

    def settled(self, key: str) -> None:
        """Forget *key*: no receipt for it will come any more."""
        self._keys.pop(key, None)

    def clear(self) -> None:
        """Let all rows go; numbers go on."""
        self.first = self.end
        self._rows.clear()
        self._keys.clear()
        self._loaded = 0

    def search(self, wanted: Callable[[Row], bool], start: int, step: int) -> int | None:
        """Return the nearest row from *start* on, going by *step* (1 or -1), that is *wanted*."""
        number = start
        while self.first <= number < self.end:
            row = self._rows[number - self.first]
            if not row.hidden and wanted(row):
                return number
            number += step
        return None

    def numbers(self, wanted: Callable[[Row], bool]) -> list[int]:
        """Return the numbers of all rows that are *wanted*."""
        return [
            number
            for number, row in enumerate(self._rows, self.first)
            if not row.hidden and wanted(row)
        ]

    def backwards(self) -> Iterator[Row]:
        """Yield the rows that are shown, the newest first."""
        return (row for row in reversed(self._rows) if not row.hidden)

    def hide(self, nick: str, *, hidden: bool) -> None:
        """Hide what *nick*, in lower case, said, or show it again."""
        self._rows = [
            replace(row, hidden=hidden) if not row.own and row.nick.casefold() == nick else row
            for row in self._rows
        ]

    def _drop(self, count: int) -> None:
        del self._rows[:count]
        self.first += count
        self._keys = {key: number for key, number in self._keys.items() if number >= self.first}
