"""A recorder of what was recorded before: it takes what no socket tells of as well."""

from collections.abc import Callable

from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.redact import Redacted
from chatctl.capture.writing.segments import Side
from chatctl.wire.packets import Direction


class Rewriter(Recorder):
    """Writes a capture of an older one."""

    _gives_ends = False  # where they are virtual, they are so already

    def known(self, conn: int, nick: str) -> None:
        """Take *nick* as that of *conn*, whose packets that said so may be left out."""
        if self._names is not None and self._names.is_news(conn, nick):
            self._show(self._flows.get(conn) or self._flows.begin(conn), nick)

    def annotated(self, conn: int, direction: Direction, data: bytes, note: str) -> None:
        """Record *data* with the *note* that was on it."""
        if self._idle():
            return
        side = (self._flows.get(conn) or self._flows.begin(conn)).side(direction)
        self._name(conn, direction, data)
        if self._search is not None and (side.redacted is not None or self._may_hide(data)):
            self._redact(side, data, [note])
        else:
            self._slow(side, data, [note])

    def missed(self, conn: int, direction: Direction, octets: int) -> None:
        """Leave a hole of *octets* that crossed and are not known.

        That they were there is told by their acknowledgement, even if nothing comes behind them.
        """
        if not self._idle():
            side = (self._flows.get(conn) or self._flows.begin(conn)).side(direction)
            if self._search is not None:
                self._tear(side)
            side.skip(octets)
            if self._names is not None:
                self._names.missed(conn, direction)
            self._acknowledge(side, self._clock())

    def turn(self, nick: Callable[[int], str]) -> None:
        """Go on in the next file, telling the *nick* of each connection that is open."""
        self._tape.turn()
        for flow in self._flows:
            self._continued(flow, nick(flow.conn))

    def _tear(self, side: Side) -> None:
        """Record what is held back of a stream that goes on behind a hole."""
        side.redacted = stream = side.redacted or Redacted(self._redactor)
        self._slow(side, stream.hole(), stream.comments)
