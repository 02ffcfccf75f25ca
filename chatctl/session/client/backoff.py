"""When to try again after a link was lost: soon, then later and later, never all at once."""

from collections.abc import Callable

FIRST = 0.5
MOST = 30.0
MOST_ASKED = 3600.0
"""A server may ask for no longer a wait."""


class Backoff:
    """The waits between attempts, 0.5 s doubling up to 30 s, each shortened by up to a half."""

    __slots__ = ("_jitter", "attempt", "since")

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self.attempt = 0
        self.since: float | None = None

    def talking(self) -> None:
        """Note that a link works: patience begins anew."""
        self.since = None

    def lasted(self) -> None:
        """Note that a link worked for long enough to begin with short waits again."""
        self.attempt = 0

    def failed(self, now: float, at_least: float = 0.0) -> float:
        """Count a failure; return the seconds to wait, no less than a server asked for."""
        if self.since is None:
            self.since = now
        wait = min(MOST, FIRST * (1 << min(self.attempt, 10))) * (1 - self._jitter() / 2)
        self.attempt += 1
        return max(wait, min(at_least, MOST_ASKED))

    def gives_up(self, now: float, wait: float, patience: float | None) -> bool:
        """Say whether *wait* would end later than *patience* seconds after the first failure."""
        if patience is None or self.since is None:
            return False
        return now + wait - self.since > patience
