"""The report: one HTML file that stands alone, with timeline, table, search, detail and ladder."""

from collections.abc import Iterable, Iterator
from importlib import resources

from chatctl.capture.items.dissect import Item, What
from chatctl.errors import MalformedPayload
from chatctl.view.escape import escape_json
from chatctl.view.ladder import ladder_of, svg
from chatctl.view.summary import summary
from chatctl.wire import codec
from chatctl.wire.packets import Direction

MAX_ITEMS = 50_000
MAX_STEPS = 300


def html(items: Iterable[Item], title: str) -> Iterator[str]:
    """Yield the report of *items*; what is beyond ``MAX_ITEMS`` is counted."""
    kept: list[Item] = []
    left_out = 0
    for item in items:
        if len(kept) < MAX_ITEMS:
            kept.append(item)
        else:
            left_out += 1
    page = resources.files("chatctl.view").joinpath("report.html").read_text(encoding="utf-8")
    data = {"title": title, "left_out": left_out, "items": [_told(item) for item in kept]}
    before, _, rest = page.partition("%LADDER%")
    between, _, after = rest.partition("%DATA%")
    # No text of a peer may end the script element it stands in, or steer a terminal it is shown on.
    script = escape_json(codec.write_json(data).decode()).replace("<", "\\u003c")
    yield f"{before}{svg(ladder_of(kept, MAX_STEPS))}{between}{script}{after}".rstrip("\n")


def plugin() -> str:
    """Return the Wireshark dissector."""
    file = resources.files("chatctl.view").joinpath("chatctl.lua")
    return file.read_text(encoding="utf-8").rstrip("\n")


def _told(item: Item) -> dict[str, object]:
    record = item.record
    return {
        "n": item.number,
        "s": record.at / 1e9,
        "conn": record.conn,
        "up": record.direction is Direction.TO_SERVER,
        "nick": _sound(item.nick),
        "type": _sound(item.type),
        "text": _sound(summary(item)),
        "client": record.client,
        "server": record.server,
        "size": item.size,
        "rtt": item.rtt / 1e9 if item.rtt >= 0 else 0,
        "fault": item.packet is None and item.what not in (What.OPEN, What.CLOSE, What.MARK),
        "payload": _payload(item),
    }


def _payload(item: Item) -> object:
    try:
        return codec.read_json(item.payload)
    except MalformedPayload:
        return item.payload.decode("latin-1") if item.payload else item.note


def _sound(text: str) -> str:
    return text.encode(errors="replace").decode()
