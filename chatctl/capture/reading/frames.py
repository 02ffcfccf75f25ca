"""Bare frames, one behind the other: no times, and directions only as far as packets tell them."""

from collections.abc import Iterator

from chatctl.capture.reading.sources import Source
from chatctl.capture.record import Kind, Record
from chatctl.errors import CaptureDamaged, MalformedPayload
from chatctl.wire import codec
from chatctl.wire.framing import Deframer, frame
from chatctl.wire.packets import Direction

_ONLY_TO_SERVER = codec.TO_SERVER_TYPES - codec.TO_CLIENT_TYPES
_ONLY_TO_CLIENT = codec.TO_CLIENT_TYPES - codec.TO_SERVER_TYPES


def read_frames(source: Source) -> Iterator[Record]:
    """Yield a record for each frame of *source*, all at time 0 and of connection 1.

    Raises:
        CaptureDamaged: after the last whole frame, where octets are left over.
    """
    deframer = Deframer()
    offset = 0
    direction = Direction.TO_SERVER
    yield Record(0, 1, Kind.OPEN, direction)
    while chunk := source.chunk():
        for payload in deframer.feed(chunk):
            direction = likely_direction(payload, direction)
            yield Record(0, 1, Kind.DATA, direction, frame(payload))
            offset += 2 + len(payload)
    if deframer.pending:
        announced = deframer.announced
        whole = "a length" if announced is None else f"a frame of {announced + 2}"
        raise CaptureDamaged(f"cut short: {deframer.pending} octets of {whole} at the end", offset)


def likely_direction(payload: bytes, before: Direction) -> Direction:
    """Return which way *payload* seems to have gone; *before* where nothing in it tells."""
    try:
        value = codec.read_json(payload)
    except MalformedPayload:
        return before
    if not isinstance(value, dict) or not isinstance(kind := value.get("type"), str):
        return before
    if kind in _ONLY_TO_SERVER:
        return Direction.TO_SERVER
    if kind in _ONLY_TO_CLIENT:
        return Direction.TO_CLIENT
    if kind in ("chat", "me", "dm", "join", "leave"):
        return Direction.TO_CLIENT if "nick" in value else Direction.TO_SERVER
    return before
