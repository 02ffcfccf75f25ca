"""Pings and silence: how late the server is, and whether the link is alive at all."""


class Heartbeat:
    """Says when to ping and when to give up; times are the caller's monotonic seconds."""

    __slots__ = ("_after", "_dead", "_heard", "_next", "_sent")

    def __init__(self, ping_after: float, dead_after: float) -> None:
        self._after = ping_after
        self._dead = dead_after
        self._heard = 0.0
        self._next = 0.0
        self._sent: dict[str, float] = {}

    def start(self, now: float, *, at_once: bool) -> None:
        """Begin: the link is up and extended."""
        self._heard = now
        self._next = now if at_once else now + self._after
        self._sent.clear()

    def heard(self, now: float) -> None:
        """Note that something came from the server."""
        self._heard = now

    def ping_due(self, now: float) -> bool:
        """Say whether to ping now."""
        return now >= self._next

    def pinged(self, request: str, now: float) -> None:
        """Note a ping under the id *request*."""
        self._sent[request] = now
        self._next = now + self._after

    def lag(self, request: str, now: float) -> float | None:
        """Return how many seconds ago *request* was sent; None if it never was."""
        sent = self._sent.pop(request, None)
        return None if sent is None else now - sent

    def dead(self, now: float) -> bool:
        """Say whether the silence has lasted too long."""
        return now >= self._heard + self._dead

    def deadline(self) -> float:
        """Return when to look again."""
        return min(self._next, self._heard + self._dead)
