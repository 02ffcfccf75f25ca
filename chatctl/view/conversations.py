"""A line for each connection of a capture: who, from where, how long, how much, and its end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from chatctl.capture.items.item import Item, What
from chatctl.view.counts import count_of
from chatctl.view.escape import escape, escape_name
from chatctl.view.figures import octets
from chatctl.view.rows import cut, latency, padded
from chatctl.view.wrap import hang
from chatctl.wire.packets import Direction

HEADER = (
    f"{'conn':>5}  {'nick':<14} {'client':<22} {'server':<22} "
    f"{'lasted':>10} {'up':>7} {'':>10} {'down':>7} {'':>10}  end"
)
END = 13
"""Columns that the reason of an end should have."""

MAX_KEPT = 100_000
"""Connections told of; some 400 octets of memory each."""


@dataclass(slots=True)
class _Conversation:
    client: str
    server: str
    begin: int
    last: int
    nick: str = ""
    up: int = 0
    up_octets: int = 0
    down: int = 0
    down_octets: int = 0
    faults: int = 0
    end: str = "still open"


def conversations(items: Iterable[Item], width: int = 0) -> Iterator[str]:
    """Yield the header and a line for each connection, in the order of their beginnings.

    Where *width*, the columns of a terminal, has no room for the table, these are sentences.
    """
    found: dict[int, _Conversation] = {}
    more = 0
    for item in items:
        record = item.record
        it = found.get(record.conn)
        if it is None:
            if len(found) >= MAX_KEPT:
                more += item.what is What.OPEN
                continue
            it = _Conversation(record.client, record.server, record.at, record.at)
            found[record.conn] = it
        _count(it, item)
    narrow = 0 < width < END + max((cell_len(_head(*row)) for row in found.items()), default=0)
    if not narrow:
        yield HEADER
    for conn, it in found.items():
        yield hang(_sentence(conn, it), width, " " * 7) if narrow else _line(conn, it, width)
    if more:
        yield hang(
            f"and {count_of(more, 'connection')} more; choose with --filter or --slice",
            width or len(HEADER),
        )


def _count(conversation: _Conversation, item: Item) -> None:
    conversation.last = item.record.at
    conversation.nick = item.nick or conversation.nick
    if item.what is What.CLOSE:
        if conversation.end == "still open":
            conversation.end = item.note or "closed"
    elif item.what is What.PACKET and item.record.direction is Direction.TO_SERVER:
        conversation.up += 1
        conversation.up_octets += item.size
    elif item.what is What.PACKET:
        conversation.down += 1
        conversation.down_octets += item.size
    elif item.what not in (What.OPEN, What.MARK):
        conversation.faults += 1


def _line(conn: int, it: _Conversation, width: int) -> str:
    head = _head(conn, it)
    return head + (cut(_end(it), width - cell_len(head)) if width else _end(it))


def _head(conn: int, it: _Conversation) -> str:
    nick = padded(escape_name(it.nick) if it.nick else "-", 14)
    return (
        f"{conn:>5}  {nick} "
        f"{escape(it.client) or '-':<22} {escape(it.server) or '-':<22} "
        f"{latency(it.last - it.begin):>10} {it.up:>7} {octets(it.up_octets):>10} "
        f"{it.down:>7} {octets(it.down_octets):>10}  "
    )


def _sentence(conn: int, it: _Conversation) -> str:
    ends = f"{escape(it.client)} to {escape(it.server)}, " if it.client else ""
    return (
        f"{conn:>5}  {escape_name(it.nick) if it.nick else '-'}: {ends}"
        f"{latency(it.last - it.begin)}, {it.up} up ({octets(it.up_octets)}), "
        f"{it.down} down ({octets(it.down_octets)}), {_end(it)}"
    )


def _end(it: _Conversation) -> str:
    return escape(it.end) + (f" ({it.faults} faults)" if it.faults else "")
