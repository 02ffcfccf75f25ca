"""Every adapter of the log, driven the same way: ``log.append`` and ``log.read`` that wait."""

import queue

import pytest

from chatctl.log.memory import MemoryLog
from chatctl.log.sqlite import SqliteLog
from chatctl.session.entries import Draft, EntryKind

WAIT = 30


class Waiting:
    """A log whose answers are waited for, and the history's events."""

    def __init__(self, make):
        self._calls = queue.SimpleQueue()
        self.events = []
        self.log = make(self._calls.put, lambda event, fields: self.events.append((event, fields)))

    def append(self, *drafts):
        return self._answer(lambda answered: self.log.append(drafts, answered))

    def read(self, query):
        return self._answer(lambda answered: self.log.read(query, answered))

    def settle(self):
        """Run the calls that came from other threads so far."""
        while not self._calls.empty():
            self._calls.get()()

    def _answer(self, ask):
        answers = []
        ask(answers.append)
        while not answers:
            self._calls.get(timeout=WAIT)()
        return answers[0]

    def close(self):
        self.log.close()
        self.settle()


def draft(message="hi", log="lobby", kind=EntryKind.CHAT, **members):
    return Draft(
        log, kind, members.pop("nick", "alice"), message, members.pop("time", 1), **members
    )


@pytest.fixture
def new():
    return draft


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.sqlite"


@pytest.fixture
def open_history(path):
    """Return what opens the history file; all are closed at the end."""
    opened = []

    def open_(**how):
        log = Waiting(lambda post, noticed: SqliteLog(path, post, noticed=noticed, **how))
        opened.append(log)
        return log

    yield open_
    for log in opened:
        if log.log._threads[0].is_alive():
            log.close()


@pytest.fixture(params=["memory", "sqlite"])
def log(request, open_history):
    if request.param == "sqlite":
        return open_history()
    return Waiting(lambda *_: MemoryLog())
