"""Frames out of a stream that may have holes: after one, the next sound frame is looked for.

What lies before it is skipped, and counted; the first frame after it is marked.
"""

from dataclasses import dataclass

from chatctl.capture.items.search import Search
from chatctl.wire.framing import Deframer


@dataclass(slots=True)
class Found:
    """What one call brought.

    Attributes:
        payloads: whole payloads, oldest first.
        skipped: octets passed over before the first of them.
        resynced: whether the first of them was found by search.
    """

    payloads: list[bytes]
    skipped: int = 0
    resynced: bool = False


class Reframer:
    """Cuts one direction of a connection into payloads.

    Attributes:
        deframer: cuts while in step.
        search: looks for a frame; None while in step.
        between: whether the next octet begins a frame, as far as is known.
    """

    __slots__ = ("_lost", "between", "deframer", "search")

    def __init__(self, *, midway: bool = False) -> None:
        """Begin in step, unless the stream begins *midway*."""
        self.deframer = Deframer()
        self.search = Search() if midway else None
        self.between = not midway
        self._lost = 0

    @property
    def rest(self) -> bytes:
        """Octets that do not make a frame yet."""
        return self.deframer.rest if self.search is None else bytes(self.search.octets)

    @property
    def announced(self) -> int | None:
        """The payload length the incomplete frame announces, if that is known."""
        return self.deframer.announced if self.search is None else None

    def feed(self, data: bytes) -> Found:
        """Take the next octets of the stream."""
        if self.search is None:
            return Found(self.cut(data))
        return self._step_in(self.search, self.search.feed(data))

    def cut(self, data: bytes) -> list[bytes]:
        """Take the next octets of a stream in step; return the payloads they complete."""
        payloads = self.deframer.feed(data)
        self.between = not self.deframer.pending
        return payloads

    def gap(self) -> None:
        """Take note that octets are missing here: what was begun can never be completed."""
        self._lost += len(self.rest) + (self.search.given_up if self.search else 0)
        self.deframer = Deframer()
        self.search = Search()
        self.between = False

    def finish(self) -> Found:
        """Return what can be made of the rest of a stream that has ended while searching."""
        search = self.search
        if search is None:
            return Found([])
        found = self._step_in(search, search.finish())
        if self.search is not None:
            found.skipped += self._lost + search.given_up + len(search.octets)
            self.search, self._lost = None, 0
            self.between = True
        return found

    def _step_in(self, search: Search, place: int) -> Found:
        if place < 0:
            return Found([])
        self.search = None
        skipped, self._lost = self._lost + search.given_up + place, 0
        return Found(self.cut(bytes(search.octets[place:])), skipped, resynced=True)
