"""The log on disk: one SQLite file in WAL mode, one thread that writes, one that reads.

All batches that wait are one transaction, so a pass of the loop is one commit, and passes that
pile up behind a slow disk share one. ``committed`` is called when the commit is done: what was
acknowledged survives a kill of the process (with ``full_sync``, a loss of power). A full disk
fails the batch, not the log: the next batch tries again.
"""

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import BinaryIO

from chatctl.errors import HistoryError
from chatctl.log.pages import Pages
from chatctl.log.port import OnCommitted, OnPage
from chatctl.log.retention import Retention
from chatctl.log.schema import Row, checksum, connect, key_of
from chatctl.session.entries import Draft, Entry, EntryKind, LogState, Query

SECRET_SIZE = 32
BATCH = 20_000
AT_ONCE = 50
_VALUES = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT = f"INSERT INTO entry VALUES {_VALUES}"  # noqa: S608
_INSERT_MANY = f"INSERT INTO entry VALUES {', '.join([_VALUES] * AT_ONCE)}"  # noqa: S608
_KINDS = {kind: kind.value for kind in EntryKind}

Post = Callable[[Callable[[], None]], object]
Job = tuple[Sequence[Draft], OnCommitted]


def _unheard(_event: str, _fields: dict[str, object]) -> None:
    return


class SqliteLog:
    """Keeps all entries in *path*.

    Args:
        path: the history file; made, with mode 0600, if it is not there.
        post: runs a callable on the thread that asked, ``loop.call_soon_threadsafe`` say.
        full_sync: whether a commit waits for the disk itself.
        retention: what may be thrown away.
        noticed: told of what operators have to know: an event's name and its fields.

    Raises:
        HistoryError: the file cannot be used, or another process uses it.
    """

    def __init__(
        self,
        path: Path,
        post: Post,
        *,
        full_sync: bool = False,
        retention: Retention | None = None,
        noticed: Callable[[str, dict[str, object]], None] = _unheard,
    ) -> None:
        self._post = post
        self._noticed = noticed
        self._lock = _lock(path)
        try:
            self._db = connect(path, full_sync=full_sync)
            self._pages = Pages(connect(path, full_sync=False), self._damaged)
        except HistoryError:
            self._lock.close()
            raise
        path.chmod(0o600)
        self._retention = retention or Retention()
        self._ids: dict[str, int] = {}
        self._last: dict[str, int] = {}
        for number, name, last in self._db.execute("SELECT id, name, last FROM room"):
            self._ids[name], self._last[name] = number, last
        self._failing = False
        self.commit_seconds = 0.0
        self.commits = 0
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._reads: SimpleQueue[tuple[Query, OnPage] | None] = SimpleQueue()
        self._threads = [
            Thread(target=self._write_all, name="log-writer"),
            Thread(target=self._read_all, name="log-reader"),
        ]
        for thread in self._threads:
            thread.start()

    # ------------------------------------------------------------ the port

    def secret(self) -> bytes:
        """Return the key that signs resume tokens, made when the file was."""
        row = self._db.execute("SELECT value FROM secret").fetchone()
        if row is None:
            row = (secrets.token_bytes(SECRET_SIZE),)
            self._db.execute("INSERT INTO secret VALUES (?)", row)
        value: bytes = row[0]
        return value

    def states(self) -> list[LogState]:
        """Return what is known of each room."""
        columns = "name, last, topic, topic_nick, topic_seq, topic_time"
        states = []
        for name, last, topic, nick, seq, time in self._db.execute(f"SELECT {columns} FROM room"):  # noqa: S608
            draft = Draft(name, EntryKind.TOPIC, nick, topic, time)
            states.append(LogState(name, last, Entry(seq, draft) if seq else None))
        return states

    def recent(self, since: int) -> list[Entry]:
        """Return the entries with an id of their author, of *since* (milliseconds) or later."""
        rooms = self._last.items()
        return [e for name, last in rooms for e in self._pages.since(name, last, since)]

    def append(self, drafts: Sequence[Draft], committed: OnCommitted) -> None:
        """Keep *drafts*; *committed* is called, on the caller's thread, when they are committed."""
        self._jobs.put((drafts, committed))

    def read(self, query: Query, answered: OnPage) -> None:
        """Call *answered*, on the caller's thread, with the page *query* asks for."""
        self._reads.put((query, answered))

    def close(self) -> None:
        """Commit what was asked for, and close the file."""
        self._jobs.put(None)
        self._reads.put(None)
        for thread in self._threads:
            thread.join()
        self._pages.close()
        self._db.close()
        self._lock.close()

    # ------------------------------------------------------------ the writing thread

    def _write_all(self) -> None:
        while (job := self._jobs.get()) is not None:
            jobs = [job]
            ends = self._gather(jobs)
            self._write(jobs)
            self._keep_within()
            if ends:
                return

    def _gather(self, jobs: list[Job]) -> bool:
        """Add what else waits to *jobs*; return whether the end was found among it."""
        size = len(jobs[0][0])
        while size < BATCH:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return False
            if job is None:
                return True
            jobs.append(job)
            size += len(job[0])
        return False

    def _write(self, jobs: list[Job]) -> None:
        began = monotonic()
        last = dict(self._last)
        batches = [[_numbered(draft, last) for draft in drafts] for drafts, _ in jobs]
        try:
            self._commit([entry for batch in batches for entry in batch], last)
            self._last = last
            self._recovered()
        except sqlite3.Error as error:
            self._failed(str(error))
            batches = [[Entry(0, entry.draft) for entry in batch] for batch in batches]
        self.commit_seconds += monotonic() - began
        self.commits += 1
        for (_, committed), batch in zip(jobs, batches, strict=True):
            self._post(lambda committed=committed, batch=batch: committed(batch))  # type: ignore[misc]

    def _commit(self, entries: list[Entry], last: dict[str, int]) -> None:
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            for name in {entry.draft.log for entry in entries}:
                self._ids[name] = self._room(name)
                db.execute("UPDATE room SET last = ? WHERE id = ?", (last[name], self._ids[name]))
            self._insert([self._row(entry) for entry in entries])
            for entry in entries:
                if entry.draft.kind is EntryKind.TOPIC:
                    self._keep_topic(entry)
            db.execute("COMMIT")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def _insert(self, rows: list[Row]) -> None:
        """Insert *rows*, many with each statement: each lets the loop's thread in between."""
        whole = len(rows) - len(rows) % AT_ONCE
        for start in range(0, whole, AT_ONCE):
            columns = chain.from_iterable(rows[start : start + AT_ONCE])
            self._db.execute(_INSERT_MANY, tuple(columns))
        self._db.executemany(_INSERT, rows[whole:])

    def _room(self, name: str) -> int:
        db = self._db
        db.execute("INSERT OR IGNORE INTO room (name) VALUES (?)", (name,))
        number: int = db.execute("SELECT id FROM room WHERE name = ?", (name,)).fetchone()[0]
        return number

    def _row(self, entry: Entry) -> Row:
        d = entry.draft
        row = (
            *(key_of(self._ids[d.log], entry.seq), d.time, _KINDS[d.kind]),
            *(d.nick, d.message, d.session, d.id, d.to, 0),
        )
        return (*row[:-1], checksum(row))

    def _keep_topic(self, entry: Entry) -> None:
        d = entry.draft
        self._db.execute(
            "UPDATE room SET topic = ?, topic_nick = ?, topic_seq = ?, topic_time = ? WHERE id = ?",
            (d.message, d.nick, entry.seq, d.time, self._ids[d.log]),
        )

    def _keep_within(self) -> None:
        try:
            self._retention.apply(self._db, monotonic())
        except sqlite3.Error as error:
            self._failed(str(error))

    def _failed(self, reason: str) -> None:
        if not self._failing:
            self._failing = True
            self._notice("history.failed", {"reason": reason})

    def _recovered(self) -> None:
        if self._failing:
            self._failing = False
            self._notice("history.recovered", {})

    # ------------------------------------------------------------ the reading thread

    def _read_all(self) -> None:
        while (read := self._reads.get()) is not None:
            query, answered = read
            page = self._pages.read(query)
            self._post(lambda answered=answered, page=page: answered(page))  # type: ignore[misc]

    def _damaged(self, log: str, seq: int) -> None:
        self._notice("history.damaged", {"log": log, "seq": seq})

    def _notice(self, event: str, fields: dict[str, object]) -> None:
        self._post(lambda: self._noticed(event, fields))


def _numbered(draft: Draft, last: dict[str, int]) -> Entry:
    seq = last[draft.log] = last.get(draft.log, 0) + 1
    return Entry(seq, draft)


def _lock(path: Path) -> BinaryIO:
    """Return *path* open and locked, which says that this process uses it.

    ``flock`` does not meet SQLite's own locks. Closing the file would drop those, so it is closed
    last of all.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb")
    except OSError as error:
        raise HistoryError(f"cannot use {path} as the history: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise HistoryError(f"another server uses the history {path}") from None
    return lock
