"""A window: the newest part of a room's live stream, from which its members are served.

It holds what was said and what happened (joins, leaves, nicks) in one order; every item has a
position. An item is encoded once for each dialect that somebody reads, a run of items at a time:
nothing is encoded for a dialect nobody speaks.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate, compress

from chatctl.session.entries import Entry
from chatctl.session.limits import Limits
from chatctl.session.server.peer import Peer
from chatctl.wire.codec import encode_frame, encode_frames
from chatctl.wire.packets import Join, Leave, NickChange

Presence = Join | Leave | NickChange
Item = Entry | Presence
OVERHEAD = 384
"""Octets that an item takes in memory besides its words, measured: its values, and its place."""

FRAME = 48
"""Octets that a frame takes besides what it says."""

WIDEST = 8
"""Octets of a character that is not ASCII: 4 in the string at most, and 4 as it was encoded."""

SLACK = 1.25  # what goes on for a little more than a slice is not cut for it


class Window:
    """The part of a stream that is kept for its readers, bounded in entries and octets.

    The octets are those of memory, frames included.
    """

    __slots__ = ("_base", "_extended", "_first", "_items", "_limits", "_size")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._items: list[Item] = []
        self._first = 0
        self._size = 0
        self._base = _Encoded(_in_base_words)
        self._extended = _Encoded(_in_words)

    @property
    def end(self) -> int:
        """The position after the newest item."""
        return self._first + len(self._items)

    @property
    def start(self) -> int:
        """The position of the oldest item kept."""
        return self._first

    @property
    def size(self) -> int:
        """About how many octets of memory it takes, rather too many than too few."""
        return self._size + self._base.size + self._extended.size

    def extend(self, items: Sequence[Item]) -> None:
        """Put *items* at the end."""
        self._items += items
        self._size += _size(items)

    def trim(self, slowest: int) -> None:
        """Let go of what is beyond the bounds.

        Above ``window_entries`` whatever *slowest*, the least cursor, has behind it goes; above
        ``window_bytes`` the oldest goes, whoever still wanted it.
        """
        spare = len(self._items) - self._limits.window_entries
        if spare > 0 and slowest > self._first:
            self._let_go(min(spare, slowest - self._first))
        if (excess := self.size - self._limits.window_bytes) > 0:
            self._let_go(self._oldest_of(excess))

    def slice(self, start: int, until: int, *, base: bool) -> tuple[bytes, int]:
        """Return the frames from *start* on, about a slice, and the position after them.

        At most up to *until*, in the words of the base protocol or of the extension.
        """
        frames = self._frames(start, until, base=base)
        size = self._limits.slice_bytes
        if sum(map(len, frames)) > size * SLACK:
            ends = list(accumulate(map(len, frames)))
            del frames[bisect_left(ends, size) + 1 :]
        return b"".join(frames), start + len(frames)

    def slice_for(self, peer: Peer, start: int, until: int) -> tuple[bytes, int]:
        """Return what ``slice`` does, without those of its own words that *peer* is not sent."""
        until = min(until, start + self._limits.window_entries)
        items = self._items[start - self._first : until - self._first]
        heard = [_is_heard(item, peer) for item in items]
        frames = self._frames(start, until, base=peer.is_base)
        return b"".join(compress(frames, heard)), start + len(frames)

    def _oldest_of(self, size: int) -> int:
        """Return how many of the oldest items take *size* octets or a little more."""
        dialects = (self._base, self._extended)
        for position, item in enumerate(self._items, self._first):
            if size <= 0:
                return position - self._first
            size -= _size([item]) + sum(d.size_between(position, position + 1) for d in dialects)
        return len(self._items)

    def _let_go(self, oldest: int) -> None:
        """Let go of so many of the oldest items."""
        self._size -= _size(self._items[:oldest])
        del self._items[:oldest]
        self._first += oldest
        self._base.forget_before(self._first)
        self._extended.forget_before(self._first)

    def _frames(self, start: int, until: int, *, base: bool) -> list[bytes]:
        encoded = self._base if base else self._extended
        return encoded.between(start, until, self._items, self._first)


class _Encoded:
    """What of a window is encoded in the words of one dialect: a run of items without holes.

    Attributes:
        size: octets of memory that its frames take.
    """

    __slots__ = ("_encode", "_frames", "_start", "size")

    def __init__(self, encode: Callable[[Sequence[Item]], list[bytes]]) -> None:
        self._encode = encode
        self._frames: list[bytes] = []
        self._start = 0
        self.size = 0

    def between(self, start: int, until: int, items: list[Item], first: int) -> list[bytes]:
        """Return the frames of *start* up to *until*; *first* is the position of items[0]."""
        end = self._start + len(self._frames)
        if start > end:
            self._frames, self._start, end, self.size = [], start, start, 0
        if start < self._start:
            self._frames[:0] = self._encoded(items[start - first : self._start - first])
            self._start = start
        if until > end:
            self._frames += self._encoded(items[end - first : until - first])
        return self._frames[start - self._start : until - self._start]

    def size_between(self, start: int, until: int) -> int:
        """Return how many octets of memory the frames from *start* up to *until* take."""
        begin = self._start
        return _frames_size(self._frames[max(0, start - begin) : max(0, until - begin)])

    def forget_before(self, position: int) -> None:
        """Let go of the frames before *position*."""
        if position > self._start:
            gone = self._frames[: position - self._start]
            del self._frames[: len(gone)]
            self.size -= _frames_size(gone)
            self._start = position

    def _encoded(self, items: Sequence[Item]) -> list[bytes]:
        frames = self._encode(items)
        self.size += _frames_size(frames)
        return frames


def _frames_size(frames: Sequence[bytes]) -> int:
    return sum(map(len, frames)) + FRAME * len(frames)


def _size(items: Sequence[Item]) -> int:
    """About how many octets *items* hold in memory, their frames aside."""
    size = OVERHEAD * len(items)
    for item in items:
        if type(item) is Entry:
            text = item.draft.message
            size += len(text) if text.isascii() else WIDEST * len(text)
    return size


def _is_heard(item: Item, peer: Peer) -> bool:
    """Return whether *peer* is sent *item*: all but some of its own words.

    A peer that shows what it types is spared its echo; the author of a message that was not kept
    was told so instead.
    """
    if not isinstance(item, Entry) or item.draft.conn != peer.conn:
        return True
    return not peer.deaf_to_self and (peer.is_base or item.seq > 0)


def _in_words(items: Sequence[Item]) -> list[bytes]:
    """Return each item's frame as extended peers are told of it."""
    return encode_frames(item.packet() if isinstance(item, Entry) else item for item in items)


def _in_base_words(items: Sequence[Item]) -> list[bytes]:
    """Return what base peers are told of each item; empty where they have no word for it."""
    said = [item.base_packet() if isinstance(item, Entry) else None for item in items]
    words = [packet for packet in said if packet is not None]
    if len(words) == len(items):
        return encode_frames(words)
    return [
        encode_frame(packet) if packet is not None else _presence(item)
        for packet, item in zip(said, items, strict=True)
    ]


def _presence(item: Item) -> bytes:
    match item:
        case Join(nick):
            return encode_frame(Join(nick))
        case Leave(nick):
            return encode_frame(Leave(nick))
        case NickChange(nick, to):
            return encode_frame(Leave(nick)) + encode_frame(Join(to))
        case _:
            return b""  # a topic, say
