"""What a filter may ask of an item: its fields, its flags, and any member of its payload."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from chatctl.capture.items.item import Item, What
from chatctl.capture.record import Batch
from chatctl.errors import MalformedPayload
from chatctl.wire import codec
from chatctl.wire.packets import LOBBY, Direction


class Begin:
    """When a capture begins, known once its first item was seen."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.used = False
        self.at = -1

    def see(self, at: int) -> None:
        """Take the time of an item; the first counts."""
        if self.at < 0:
            self.at = at

    def seen(self, batches: Iterable[Batch[Item]]) -> Iterator[Batch[Item]]:
        """Yield *batches* as they are; the first item of all is the begin."""
        for items in batches:
            if self.at < 0 and items:
                self.see(next(iter(items)).record.at)
            yield items


def member(path: str) -> Callable[[Item], Any]:
    """Return what gets a member of the payload's JSON, ``.limits.rate`` say; None where absent."""
    names = path.removeprefix(".").split(".")

    def get(item: Item) -> Any:
        try:
            value = codec.read_json(item.payload)
        except MalformedPayload:
            return None
        for name in names:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value

    return get


def _of_packet(*names: str) -> Callable[[Item], Any]:
    def get(item: Item) -> Any:
        packet = item.packet
        for name in names:
            value = getattr(packet, name, None)
            if value not in (None, "", 0):
                return value
        return None

    return get


def _room(item: Item) -> Any:
    room = getattr(item.packet, "room", None)
    return LOBBY if room == "" else room


def _author(item: Item) -> Any:
    """Return whose packet it is: the nick in it, else the connection's."""
    said = getattr(item.packet, "nick", "")
    return said or item.nick or None


FIELDS: dict[str, Callable[[Item], Any]] = {
    "type": lambda item: item.type,
    "kind": lambda item: item.what.value,
    "nick": _author,
    "peer": lambda item: item.nick or None,
    "conn": lambda item: item.record.conn,
    "dir": lambda item: item.record.direction.value,
    "size": lambda item: item.size,
    "text": _of_packet("message", "topic", "reason"),
    "room": _room,
    "to": _of_packet("to"),
    "id": _of_packet("id"),
    "seq": _of_packet("seq"),
    "code": _of_packet("code"),
    "rtt": lambda item: item.rtt if item.rtt >= 0 else None,
    "t": lambda item: item.record.at,
    "n": lambda item: item.number,
    "client": lambda item: item.record.client or None,
    "server": lambda item: item.record.server or None,
    "note": lambda item: item.note or None,
}
"""The fields by name; None means that an item has none."""


VALUES = {
    "kind": tuple(what.value for what in What),
    "dir": tuple(direction.value for direction in Direction),
}
"""The fields that know few values, and which."""


def _is(what: What) -> Callable[[Item], bool]:
    return lambda item: item.what is what


FLAGS: dict[str, Callable[[Item], bool]] = {
    **{what.value: _is(what) for what in What},
    "reset": lambda item: item.record.reset,
    "resynced": lambda item: item.resynced,
    "up": lambda item: item.record.direction is Direction.TO_SERVER,
    "down": lambda item: item.record.direction is Direction.TO_CLIENT,
}
