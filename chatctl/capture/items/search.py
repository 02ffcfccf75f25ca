"""The place in a stream where frames begin again, after a hole or where a capture joins midway.

It is where two frames in a row are a length and a JSON object. A peer that tries can forge such a
place; it cannot make the search slow, for no octet is a candidate that is looked at more than a few
times, whatever the pieces in which the stream comes.
"""

from heapq import heappop, heappush

from chatctl.wire import codec
from chatctl.wire.framing import HEADER_SIZE

MAX_SEARCHED = 4 * 65_537
"""Octets searched at a time; of more, the older half is given up."""

_BRACE = b"{"
_BLANKS = b" \t\r\n"
_NEVER = -1
_HERE = 0


class Search:
    """Looks for two frames in a row in octets as they come.

    Attributes:
        octets: those that are searched.
        given_up: how many came before them.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.octets = bytearray()
        self.given_up = 0
        self._looked = HEADER_SIZE
        self._waiting: list[tuple[int, int]] = []

    def feed(self, data: bytes) -> int:
        """Take the next octets; return where in ``octets`` two frames begin, -1 if nowhere yet.

        A single frame will do at the very beginning, if nothing is behind it.
        """
        self.octets += data
        self._find_candidates()
        end = self.given_up + len(self.octets)
        ready = []
        while self._waiting and self._waiting[0][0] <= end:
            ready.append(heappop(self._waiting)[1])
        for start in sorted(ready):
            need = self._need(start)
            if need == _HERE:
                return start - self.given_up
            if need != _NEVER:
                heappush(self._waiting, (need, start))
        self._give_up()
        return -1

    def finish(self) -> int:
        """Return what ``feed`` would if no more can come: a last frame needs none behind it."""
        for start in sorted(start for _, start in self._waiting):
            if start >= self.given_up and self._end(start) == self.given_up + len(self.octets):
                return start - self.given_up
        return -1

    def _find_candidates(self) -> None:
        """Note each brace behind a length, and how far the stream must come to judge it."""
        octets = self.octets
        place = octets.find(_BRACE, self._looked - self.given_up)
        while place >= 0:
            start = place - HEADER_SIZE
            size = octets[start] << 8 | octets[start + 1]
            if size >= HEADER_SIZE:
                heappush(self._waiting, (self.given_up + place + size, self.given_up + start))
            place = octets.find(_BRACE, place + 1)
        self._looked = max(self._looked, self.given_up + len(octets))

    def _need(self, start: int) -> int:
        """Return whether two frames begin at *start*, or how far the stream must come to tell."""
        if start < self.given_up or (end := self._end(start)) < 0:
            return _NEVER
        here = self.given_up + len(self.octets)
        if end == here and start == 0:
            return _HERE
        if end + HEADER_SIZE > here:
            return end + HEADER_SIZE
        second = end - self.given_up
        need = end + HEADER_SIZE + (self.octets[second] << 8 | self.octets[second + 1])
        if need > here:
            return need
        return _HERE if self._end(end) > 0 else _NEVER

    def _end(self, start: int) -> int:
        """Return where the frame at *start* ends if it is whole and holds an object, else -1."""
        octets, place = self.octets, start - self.given_up
        size = octets[place] << 8 | octets[place + 1]
        begin, end = place + HEADER_SIZE, place + HEADER_SIZE + size
        if size < HEADER_SIZE or end > len(octets) or octets[end - 1] != 0x7D:
            return -1
        opening = bytes(octets[begin + 1 : begin + 17]).lstrip(_BLANKS)
        if opening and opening[0] not in b'"}':
            return -1
        return self.given_up + end if codec.is_object(bytes(octets[begin:end])) else -1

    def _give_up(self) -> None:
        if len(self.octets) > MAX_SEARCHED:
            gone = len(self.octets) - MAX_SEARCHED // 2
            del self.octets[:gone]
            self.given_up += gone
            self._looked = max(self._looked, self.given_up + HEADER_SIZE)
