"""Who a connection is: the nick its packets say it has."""

from chatctl.errors import MalformedPayload
from chatctl.wire import codec
from chatctl.wire.framing import Deframer
from chatctl.wire.packets import Direction, Hello, NickChange, Packet, Unknown, Welcome

NAMING = frozenset({Hello, Welcome, NickChange})
"""The packets that may change a connection's nick."""


def nick_after(nick: str, packet: Packet | Unknown) -> str:
    """Return the nick of a connection known as *nick* (or ``""``) once *packet* crossed it."""
    if isinstance(packet, Hello | Welcome):
        return packet.nick
    if isinstance(packet, NickChange) and packet.nick == nick:
        return packet.to
    return nick


class NickWatch:
    """Follows the nicks of many connections through their raw bytes."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._nicks: dict[int, str] = {}
        self._deframers: dict[tuple[int, Direction], Deframer] = {}

    def seen(self, conn: int, direction: Direction, data: bytes) -> str:
        """Take what crossed; return the nick of *conn* if it is new, else ``""``."""
        before = nick = self._nicks.get(conn, "")
        deframer = self._deframers.setdefault((conn, direction), Deframer())
        for payload in deframer.feed(data):
            try:
                nick = nick_after(nick, codec.decode(payload, direction))
            except MalformedPayload:
                continue
        self._nicks[conn] = nick
        return nick if nick != before else ""

    def forget(self, conn: int) -> None:
        """Let go of a connection that has ended."""
        self._nicks.pop(conn, None)
        for direction in Direction:
            self._deframers.pop((conn, direction), None)
