"""A room: its members, each a cursor in the room's window, and the order of what comes into it.

A message that waits for its log holds back whatever came after it, so nobody is seen leaving
before the words they left with.
"""

from collections import deque

from chatctl.session.entries import Entry, EntryKind
from chatctl.session.limits import Limits
from chatctl.session.server.peer import Flock, Member
from chatctl.session.server.window import Presence, Window

_TOPIC = EntryKind.TOPIC


class Room:
    """A room, or the pair of sessions of a direct conversation.

    Attributes:
        key: the log's key.
        name: the name its members know; of a direct conversation empty.
        members: by connection.
        flocks: nearly all members, those who stand where others do; by whether they are base peers.
        window: the live stream.
        last: the seq of the newest message in the log.
        topic: the newest topic's entry.
        moved: when the stream last grew.
        spoken: the position after the newest message, whether or not the log has answered for it.
        unstored: the position after the newest message its log could not keep.
    """

    def __init__(self, key: str, limits: Limits) -> None:
        self.key = key
        self.name = "" if key.startswith("@") else key
        self.members: dict[int, Member] = {}
        self.flocks = {base: Flock() for base in (True, False)}
        self.window = Window(limits)
        self.last = 0
        self.topic: Entry | None = None
        self.moved = 0.0
        self.spoken = 0
        self.unstored = 0
        self._expected = 0
        self._behind: deque[tuple[int, Presence]] = deque()

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost by forgetting the room: the log has all of it."""
        return not (self.members or self._expected)

    def expect(self, entries: int) -> None:
        """Keep places in the stream for messages that are on their way through the log."""
        self._expected += entries
        self.spoken = self.next_position()

    def present(self, packet: Presence, now: float) -> None:
        """Tell the members of a presence change, behind all messages said before it."""
        if self._expected:
            self._behind.append((self.next_position(), packet))
        else:
            self.window.extend([packet])
            self.moved = now

    def arrived(self, entries: list[Entry], now: float) -> None:
        """Put messages that came out of the log into the places kept for them."""
        self._expected -= len(entries)
        self.moved = now
        window, behind, start = self.window, self._behind, 0
        while behind and (ahead := behind[0][0] - window.end) <= len(entries) - start:
            window.extend([*entries[start : start + ahead], behind.popleft()[1]])
            start += ahead
        window.extend(entries[start:] if start else entries)
        for entry in entries:
            if entry.draft.kind is _TOPIC:
                self.topic = entry
        seqs = [entry.seq for entry in entries]
        self.last = max(self.last, *seqs)
        if 0 in seqs:
            self.unstored = window.end

    def next_position(self) -> int:
        """The position the next ``present`` will have."""
        return self.window.end + self._expected + len(self._behind)

    def stragglers(self) -> list[Member]:
        """Return the members who stand by themselves."""
        if sum(len(flock.members) for flock in self.flocks.values()) == len(self.members):
            return []
        return [member for member in self.members.values() if member.flock is None]

    def slowest(self) -> int:
        """The least cursor of all members that did not fall off; the end where there is none."""
        cursors = [flock.cursor for flock in self.flocks.values() if flock.members]
        cursors += [member.cursor for member in self.stragglers()]
        start = self.window.start
        return min((cursor for cursor in cursors if cursor >= start), default=self.window.end)


def nicks_of(room: Room) -> list[str]:
    """Return the nicks of *room* in the order of their lower case."""
    staying = (m.peer.nick for m in room.members.values() if m.last_position < 0)
    return sorted(staying, key=str.lower)
