"""The history file: its schema, step by step, and the checks before it is used.

A step is never edited once released: a newer program brings an older file up to date by running
the steps it lacks, in order, each in a transaction; ``user_version`` counts those done.
"""

import sqlite3
import zlib
from pathlib import Path

from chatctl.errors import HistoryError
from chatctl.wire.codec import write_json

APPLICATION_ID = 0x63686174  # "chat"
STEPS = (
    """
    CREATE TABLE secret (value BLOB NOT NULL);
    CREATE TABLE room (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        last INTEGER NOT NULL DEFAULT 0,
        topic TEXT NOT NULL DEFAULT '',
        topic_nick TEXT NOT NULL DEFAULT '',
        topic_seq INTEGER NOT NULL DEFAULT 0,
        topic_time INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE entry (
        key INTEGER PRIMARY KEY,
        time INTEGER NOT NULL,
        kind TEXT NOT NULL,
        nick TEXT NOT NULL,
        message TEXT NOT NULL,
        session TEXT NOT NULL,
        request TEXT NOT NULL,
        addressee TEXT NOT NULL,
        crc INTEGER NOT NULL
    );
    """,
)
Row = tuple[int, int, str, str, str, str, str, str, int]
SEQ_BITS = 40


def key_of(room: int, seq: int) -> int:
    """Return the key of an entry: a room's entries lie together, in the order of their seqs."""
    return room << SEQ_BITS | seq


def seq_of(key: int) -> int:
    """Return the seq within its room of the entry *key*."""
    return key & (1 << SEQ_BITS) - 1


def connect(path: Path, *, full_sync: bool) -> sqlite3.Connection:
    """Return a connection to the history file *path*, made or brought up to date if need be.

    Raises:
        HistoryError: it cannot be opened, is something else, or was written by a newer version.
    """
    db = None
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA busy_timeout = 5000")
        _check(db, path)
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {'FULL' if full_sync else 'NORMAL'}")
        _migrate(db)
        db.execute("SELECT key, crc FROM entry LIMIT 0")  # not as late as the first message
    except (sqlite3.Error, HistoryError) as error:
        if db is not None:
            db.close()
        if isinstance(error, HistoryError):
            raise
        raise HistoryError(f"cannot use {path} as the history: {error}") from None
    return db


def _check(db: sqlite3.Connection, path: Path) -> None:
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if tables and application != APPLICATION_ID:
        raise HistoryError(f"{path} is a database of another program")
    if version > len(STEPS):
        raise HistoryError(
            f"{path} was written by a newer chatctl (schema {version}, known here: {len(STEPS)})"
        )


def _migrate(db: sqlite3.Connection) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    for number, step in enumerate(STEPS[version:], version + 1):
        db.executescript(
            f"BEGIN; {step}; PRAGMA application_id = {APPLICATION_ID};"
            f"PRAGMA user_version = {number}; COMMIT;"
        )


def checksum(row: Row) -> int:
    """Return the CRC-32 of the columns of *row* before its last, which keeps it."""
    return zlib.crc32(write_json(row[:-1]))
