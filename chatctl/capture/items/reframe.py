"""Frames out of a stream that may have holes: after one, the next sound frame is looked for.

A stream that begins midway, or has lost octets, is in step again where two frames in a row are a
length and a JSON object; whatever lies before that is skipped, and counted. A peer that tries can
forge such a place, so the first frame after it is marked.
"""

from dataclasses import dataclass

from chatctl.errors import MalformedPayload
from chatctl.wire import codec
from chatctl.wire.framing import HEADER_SIZE, Deframer

MAX_SEARCHED = 4 * 65_537
"""Octets searched for a frame at a time; older ones are given up."""


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
        searched: octets in which a frame is looked for; None while in step.
        between: whether the next octet begins a frame, as far as is known.
    """

    __slots__ = ("_lost", "between", "deframer", "searched")

    def __init__(self, *, midway: bool = False) -> None:
        """Begin in step, unless the stream begins *midway*."""
        self.deframer = Deframer()
        self.searched: bytes | None = b"" if midway else None
        self.between = not midway
        self._lost = 0

    @property
    def rest(self) -> bytes:
        """Octets that do not make a frame yet."""
        return self.deframer.rest if self.searched is None else self.searched

    @property
    def announced(self) -> int | None:
        """The payload length the incomplete frame announces, if that is known."""
        return self.deframer.announced if self.searched is None else None

    def feed(self, data: bytes) -> Found:
        """Take the next octets of the stream."""
        if self.searched is None:
            return Found(self.cut(data))
        self.searched += data
        return self._search(final=False)

    def cut(self, data: bytes) -> list[bytes]:
        """Take the next octets of a stream in step; return the payloads they complete."""
        payloads = self.deframer.feed(data)
        self.between = not self.deframer.pending
        return payloads

    def gap(self) -> None:
        """Take note that octets are missing here: what was begun can never be completed."""
        self._lost += len(self.rest)
        self.deframer = Deframer()
        self.searched = b""
        self.between = False

    def finish(self) -> Found:
        """Return what can be made of the rest of a stream that has ended while searching."""
        if self.searched is None:
            return Found([])
        found = self._search(final=True)
        if self.searched is not None:
            found.skipped += len(self.searched) + self._lost
            self.searched, self._lost = None, 0
            self.between = not self.deframer.pending
        return found

    def _search(self, *, final: bool) -> Found:
        data = self.searched or b""
        start = data.find(b"{", HEADER_SIZE)
        while start >= 0:
            if _two_frames(data, start - HEADER_SIZE, final=final):
                return self._step_in(data, start - HEADER_SIZE)
            start = data.find(b"{", start + 1)
        if len(data) > MAX_SEARCHED:
            self._lost += len(data) - MAX_SEARCHED // 2
            self.searched = data[-MAX_SEARCHED // 2 :]
        return Found([])

    def _step_in(self, data: bytes, start: int) -> Found:
        self.searched = None
        skipped, self._lost = self._lost + start, 0
        return Found(self.cut(data[start:]), skipped, resynced=True)


def _two_frames(data: bytes, start: int, *, final: bool) -> bool:
    end = _frame_end(data, start)
    if end < 0:
        return False
    if end == len(data):
        return final or start == 0
    return _frame_end(data, end) > 0


def _frame_end(data: bytes, start: int) -> int:
    """Return where the frame at *start* ends if it is whole and holds an object, else -1."""
    size = int.from_bytes(data[start : start + HEADER_SIZE], "big")
    end = start + HEADER_SIZE + size
    if size < 2 or end > len(data) or data[end - 1] != 0x7D:
        return -1
    try:
        value = codec.read_json(data[start + HEADER_SIZE : end])
    except MalformedPayload:
        return -1
    return end if isinstance(value, dict) else -1
