"""Numbers of a room's log that a client repeats, carried over from the recording to this run."""

from typing import Any

from chatctl.capture.replay.cause import text
from chatctl.capture.replay.links import Bindings
from chatctl.capture.replay.steps import type_of
from chatctl.wire.packet import LOBBY


def renumbered(bindings: Bindings, nick: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return *value*, to a server, with recorded seqs as what the live logs call them."""
    kind, resume = type_of(value), value.get("resume")
    if kind == "hello" and isinstance(resume, dict) and isinstance(resume.get("rooms"), dict):
        rooms = {
            room: bindings.seq(f"{nick} {room}" if room.startswith("@") else room, seq)
            for room, seq in resume["rooms"].items()
        }
        return {**value, "resume": {**resume, "rooms": rooms}}
    if kind == "history":
        log = log_of(nick, value)
        log = f"{nick} {log}" if log.startswith("@") else log
        return {
            name: bindings.seq(log, part) if name in ("before", "after") else part
            for name, part in value.items()
        }
    return value


def log_of(own: str, value: dict[str, object]) -> str:
    """Return the name of the log that a packet with a seq is in, as *own* would ask for it."""
    if value.get("type") != "dm":
        return text(value, "room") or LOBBY
    pair = (text(value, "nick"), text(value, "to"))
    return f"{own} @{pair[1] if pair[0] == own else pair[0]}"
