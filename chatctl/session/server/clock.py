"""A node's time: what the transport says it is, and what its packets say."""

from collections.abc import Iterable
from itertools import repeat


class Clock:
    """Time as an argument: whoever drives the hub sets ``now``.

    Attributes:
        now: the time of the input being worked on, monotonic seconds.
        epoch: what makes it wall-clock time, in seconds.
    """

    def __init__(self, epoch: float) -> None:
        self.now = 0.0
        self.epoch = epoch
        self._latest = 0
        self._told = -1.0
        self._counts = False

    @property
    def time(self) -> int:
        """The wall-clock time of this input in milliseconds; never smaller than it was before."""
        if self._counts:
            self._latest += 1
        elif self.now != self._told:
            self._told = self.now
            self._latest = max(self._latest, int((self.now + self.epoch) * 1000))
        return self._latest

    def times(self, count: int) -> Iterable[int]:
        """Return the time of each of *count* events of this input, in milliseconds."""
        if not self._counts:
            return repeat(self.time, count)
        first, self._latest = self._latest + 1, self._latest + count
        return range(first, first + count)

    def count_from(self, start: int) -> None:
        """Have time stand for the order of events alone: a millisecond after *start* for each."""
        self._counts = True
        self._latest = start
