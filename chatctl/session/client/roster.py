"""Who is on a base server, which has no list: whoever came or spoke while we were there."""

MOST = 10_000


class Roster:
    """The nicks heard of on one link, as they were spelled last."""

    __slots__ = ("_nicks",)

    def __init__(self) -> None:
        self._nicks: dict[str, str] = {}

    def came(self, nick: str) -> None:
        """Note that *nick* is here, within bounds, whatever a server makes up."""
        if len(self._nicks) < MOST:
            self._nicks[nick.casefold()] = nick

    def went(self, nick: str) -> None:
        """Note that *nick* has gone."""
        self._nicks.pop(nick.casefold(), None)

    def known(self, own: str) -> tuple[str, ...]:
        """Return the nicks in the order of the alphabet, our *own* among them."""
        nicks = self._nicks | {own.casefold(): own}
        return tuple(nicks[key] for key in sorted(nicks))
