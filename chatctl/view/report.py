"""The report: one HTML file that stands alone, with timeline, table, search, detail and ladder."""

import time
from collections.abc import Callable, Iterable, Iterator
from importlib import resources

from chatctl.capture.items.item import Item, What
from chatctl.errors import MalformedPayload
from chatctl.view.escape import escape_json
from chatctl.view.formats import stamp
from chatctl.view.ladder import ladder_of, svg
from chatctl.view.rows import Table
from chatctl.view.summary import summary
from chatctl.wire import codec
from chatctl.wire.packets import Direction

MAX_ITEMS = 50_000
MAX_OCTETS = 32 << 20
"""Octets of payloads in a report, and of the nicks and notes that stand beside them."""

MAX_STEPS = 300


def _ignore(_kept: int, _more: int) -> None:
    """Stand in where nobody asked to be told."""


def html(
    items: Iterable[Item],
    title: str,
    *,
    utc: bool = False,
    full: Callable[[int, int], None] = _ignore,
) -> Iterator[str]:
    """Yield the report of *items*; what is beyond ``MAX_ITEMS`` or ``MAX_OCTETS`` is counted.

    Its times are local ones of here, wherever it is read; in UTC if *utc*. *full* is called
    if it has no room for all, with the number of items in it, and of those that are only counted.
    """
    kept, left_out = _first(items)
    if left_out:
        full(len(kept), left_out)
    page = resources.files("chatctl.view").joinpath("report.html").read_text(encoding="utf-8")
    told = _Telling(kept[0].record.at if kept else 0, utc=utc)
    data = {
        "title": title,
        "zone": "UTC" if utc else time.strftime("%Z"),
        "left_out": left_out,
        "items": [told.item(item) for item in kept],
    }
    before, _, rest = page.partition("%LADDER%")
    between, _, after = rest.partition("%DATA%")
    # No text of a peer may end the script element it stands in, or steer a terminal it is shown on.
    script = escape_json(codec.write_json(data).decode()).replace("<", "\\u003c")
    yield f"{before}{svg(ladder_of(kept, MAX_STEPS))}{between}{script}{after}".rstrip("\n")


def _first(items: Iterable[Item]) -> tuple[list[Item], int]:
    """Return those of *items* that a report has room for, and how many come behind them."""
    kept: list[Item] = []
    left_out, room = 0, MAX_OCTETS
    for item in items:
        room -= len(item.payload) + len(item.nick) + len(item.note)
        if left_out or room < 0 or len(kept) == MAX_ITEMS:
            left_out += 1
        else:
            kept.append(item)
    return kept, left_out


def plugin() -> str:
    """Return the Wireshark dissector."""
    file = resources.files("chatctl.view").joinpath("chatctl.lua")
    return file.read_text(encoding="utf-8").rstrip("\n")


class _Telling:
    """Makes of items what the page shows of them: texts alone, for its numbers are inexact."""

    def __init__(self, begin: int, *, utc: bool) -> None:
        self._begin = begin
        self._clock = Table(color=False, utc=utc).clock

    def item(self, item: Item) -> dict[str, object]:
        record = item.record
        return {
            "n": item.number,
            "s": (record.at - self._begin) / 1e9,
            "clock": self._clock(record.at),
            "time": stamp(record.at),
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


def _payload(item: Item) -> str:
    try:
        return codec.indented(item.payload)
    except MalformedPayload:
        octets = item.payload.decode("latin-1")
        return codec.write_json(octets).decode() if octets else item.note


def _sound(text: str) -> str:
    return text.encode(errors="replace").decode()
