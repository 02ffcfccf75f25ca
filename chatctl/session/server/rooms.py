"""A room: its members, and the window of its live stream through which they read.

The window holds what was said and what happened (joins, leaves, topics) in one order. Every item
has a position; a member is a cursor, the position of the next item to be sent to it. Items are
encoded once for each dialect that somebody in the room speaks, and members that stand at the same
place are given one and the same bytes object. A message that waits for its log holds back
whatever came after it, so nobody is seen leaving before the words they left with.
"""

from collections import deque
from itertools import islice

from chatctl.session.entries import Entry, EntryKind
from chatctl.session.limits import Limits
from chatctl.session.server.peer import Member, Peer
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Join, Leave, NickChange, Packet

Presence = Join | Leave | NickChange
OVERHEAD = 256


class Item:
    """One position of a window: its frames, and who caused it.

    A frame is made when the first reader of its dialect asks for it: in a room where nobody speaks
    the extension, nothing is encoded for it.

    Attributes:
        by: the connection that caused it.
        size: about how many octets it holds in memory.
    """

    __slots__ = ("_base_frame", "_entry", "_frame", "_presence", "by", "size")

    def __init__(self, by: int, entry: Entry | None, presence: Presence | None = None) -> None:
        self.by = by
        self.size = OVERHEAD + (len(entry.draft.message) if entry is not None else 0)
        self._entry = entry
        self._presence = presence
        self._frame: bytes | None = None
        self._base_frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        """The item as extended peers are told of it."""
        if self._frame is None:
            self._frame = encode_frame(self._packet())
        return self._frame

    def _packet(self) -> Packet:
        packet = self._entry.packet() if self._entry is not None else self._presence
        if packet is None:
            raise AssertionError("an item is a message or a presence change")
        return packet

    def is_heard_by(self, peer: Peer) -> bool:
        """Return whether *peer* is sent this: all but some of its own words.

        A peer that shows what it types is spared its echo; the author of a message that was not
        kept was told so instead.
        """
        if self._entry is None or self.by != peer.conn:
            return True
        return not peer.deaf_to_self and (peer.is_base or self._entry.seq > 0)

    @property
    def base_frame(self) -> bytes:
        """The item as base peers are told of it; empty where their protocol has no word for it."""
        if self._base_frame is None:
            self._base_frame = self._in_base_words()
        return self._base_frame

    def _in_base_words(self) -> bytes:
        if self._entry is not None and (said := self._entry.base_packet()) is not None:
            return encode_frame(said)
        match self._presence:
            case Join(nick):
                return encode_frame(Join(nick))
            case Leave(nick):
                return encode_frame(Leave(nick))
            case NickChange(nick, to):
                return encode_frame(Leave(nick)) + encode_frame(Join(to))
            case None:
                return b""


class Window:
    """The part of a stream that is kept for its readers, bounded in entries and octets."""

    __slots__ = ("_first", "_items", "_limits", "_size")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._items: list[Item] = []
        self._first = 0
        self._size = 0

    @property
    def end(self) -> int:
        """The position after the newest item."""
        return self._first + len(self._items)

    @property
    def start(self) -> int:
        """The position of the oldest item kept."""
        return self._first

    def append(self, item: Item) -> None:
        """Put *item* at the end."""
        self._items.append(item)
        self._size += item.size

    def trim(self, slowest: int) -> None:
        """Let go of what is beyond the bounds.

        Above ``window_entries`` whatever *slowest*, the least cursor, has behind it goes; above
        ``window_bytes`` the oldest goes, whoever still wanted it.
        """
        items, size = self._items, self._size
        spare = min(len(items) - self._limits.window_entries, slowest - self._first)
        gone = 0
        while gone < spare or size > self._limits.window_bytes:
            size -= items[gone].size
            gone += 1
        if gone:
            del items[:gone]
            self._first += gone
            self._size = size

    def slice(self, start: int, until: int, *, base: bool) -> tuple[bytes, int]:
        """Return the frames from *start* on, about a slice, and the position after them.

        At most up to *until*, in the words of the base protocol or of the extension.
        """
        frames = []
        room = self._limits.slice_bytes
        for item in islice(self._items, start - self._first, until - self._first):
            data = item.base_frame if base else item.frame
            frames.append(data)
            room -= len(data)
            if room <= 0:
                break
        return b"".join(frames), start + len(frames)

    def slice_for(self, peer: Peer, start: int, until: int) -> tuple[bytes, int]:
        """Return what ``slice`` does, without those of its own words that *peer* is not sent."""
        until = min(until, start + self._limits.window_entries)
        items = islice(self._items, start - self._first, until - self._first)
        heard = (item for item in items if item.is_heard_by(peer))
        return b"".join(i.base_frame if peer.is_base else i.frame for i in heard), until


class Room:
    """A room, or the pair of sessions of a direct conversation.

    Attributes:
        key: the log's key.
        name: the name its members know; of a direct conversation empty.
        members: by connection.
        window: the live stream.
        last: the seq of the newest message in the log.
        topic: the newest topic's entry.
        moved: when the stream last grew.
        unstored: the position after the newest message its log could not keep.
    """

    def __init__(self, key: str, limits: Limits) -> None:
        self.key = key
        self.name = "" if key.startswith("@") else key
        self.members: dict[int, Member] = {}
        self.window = Window(limits)
        self.last = 0
        self.topic: Entry | None = None
        self.moved = 0.0
        self.unstored = 0
        self._waiting: deque[Item | None] = deque()

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost by forgetting the room: the log has all of it."""
        return not self.members and not self._waiting

    def expect_entry(self) -> None:
        """Keep a place in the stream for a message that is on its way through the log."""
        self._waiting.append(None)

    def present(self, by: int, packet: Presence, now: float) -> None:
        """Tell the members of a presence change, behind all messages said before it."""
        item = Item(by, None, packet)
        if self._waiting:
            self._waiting.append(item)
        else:
            self._grow(item, now)

    def arrived(self, entry: Entry, now: float) -> None:
        """Put a message that came out of the log into the place kept for it."""
        self._waiting.popleft()
        if entry.seq:
            self.last = entry.seq
        else:
            self.unstored = self.window.end + 1
        if entry.draft.kind is EntryKind.TOPIC:
            self.topic = entry
        self._grow(Item(entry.draft.conn, entry), now)
        while self._waiting and (item := self._waiting[0]) is not None:
            self._waiting.popleft()
            self._grow(item, now)

    def next_position(self) -> int:
        """The position the next ``present`` will have."""
        return self.window.end + len(self._waiting)

    def slowest(self) -> int:
        """The least cursor of all members; the end where there is none."""
        return min((m.cursor for m in self.members.values()), default=self.window.end)

    def _grow(self, item: Item, now: float) -> None:
        self.window.append(item)
        self.moved = now


def nicks_of(room: Room) -> list[str]:
    """Return the nicks of *room* in the order of their lower case."""
    staying = (m.peer.nick for m in room.members.values() if m.last_position < 0)
    return sorted(staying, key=str.lower)
