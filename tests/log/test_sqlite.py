"""The history file: restarts, damage, a full disk, other people's files, retention."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from chatctl.errors import HistoryError
from chatctl.log.retention import Retention
from chatctl.log.schema import STEPS
from chatctl.session.entries import Query


def seqs(page):
    return [entry.seq for entry in page.entries]


def test_everything_is_there_after_a_restart(open_history, new):
    before = open_history()
    secret = before.log.secret()
    before.append(new("a"), new("b"))
    before.close()
    after = open_history()
    assert after.log.secret() == secret
    assert seqs(after.read(Query("lobby", 0, 0, 10))) == [1, 2]
    (entry,) = after.append(new("c"))
    assert entry.seq == 3


def test_the_file_is_for_its_owner_alone(open_history, path):
    open_history()
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_servers_cannot_share_a_file(open_history):
    open_history()
    with pytest.raises(HistoryError, match="another server uses"):
        open_history()


def test_an_open_history_leaves_only_its_own_files(open_history, path, new):
    history = open_history()
    history.append(new("hi"))
    assert {file.name for file in path.parent.iterdir()} == {
        path.name + suffix for suffix in ("", "-wal", "-shm")
    }
    history.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_of_another_program_is_left_alone(open_history, path):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE recipes (name)")
    db.close()
    with pytest.raises(HistoryError, match="another program"):
        open_history()


def test_a_file_that_is_no_database_is_named(open_history, path):
    path.write_bytes(b"once upon a time" * 100)
    with pytest.raises(HistoryError, match="not a database"):
        open_history()


def test_a_file_of_a_newer_version_is_left_alone(open_history, path):
    open_history().close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    db.close()
    with pytest.raises(HistoryError, match="newer chatctl"):
        open_history()


def test_a_file_whose_tables_are_others_is_named_before_it_is_used(open_history, path):
    open_history().close()
    db = sqlite3.connect(path)
    db.execute("ALTER TABLE entry RENAME COLUMN key TO seq")
    db.close()
    with pytest.raises(HistoryError, match=r"cannot use .* no such column: key"):
        open_history()


def test_a_file_that_cannot_be_opened_is_named(open_history, path):
    path.mkdir()
    with pytest.raises(HistoryError, match="cannot use"):
        open_history()


def test_a_flipped_bit_in_a_message_is_named_and_the_rest_served(open_history, path, new):
    history = open_history()
    history.append(*(new(f"message {number}") for number in range(1, 6)))
    history.close()
    octets = path.read_bytes()
    path.write_bytes(octets.replace(b"message 3", b"message s"))
    history = open_history()
    assert seqs(history.read(Query("lobby", 0, 0, 10))) == [1, 2, 4, 5]
    assert history.events == [("history.damaged", {"log": "lobby", "seq": 3})]


def test_a_wrecked_page_is_stepped_over(open_history, path, new):
    history = open_history()
    history.append(*(new("x" * 500) for _ in range(200)))
    history.close()
    octets = bytearray(path.read_bytes())
    middle = octets.index(b"x" * 500, len(octets) // 2) // 4096 * 4096
    octets[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(octets)
    history = open_history()
    served = seqs(history.read(Query("lobby", 0, 0, 500)))
    assert 150 < len(served) < 200
    assert served == sorted(served)
    lost = {fields["seq"] for event, fields in history.events if event == "history.damaged"}
    assert lost == set(range(1, 201)) - set(served)


class Full:
    """A database whose commits fail while the disk is full."""

    def __init__(self, db):
        self.db = db
        self.full = False

    def __getattr__(self, name):
        return getattr(self.db, name)

    def execute(self, sql, *args):
        if self.full and sql == "COMMIT":
            raise sqlite3.OperationalError("database or disk is full")
        return self.db.execute(sql, *args)


def test_a_full_disk_fails_the_batch_and_not_the_log(open_history, new):
    history = open_history()
    disk = history.log._db = Full(history.log._db)
    history.append(new("a"))
    disk.full = True
    assert [entry.seq for entry in history.append(new("b"), new("c"))] == [0, 0]
    assert [entry.seq for entry in history.append(new("d"))] == [0]
    disk.full = False
    assert [entry.seq for entry in history.append(new("e"))] == [2]
    history.settle()
    assert history.events == [
        ("history.failed", {"reason": "database or disk is full"}),
        ("history.recovered", {}),
    ]
    assert [e.draft.message for e in history.read(Query("lobby", 0, 0, 9)).entries] == ["a", "e"]


def test_a_quota_of_pages_is_a_full_disk(open_history, new):
    history = open_history()
    (pages,) = history.log._db.execute("PRAGMA page_count").fetchone()
    history.log._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    kept = [history.append(new("x" * 4000))[0].seq for _ in range(10)]
    assert kept[0] == 1
    assert kept[-1] == 0


def test_what_is_too_old_goes(open_history, new):
    history = open_history()
    history.append(*(new("ancient", time=number) for number in range(1, 6)))
    history.close()
    history = open_history(retention=Retention(days=1))
    history.append(new("now", time=2**52))
    history.close()
    history = open_history()
    assert seqs(history.read(Query("lobby", 0, 0, 10))) == [6]


def test_the_oldest_go_when_the_file_is_too_large(open_history, new):
    history = open_history()
    for hundred in range(10):
        history.append(*(new("x" * 1000, time=hundred * 100 + number) for number in range(100)))
    history.close()
    history = open_history(retention=Retention(size=512 * 1024))
    history.append(new("x", time=2000))
    history.close()
    history = open_history()
    kept = seqs(history.read(Query("lobby", 0, 0, 2000)))
    assert 200 < len(kept) < 600
    assert kept == list(range(kept[0], 1002))


def test_what_was_committed_survives_kill_9(path, open_history):
    program = textwrap.dedent(
        """
        import queue, sys
        from pathlib import Path
        from chatctl.log.sqlite import SqliteLog
        from chatctl.session.entries import Draft, EntryKind

        calls = queue.SimpleQueue()
        log = SqliteLog(Path(sys.argv[1]), calls.put)
        for number in range(100_000):
            done = []
            log.append([Draft("lobby", EntryKind.CHAT, "alice", "x", number)], done.extend)
            while not done:
                calls.get()()
            print(done[0].seq, flush=True)
        """
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        seen = [int(process.stdout.readline()) for _ in range(200)]
        os.kill(process.pid, signal.SIGKILL)
        seen += [int(line) for line in process.stdout.read().split("\n")[:-1]]
    history = open_history()
    kept = seqs(history.read(Query("lobby", 0, 0, 100_000)))
    assert kept[: len(seen)] == seen
