"""What goes out for a move: the recorded octets, unless a value in them has to be this run's."""

from chatctl.capture.replay.links import Bindings
from chatctl.capture.replay.numbers import renumbered
from chatctl.capture.replay.plan import Move
from chatctl.capture.replay.steps import Act, read_value, type_of
from chatctl.wire import codec
from chatctl.wire.framing import frame


def octets(move: Move, nick: str, bindings: Bindings) -> bytes:
    """Return what to write for *move*, of the one who is called *nick* in the recording."""
    if move.step.act is Act.JUNK:
        return move.payload
    if move.value is None:
        return frame(move.payload)
    value = renumbered(bindings, nick, bindings.fill(move.links, move.value))
    changed = value is not move.value and value != move.value
    return frame(codec.write_json(value) if changed else move.payload)


def pong(payload: bytes) -> bytes:
    """Return the frame that answers *payload* if it is a server's ping; else nothing."""
    if b'"ping"' not in payload or type_of(read_value(payload)) != "ping":
        return b""
    return frame(payload.replace(b'"ping"', b'"pong"', 1))
