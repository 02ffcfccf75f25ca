"""A line for each connection of a capture: who, from where, how long, how much, and its end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatctl.capture.items.dissect import Item, What
from chatctl.view.escape import escape, escape_name
from chatctl.view.figures import octets
from chatctl.view.rows import latency
from chatctl.wire.packets import Direction

HEADER = (
    f"{'conn':>5}  {'nick':<14} {'client':<22} {'server':<22} "
    f"{'lasted':>10} {'up':>7} {'':>10} {'down':>7} {'':>10}  end"
)
MAX_KEPT = 100_000


@dataclass(slots=True)
class _Conversation:
    first: Item
    last: int
    nick: str = ""
    up: int = 0
    up_octets: int = 0
    down: int = 0
    down_octets: int = 0
    faults: int = 0
    end: str = "still open"


def conversations(items: Iterable[Item]) -> Iterator[str]:
    """Yield the header and a line for each connection, in the order of their beginnings."""
    found: dict[int, _Conversation] = {}
    for item in items:
        conn = item.record.conn
        if conn not in found and len(found) >= MAX_KEPT:
            continue
        _count(found.setdefault(conn, _Conversation(item, item.record.at)), item)
    yield HEADER
    for conn, conversation in found.items():
        yield _line(conn, conversation)


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


def _line(conn: int, it: _Conversation) -> str:
    record = it.first.record
    faults = f" ({it.faults} faults)" if it.faults else ""
    return (
        f"{conn:>5}  {escape_name(it.nick) if it.nick else '-':<14} "
        f"{escape(record.client) or '-':<22} {escape(record.server) or '-':<22} "
        f"{latency(it.last - record.at):>10} {it.up:>7} {octets(it.up_octets):>10} "
        f"{it.down:>7} {octets(it.down_octets):>10}  {escape(it.end)}{faults}"
    )
