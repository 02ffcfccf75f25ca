"""What base peers are told in the only words they know, put back into those it was said in.

An action reaches them as ``*waves*``, a change of nick as somebody who leaves and another who joins
(docs/protocol.md, section "Base protocol"). Where a capture has both, one thing would be told
twice; what was said to the server tells which it was.
"""

from collections import OrderedDict
from typing import TypeVar

from chatctl.capture.items.item import Item, What
from chatctl.wire.packets import (
    Act,
    Action,
    ChangeNick,
    Chat,
    Direction,
    Error,
    Exit,
    Join,
    Leave,
    NickChange,
    Packet,
    Unknown,
)

MAX_REMEMBERED = 10_000
"""Actions and changes of nick; of actions their hashes, for they may be long."""

MAX_NICK = 255
"""Characters of the longest nick that a server of ours allows; changes of others are forgotten."""

K = TypeVar("K")
V = TypeVar("V")


class Dialect:
    """Follows a conversation, and understands base peers' copies of it."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._actions: OrderedDict[int, None] = OrderedDict()
        self._renamed: OrderedDict[str, str] = OrderedDict()
        self._joining: OrderedDict[int, str] = OrderedDict()

    def understood(self, item: Item) -> Packet | Unknown | None:
        """Return what *item* tells a client; None for nothing, and what was told just before."""
        if item.what is What.CLOSE:
            self._renamed.pop(item.nick, None)
            self._joining.pop(item.record.conn, None)
        packet = item.packet
        if packet is None or item.record.direction is Direction.TO_SERVER:
            self._asked(item)
            return None
        self._told(packet, item.nick)
        return self._in_full(packet, item.record.conn)

    def _asked(self, item: Item) -> None:
        match item.packet:
            case Act(message):
                _remember(self._actions, hash((item.nick, message)), None)
            case ChangeNick(nick):
                self._is_renamed(item.nick, nick)
            case Exit():
                self._renamed.pop(item.nick, None)
            case _:
                pass

    def _told(self, packet: Packet | Unknown, nick: str) -> None:
        match packet:
            case Action(author, message):
                _remember(self._actions, hash((author, message)), None)
            case NickChange(old, new):
                self._is_renamed(old, new)
            case Join(somebody):
                self._renamed.pop(somebody, None)
            case Error():
                self._renamed.pop(nick, None)
            case _:
                pass

    def _is_renamed(self, old: str, new: str) -> None:
        self._renamed.pop(new, None)
        if max(len(old), len(new)) <= MAX_NICK:
            _remember(self._renamed, old, new)

    def _in_full(self, packet: Packet | Unknown, conn: int) -> Packet | Unknown | None:
        match packet:
            case Chat(nick, message, seq=0) if hash((nick, _inside(message))) in self._actions:
                return Action(nick, _inside(message), packet.room)
            case Leave(nick, room="", time=0) if nick in self._renamed:
                new = self._renamed[nick]
                _remember(self._joining, conn, new)
                return NickChange(nick, new)
            case Join(nick, room="", time=0) if self._joining.pop(conn, None) == nick:
                return None
        return packet


def _inside(message: str) -> str:
    """Return what stands between two asterisks."""
    return message[1:-1] if len(message) > 1 and message[0] == message[-1] == "*" else ""


def _remember(those: OrderedDict[K, V], key: K, value: V) -> None:
    those[key] = value
    those.move_to_end(key)
    if len(those) > MAX_REMEMBERED:
        those.popitem(last=False)
