"""A recording as a pytest file that stands alone: the standard library, pytest and the talk."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from chatctl.capture.replay.links import Link, put
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.numbers import log_of
from chatctl.capture.replay.plan import Expected, Line, Move, Plan
from chatctl.capture.replay.steps import Act

TEMPLATE = "as_test.txt"


class _Code:
    """Python source that stands where a value was."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __repr__(self) -> str:
        return self._source


def as_test(plan: Plan, masks: Masks, name: str) -> str:
    """Return the source of a test that plays *plan*'s clients and holds a server to the rest.

    Args:
        plan: the clients of a recording.
        masks: members whose value may differ.
        name: the recording's, for people.
    """
    template = files("chatctl.capture.replay").joinpath(TEMPLATE).read_text(encoding="utf-8")
    fields = {
        "NAME": re.sub(r"[^\w .+-]", "_", name),
        "OPEN_END": repr(plan.open_end),
        "MASKED": "\n".join(f"    {member!r}," for member in sorted(masks.members - {"seq"})),
        "TALK": "\n".join(f"    {row}," for row in _rows(plan, masks)),
    }
    return re.sub(r"@(NAME|OPEN_END|MASKED|TALK)@", lambda found: fields[found[1]], template)


def _rows(plan: Plan, masks: Masks) -> Iterator[str]:
    """Yield the talk, one call a row, in the order of the recording."""
    rows: list[tuple[int, str]] = []
    for line in plan.lines:
        rows += [(move.step.index, _said(line, move)) for move in line.moves]
    nicks = {line.conn: line.nick for line in plan.lines}
    for scope in plan.scopes:
        rows += [(item.packet.index, _heard(nicks[item.conn], item, masks)) for item in scope]
    yield from (row for _, row in sorted(rows))


def _said(line: Line, move: Move) -> str:
    match move.step.act:
        case Act.OPEN:
            return f"opens({line.conn})"
        case Act.CLOSE:
            return f"closes({line.conn})"
        case Act.RESET:
            return f"resets({line.conn})"
        case Act.JUNK:
            return f"says({line.conn}, {move.step.wire!r})"
        case Act.PACKET:
            return f"says({line.conn}, {_packet(line, move)!r})"


def _packet(line: Line, move: Move) -> Any:
    if move.value is None:
        return move.step.wire
    return _numbered(line.nick, _linked(move.value, move.links))


def _heard(nick: str, item: Expected, masks: Masks) -> str:
    value = item.packet.value
    if item.closing:
        return f"hears_the_end({item.conn})"
    if value is None:
        return f"hears({item.conn}, {item.packet.payload!r})"
    short = {name: _short(masks, item.packet.type, name, part) for name, part in value.items()}
    linked = _linked(short, item.sources)
    if "seq" in value:
        linked["seq"] = _entry(log_of(nick, value), value["seq"])
    return f"hears({item.conn}, {linked!r})"


def _short(masks: Masks, kind: str, name: str, part: Any) -> Any:
    """Return *part*, or dots for a long one that nobody looks at."""
    return _Code("...") if isinstance(part, dict | list) and masks.hides(kind, name) else part


def _linked(value: Any, links: tuple[Link, ...]) -> dict[str, Any]:
    for link in links:
        value = put(value, link.path, _Code(f"Given({link.name!r})"))
    return dict(value)


def _numbered(nick: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return *value* with the seqs of a resume or of a history as entries of their logs."""
    resume = value.get("resume")
    if isinstance(resume, dict) and isinstance(resume.get("rooms"), dict):
        rooms = {
            room: _entry(f"{nick} {room}" if room.startswith("@") else room, seq)
            for room, seq in resume["rooms"].items()
        }
        return {**value, "resume": {**resume, "rooms": rooms}}
    if value.get("type") == "history":
        log = log_of(nick, value)
        return {
            name: _entry(log, part) if name in ("before", "after") and part else part
            for name, part in value.items()
        }
    return value


def _entry(log: str, seq: Any) -> _Code:
    return _Code(f"Entry({log!r}, {seq!r})")
