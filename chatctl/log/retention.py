"""What the history may lose: messages older than an age, and the oldest when it grows too large."""

import sqlite3
import time
from dataclasses import dataclass

from chatctl.log.schema import key_of

EVERY = 60.0
DAY_MS = 86_400_000
SLICE = 0.1


@dataclass(slots=True)
class Retention:
    """Bounds of the history; 0 for none.

    Attributes:
        days: entries older than this go.
        size: octets; above it the oldest entries of all rooms go.
    """

    days: float = 0
    size: int = 0
    _applied: float = float("-inf")

    def apply(self, db: sqlite3.Connection, now: float) -> None:
        """Delete what is over the bounds, at most once a minute (*now*: monotonic seconds)."""
        if not (self.days or self.size) or now - self._applied < EVERY:
            return
        self._applied = now
        if self.days:
            _forget_before(db, int(time.time() * 1000 - self.days * DAY_MS))
        while self.size and _used(db) > self.size and _forget_oldest(db):
            pass


def _used(db: sqlite3.Connection) -> int:
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    (free,) = db.execute("PRAGMA freelist_count").fetchone()
    (size,) = db.execute("PRAGMA page_size").fetchone()
    used: int = (pages - free) * size
    return used


def _forget_oldest(db: sqlite3.Connection) -> bool:
    """Delete about a tenth of the time the history spans; return whether anything went."""
    rooms = db.execute("SELECT id FROM room").fetchall()
    times = [
        row[0]
        for (room,) in rooms
        for order in ("ASC", "DESC")
        for row in db.execute(
            f"SELECT time FROM entry WHERE key > ? AND key < ? ORDER BY key {order} LIMIT 1",  # noqa: S608
            (key_of(room, 0), key_of(room + 1, 0)),
        )
    ]
    if not times:
        return False
    oldest, newest = min(times), max(times)
    return _forget_before(db, oldest + int((newest - oldest) * SLICE) + 1)


def _forget_before(db: sqlite3.Connection, cutoff: int) -> bool:
    """Delete the entries of before *cutoff* (milliseconds); return whether there were any.

    Time never decreases along a room's seqs, so only what goes is looked at.
    """
    changes = db.total_changes
    for (room,) in db.execute("SELECT id FROM room").fetchall():
        start, end = key_of(room, 0), key_of(room + 1, 0)
        first_kept = db.execute(
            "SELECT key FROM entry WHERE key > ? AND key < ? AND time >= ? ORDER BY key LIMIT 1",
            (start, end, cutoff),
        ).fetchone()
        if first_kept is not None:
            (end,) = first_kept
        db.execute("DELETE FROM entry WHERE key > ? AND key < ?", (start, end))
    db.execute("PRAGMA incremental_vacuum").fetchall()
    return db.total_changes > changes
