"""How many words come and go in a second. Pure.

Nobody counts a message for this: what is counted anyway is looked at once a second.
"""

from collections import deque

SPAN = 5
"""Looks over which the mean is taken: about so many seconds."""


class Rates:
    """Means over the last seconds of two numbers that only grow."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int, int]] = deque(maxlen=SPAN + 1)

    def look(self, now: float, heard: int, said: int) -> None:
        """Note that *heard* words have come and *said* gone by *now*, in seconds."""
        if self._looks and now <= self._looks[-1][0]:
            self._looks.clear()  # the clock was set
        self._looks.append((now, heard, said))

    @property
    def words(self) -> str:
        """The rates for people: ``in 42/s  out 0/s``."""
        if len(self._looks) < 2:
            return "in 0/s  out 0/s"
        (start, *before), (end, *after) = self._looks[0], self._looks[-1]
        heard, said = ((b - a) / (end - start) for a, b in zip(before, after, strict=True))
        return f"in {_short(heard)}/s  out {_short(said)}/s"


def _short(rate: float) -> str:
    return f"{rate:.1f}" if 0 < rate < 10 else f"{rate:,.0f}"
