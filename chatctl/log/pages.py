"""Reading the history file: pages by cursor, each row checked, damage stepped over and named."""

import sqlite3
from collections.abc import Callable, Iterator

from chatctl.errors import HistoryError
from chatctl.log.schema import Row, checksum, key_of, seq_of
from chatctl.session.entries import Draft, Entry, EntryKind, Page, Query

_COLUMNS = "key, time, kind, nick, message, session, request, addressee, crc"
_FORWARD = f"SELECT {_COLUMNS} FROM entry WHERE key > ? AND key < ? ORDER BY key LIMIT ?"  # noqa: S608
_BACKWARD = _FORWARD.replace("ORDER BY key", "ORDER BY key DESC")
_ONE = f"SELECT {_COLUMNS} FROM entry WHERE key = ?"  # noqa: S608
CHUNK = 500


class Pages:
    """Reads entries over a connection of its own; tells *damaged* of each it had to leave out."""

    def __init__(self, db: sqlite3.Connection, damaged: Callable[[str, int], None]) -> None:
        self._db = db
        self._damaged = damaged

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def read(self, query: Query) -> Page | HistoryError:
        """Return the page *query* asks for."""
        try:
            known = self._db.execute("SELECT id, last FROM room WHERE name = ?", (query.log,))
            row = known.fetchone()
            if row is None:
                return Page((), more=False, reached=max(query.after, query.before - 1))
            room, last = row
            before = min(query.before or last + 1, last + 1)
            return self._page(query, room, before)
        except sqlite3.Error as error:
            return HistoryError(f"the history cannot be read: {error}")

    def since(self, log: str, last: int, time: int) -> Iterator[Entry]:
        """Yield the entries of *log* with an id, from *time* (milliseconds) on, newest first."""
        while last > 0:
            page = self.read(Query(log, 0, last + 1, CHUNK, newest=True))
            if isinstance(page, HistoryError) or not page.entries:
                return
            for entry in reversed(page.entries):
                if entry.draft.time < time:
                    return
                if entry.draft.id:
                    yield entry
            last = page.entries[0].seq - 1

    def _page(self, query: Query, room: int, before: int) -> Page:
        statement = _BACKWARD if query.newest else _FORWARD
        try:
            bounds = (key_of(room, query.after), key_of(room, before), query.limit + 1)
            rows = self._db.execute(statement, bounds).fetchall()
        except sqlite3.DatabaseError:
            rows = self._one_by_one(query, room, before)
        more = len(rows) > query.limit
        rows = rows[: query.limit]
        reached = seq_of(rows[-1][0]) if rows and not query.newest and more else before - 1
        if query.newest:
            rows.reverse()
        entries = tuple(entry for row in rows if (entry := self._entry(query.log, row)))
        return Page(entries, more, reached)

    def _one_by_one(self, query: Query, room: int, before: int) -> list[Row]:
        """Read around a part of the file that cannot be read."""
        rows: list[Row] = []
        seqs = range(query.after + 1, before)
        for seq in reversed(seqs) if query.newest else seqs:
            try:
                row = self._db.execute(_ONE, (key_of(room, seq),)).fetchone()
            except sqlite3.DatabaseError:
                self._damaged(query.log, seq)
                continue
            if row is not None:
                rows.append(row)
            if len(rows) > query.limit:
                break
        return rows

    def _entry(self, log: str, row: Row) -> Entry | None:
        try:
            sound = checksum(row) == row[-1]
            kind = EntryKind(row[2])
        except ValueError:
            sound, kind = False, EntryKind.CHAT
        if not sound:
            self._damaged(log, seq_of(row[0]))
            return None
        key, time, _, nick, message, session, request, to, _ = row
        return Entry(seq_of(key), Draft(log, kind, nick, message, time, 0, session, request, to))
