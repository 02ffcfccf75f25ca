"""A port that remembers what was wanted, and events that a test hands out one by one."""

import asyncio
from types import SimpleNamespace

from chatctl.errors import ChatError
from chatctl.session.client.events import Delivery, Joined, Negotiated, Page, Receipt, Said, Saying
from chatctl.tui.screen.app import ChatApp
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.looks import Looks
from chatctl.tui.screen.talking import FIRST_PAGE
from chatctl.wire.packets import AskHistory

NOON = 1_795_348_800.0


class FakePort:
    """Says back at once, as pending, whatever it is told to say."""

    def __init__(self):
        self.queue = asyncio.Queue()
        self.wanted = []
        self.count = 0
        self.recording = False
        self.most = 4096
        self.linkless = False
        self.first = {AskHistory("lobby", limit=FIRST_PAGE): ()}

    async def events(self):
        while (event := await self.queue.get()) is not None:
            if isinstance(event, ChatError):
                raise event
            yield [event]

    def tell(self, *events):
        for event in events:
            self.queue.put_nowait(event)

    def _id(self):
        self.count += 1
        return f"id{self.count}"

    def say(self, text, room="lobby", how=Saying.CHAT):
        key = self._id()
        self.wanted.append(("say", text, room))
        self.tell(Said("alice", text, room, how, id=key, own=True, state=Delivery.PENDING))
        return key

    def ask(self, question):
        if question in self.first:
            self.tell(Page(question.room, self.first[question], more=True, id="first"))
            return "first"
        self.wanted.append(question)
        return self._id()

    def retry(self, key):
        self.wanted.append(("retry", key))
        self.tell(Receipt(key, Delivery.PENDING))
        return True

    def too_long(self, text):
        return "too long" * (len(text) > self.most)

    def try_now(self):
        self.wanted.append("try_now")
        return self.linkless

    def raw(self, *, wanted):
        self.wanted.append(("raw", wanted))

    def record(self, file):
        self.recording = file is not None
        self.wanted.append(("record", file))

    def mark(self, text):
        self.wanted.append(("mark", text))
        return self.recording

    def close(self, reason=""):
        self.wanted.append(("close", reason))
        self.tell(None)


def started(remembered=None, **looks):
    """Return an app that is alice in the lobby, its port and its clock."""
    clock = SimpleNamespace(now=NOON)
    port = FakePort()
    talk = Conversations("alice", lambda: clock.now)
    app = ChatApp(
        talk,
        port,
        server="127.0.0.1:3490",
        looks=Looks(**looks),
        remembered=remembered,
    )
    port.tell(Negotiated("alice", True), Joined("alice", own=True))
    return SimpleNamespace(app=app, port=port, clock=clock, talk=talk)


async def settle(chat, pilot):
    """Let everything told be taken in and drawn: until three looks in a row see no change."""
    quiet, before = 0, None
    while quiet < 3:
        await pilot.pause()
        now = (chat.port.queue.qsize(), chat.talk.changes, len(chat.port.wanted))
        quiet = quiet + 1 if now == before and not now[0] else 0
        before = now
    chat.app.chat.draw()
    await pilot.pause()


def screen(app):
    """Return the whole screen as lines of text."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]
