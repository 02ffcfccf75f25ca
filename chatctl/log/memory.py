"""The log in memory: for tests, demonstrations and ``serve --no-history``."""

import secrets
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count, groupby, islice
from operator import attrgetter

from chatctl.log.port import OnCommitted, OnPage
from chatctl.session.entries import Draft, Entry, EntryKind, LogState, Page, Query

SECRET_SIZE = 32
_TOPIC = EntryKind.TOPIC
_LOG_OF: Callable[[Draft], str] = attrgetter("log")


class MemoryLog:
    """Keeps the newest entries of each room, at most *keep* of them. Answers at once."""

    def __init__(self, keep: int = 2048, *, secret: bytes | None = None) -> None:
        self._keep = keep
        self._secret = secret or secrets.token_bytes(SECRET_SIZE)
        self._rooms: dict[str, deque[Entry]] = {}
        self._last: dict[str, int] = {}
        self._topics: dict[str, Entry] = {}

    def secret(self) -> bytes:
        """Return the key that signs resume tokens."""
        return self._secret

    def states(self) -> list[LogState]:
        """Return what is known of each room."""
        return [LogState(log, last, self._topics.get(log)) for log, last in self._last.items()]

    def recent(self, since: int) -> list[Entry]:
        """Return the entries with an id of their author, of *since* (milliseconds) or later."""
        entries = (entry for room in self._rooms.values() for entry in room)
        return [entry for entry in entries if entry.draft.id and entry.draft.time >= since]

    def append(self, drafts: Sequence[Draft], committed: OnCommitted) -> None:
        """Keep *drafts* and call *committed* with their entries."""
        entries: list[Entry] = []
        for log, run in groupby(drafts, _LOG_OF):
            new = list(map(Entry, count(self._last.get(log, 0) + 1), run))
            self._last[log] = new[-1].seq
            self._rooms.setdefault(log, deque(maxlen=self._keep)).extend(new)
            self._topics.update((log, e) for e in new if e.draft.kind is _TOPIC)
            entries += new
        committed(entries)

    def read(self, query: Query, answered: OnPage) -> None:
        """Call *answered* with the page *query* asks for."""
        room = self._rooms.get(query.log, deque())
        end = self._last.get(query.log, 0) + 1
        before = min(query.before or end, end)
        oldest = room[0].seq if room else before
        first = max(query.after + 1, oldest)
        count = max(0, before - first)
        more = count > query.limit
        if query.newest and more:
            first += count - query.limit
        start = first - oldest
        page = tuple(islice(room, start, start + min(count, query.limit)))
        answered(Page(page, more, page[-1].seq if page else before - 1))

    def close(self) -> None:
        """Do nothing: what is in memory ends with the process."""
