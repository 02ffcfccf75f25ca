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

    Holds at most one incomplete frame besides what one ``feed`` brought.
    """

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take *data*, any chunk of the stream; return the payloads it completes, oldest first."""
        buffer = self._buffer + data if self._buffer else data
        size = len(buffer)
        payloads = []
        start = 0
        while size - start >= HEADER_SIZE:
            body = start + HEADER_SIZE
            end = body + (buffer[start] << 8 | buffer[start + 1])
            if end > size:
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
