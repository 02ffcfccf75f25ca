"""Who the connections of a recording are that shows nicks in the place of addresses."""

from chatctl.capture.items.reframe import Reframer
from chatctl.capture.naming import nick_after
from chatctl.errors import MalformedPayload
from chatctl.wire import codec
from chatctl.wire.packets import Direction


class NickWatch:
    """Follows the nicks of many connections through their raw bytes."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._nicks: dict[int, str] = {}
        self._frames: dict[tuple[int, Direction], Reframer] = {}

    def joined(self, conn: int, nick: str) -> None:
        """Take up *conn*, known as *nick*, midway: what comes next may be the rest of a frame."""
        self._nicks[conn] = nick
        for direction in Direction:
            self._frames[conn, direction] = Reframer(midway=True)

    def is_news(self, conn: int, nick: str) -> bool:
        """Take *nick* as that of *conn*; return whether that is new, and somebody."""
        before = self._nicks.get(conn, "")
        self._nicks[conn] = nick
        return nick not in ("", before)

    def seen(self, conn: int, direction: Direction, data: bytes) -> str:
        """Take what crossed; return the nick of *conn* if it is new, else ``""``."""
        nick = self.nick(conn)
        frames = self._frames.setdefault((conn, direction), Reframer())
        for payload in frames.feed(data).payloads:
            try:
                nick = nick_after(nick, codec.decode(payload, direction))
            except MalformedPayload:
                continue
        return nick if self.is_news(conn, nick) else ""

    def missed(self, conn: int, direction: Direction) -> None:
        """Take note that octets are not known which crossed here."""
        self._frames.setdefault((conn, direction), Reframer()).gap()

    def nick(self, conn: int) -> str:
        """Return who *conn* is by now, empty while nobody."""
        return self._nicks.get(conn, "")

    def forget(self, conn: int) -> None:
        """Let go of a connection that has ended."""
        self._nicks.pop(conn, None)
        for direction in Direction:
            self._frames.pop((conn, direction), None)
