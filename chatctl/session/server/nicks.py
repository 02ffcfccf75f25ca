"""Who has which nick: peers that are here, and sessions that are held for their return."""

from collections.abc import Callable

from chatctl.session.server.peer import Peer
from chatctl.session.server.seats import Seat


class Nicks:
    """Every nick in use, each once.

    Args:
        look: returns what two nicks have in common that people would take for one another.
    """

    def __init__(self, look: Callable[[str], str]) -> None:
        self._look = look
        self._peers: dict[str, Peer] = {}
        self._held: dict[str, Seat] = {}

    def holder(self, nick: str) -> Peer | Seat | None:
        """Return who has *nick*: a peer, a lost session it is held for, or nobody."""
        name = self._look(nick)
        return self._peers.get(name) or self._held.get(name)

    def is_free(self, nick: str, seat: Seat | None = None) -> bool:
        """Return whether *nick* can be had, by the owner of *seat* if that is given."""
        holder = self.holder(nick)
        if holder is None or seat is None:
            return holder is None
        return (holder.seat if isinstance(holder, Peer) else holder) is seat

    def give(self, peer: Peer, nick: str) -> None:
        """Let *peer* have *nick*, and no other."""
        self.vacate(peer)
        self._held.pop(self._look(nick), None)
        peer.nick = nick
        self._peers[self._look(nick)] = peer
        if peer.seat is not None:
            peer.seat.nick = nick

    def vacate(self, peer: Peer) -> None:
        """Take its nick from *peer*."""
        if self._peers.get(self._look(peer.nick)) is peer:
            del self._peers[self._look(peer.nick)]

    def hold(self, seat: Seat) -> None:
        """Keep the nick of the lost *seat* for its owner."""
        self._held[self._look(seat.nick)] = seat

    def release(self, seat: Seat) -> None:
        """Hold the nick of *seat* no longer."""
        if self._held.get(self._look(seat.nick)) is seat:
            del self._held[self._look(seat.nick)]
