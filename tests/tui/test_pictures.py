"""Pictures of the full screen. After a wanted change: pytest --snapshot-update, and look."""

import pytest

from chatctl.capture.replay.scenes import Scene
from chatctl.session.client.events import (
    Delivery,
    Hole,
    Joined,
    Lag,
    LinkLost,
    Negotiated,
    RawPacket,
    Receipt,
    Said,
    Saying,
    TopicIs,
)
from chatctl.tui.screen.program import Program
from chatctl.tui.screen.watching import Show, Watching
from chatctl.wire.packets import Direction
from tests.tui.fakes import NOON, settle, started

TALK = (
    Joined("bob"),
    Joined("日本太郎"),
    TopicIs("lobby", "release on friday", "bob", 1),
    Said("bob", "hi everyone!", seq=2),
    Said("日本太郎", "全角文字の幅を正しく計算しないと右端がずれます。" * 2, seq=3),
    Said("bob", "alice: ping, can you look? \x1b[31mevil[/]", seq=4),
    Hole("lobby", 5, 18, "connection lost"),
    Said("bob", "x", "ops"),
    Said("alice", "on it", id="a", own=True, state=Delivery.PENDING),
    Receipt("a", Delivery.CONFIRMED, seq=19),
    Said("alice", "this has no answer yet", id="b", own=True, state=Delivery.PENDING),
    Said("alice", "this one failed", id="c", own=True, state=Delivery.PENDING),
    Receipt("c", Delivery.FAILED, reason="nick muted"),
    Lag(0.012),
)


@pytest.fixture
def picture(snap_compare):
    def compare(size, *keys, more=(), **looks):
        chat = started(**looks)

        async def prepare(pilot):
            chat.app.chat.composer.cursor_blink = False
            chat.port.tell(*TALK, *more)
            await settle(chat, pilot)
            await pilot.press(*keys)
            await settle(chat, pilot)

        return snap_compare(chat.app, terminal_size=size, run_before=prepare)

    return compare


NEWS = (
    Negotiated("alice", True, "chatctl 0.1.0"),
    Said("bob", "alice: have a look", "dev"),
    Said("carol", "psst", "@carol", Saying.DIRECT),
    Said("alice", "lost", "ops", id="z", own=True, state=Delivery.PENDING),
    Receipt("z", Delivery.FAILED, room="ops"),
)


def test_small_and_dark(picture):
    assert picture((80, 24))


def test_wide_and_light_with_a_lost_link(picture):
    assert picture((140, 40), more=[LinkLost("reset", 3.0)], theme="textual-light")


def test_help(picture):
    assert picture((100, 30), "f1")


def test_packets(picture):
    raw = RawPacket(Direction.TO_CLIENT, b'{"type":"chat","nick":"bob","message":"hi"}')
    assert picture((120, 24), "f9", more=[raw])


def test_completion(picture):
    assert picture((60, 16), "slash", "r", "e", "tab")


def test_find(picture):
    assert picture((80, 16), "ctrl+f", *"bob", "enter", "enter")


def test_rooms_and_people_with_news(picture):
    assert picture((110, 18), more=NEWS, theme="mono")


def test_bare(picture):
    assert picture((60, 16), "f7")


def test_replay(snap_compare):
    scenes = [Scene(12.0 * number, event) for number, event in enumerate(TALK[:6])]
    show = Show(scenes, "alice", NOON, marks=((30.0, "here it begins"),))
    watching = Watching(show, paused=True)

    async def prepare(pilot):
        await pilot.press("end", "left")
        await pilot.pause()

    assert snap_compare(Program(watching), terminal_size=(80, 16), run_before=prepare)
