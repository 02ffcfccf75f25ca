"""Frames: a 16-bit big-endian length and that many octets of payload.

    +--------+--------+---------- ... ----------+
    |  length (BE16)  |  payload: UTF-8 JSON    |
    +--------+--------+---------- ... ----------+

The length counts the payload alone, 0 to 65,535. docs/protocol.md, section "Frames".
"""

from chatctl.errors import PayloadTooBig

HEADER_SIZE = 2
MAX_PAYLOAD = 0xFFFF


def frame(payload: bytes) -> bytes:
    """Return *payload* behind its length.

    Raises:
        PayloadTooBig: it is longer than 65,535 octets.
    """
    try:
        return len(payload).to_bytes(HEADER_SIZE, "big") + payload
    except OverflowError:
        raise PayloadTooBig(
            f"a payload of {len(payload)} octets does not fit a frame (at most {MAX_PAYLOAD})"
        ) from None


class Deframer:
    """Cuts a byte stream back into payloads, however the stream was chunked.

    Holds at most one incomplete frame besides what one ``feed`` brought. At a frame whose payload
    is longer than *limit* octets it stops for good: ``announced`` tells of it.
    """

    __slots__ = ("_buffer", "_limit")

    def __init__(self, limit: int = MAX_PAYLOAD) -> None:
        self._buffer = b""
        self._limit = limit

    def feed(self, data: bytes) -> list[bytes]:
        """Take *data*, any chunk of the stream; return the payloads it completes, oldest first."""
        buffer = self._buffer + data if self._buffer else data
        last, size, limit = len(buffer) - HEADER_SIZE, len(buffer), self._limit
        payloads = []
        start = 0
        while start <= last:
            length = buffer[start] << 8 | buffer[start + 1]
            body = start + HEADER_SIZE
            end = body + length
            if end > size or length > limit:
                break
            payloads.append(buffer[body:end])
            start = end
        self._buffer = buffer[start:]
        return payloads

    @property
    def pending(self) -> int:
        """Octets held that do not yet make a frame; not 0 at the end means a truncated frame."""
        return len(self._buffer)

    @property
    def rest(self) -> bytes:
        """The octets held that do not yet make a frame."""
        return self._buffer

    @property
    def announced(self) -> int | None:
        """The payload length the incomplete frame announces, once its two octets are here."""
        if len(self._buffer) < HEADER_SIZE:
            return None
        return self._buffer[0] << 8 | self._buffer[1]
