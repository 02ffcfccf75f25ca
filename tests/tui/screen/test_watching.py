"""A recording on the full screen: what is shown when, and moving in time."""

import contextlib
import math
from dataclasses import replace

import pytest

from chatctl.capture.replay.scenes import Scene
from chatctl.session.client.events import Joined, Page, Said
from chatctl.tui.screen.keymap import keymap
from chatctl.tui.screen.looks import Looks
from chatctl.tui.screen.outside import Outside
from chatctl.tui.screen.program import Program
from chatctl.tui.screen.watching import Show, Watching
from tests.tui.fakes import NOON, screen

SHOW = Show(
    [
        Scene(0.0, Joined("alice", own=True)),
        Scene(30.0, Said("bob", "one")),
        Scene(60.0, Said("bob", "two")),
        Scene(90.0, Said("bob", "three")),
    ],
    nick="alice",
    start=NOON,
    marks=((60.0, "he\x1bre"), (95.0, "")),
)


@contextlib.asynccontextmanager
async def playing(speed=1.0, paused=True, **show):
    """Yield what presses keys and returns the words then shown; ``app`` and ``last`` line."""
    theatre = Program(Watching(replace(SHOW, **show), speed, paused=paused))
    async with theatre.run_test(size=(90, 20)) as pilot:

        async def press(*keys):
            await pilot.press(*keys)
            await pilot.pause()
            return [line.partition("│ ")[2] for line in screen(theatre) if "│ " in line]

        press.app = theatre
        press.last = lambda: screen(theatre)[-1]
        yield press


@pytest.fixture
async def play():
    async with playing() as press:
        yield press


async def test_words_that_call_the_person_do_so_in_a_replay_too():
    theatre = Program(Watching(SHOW, paused=True, looks=Looks(highlight=("two",), scrollback=500)))
    async with theatre.run_test() as pilot:
        for keys in (["end"], ["home", "end"]):
            await pilot.press(*keys)
            await pilot.pause()
            talk = theatre.chat.talk
            called = [row.text for row in talk.room.rows.backwards() if row.mention]
            assert (called, talk.room.rows.most) == (["two"], 500)


async def test_steps_go_both_ways(play):
    assert await play() == []
    assert await play("right", "right") == ["alice has joined the chat", "one"]
    assert await play("left") == ["alice has joined the chat"]
    assert await play("right", "right", "right", "right") == [
        "alice has joined the chat",
        *("one", "two", "three"),
    ]
    assert "ended" in play.last()


async def test_leaps_marks_and_ends(play):
    assert (await play("end"))[-1] == "three"
    assert (await play("home")) == ["alice has joined the chat"]
    assert (await play("m"))[-1] == "two"
    assert (await play("shift+right"))[-1] == "two"
    assert "1:10" in play.last()
    assert (await play("M"))[-1] == "two"
    assert (await play("shift+left"))[-1] == "one"


async def test_marks_are_seen_where_they_were_made(play):
    def across():
        return [line.strip("─ ") for line in screen(play.app) if "─ mark" in line]

    await play("right", "right")
    assert across() == []
    await play("right")
    assert across() == [r"mark: he\x1bre"]
    lines = screen(play.app)
    assert next(n for n, line in enumerate(lines) if "two" in line) == next(
        n + 1 for n, line in enumerate(lines) if "mark" in line
    )
    await play("right")
    assert across() == [r"mark: he\x1bre", "mark"]
    await play("left", "left")
    assert across() == []


async def test_a_leap_to_a_mark_shows_it_and_nothing_behind_it():
    async with playing(marks=[(45.0, "between")]) as play:
        assert await play("m") == ["alice has joined the chat", "one"]
        assert any("mark: between" in line for line in screen(play.app))
        await play("shift+left")
        assert not any("mark: between" in line for line in screen(play.app))
        assert await play("m", "m") == ["alice has joined the chat", "one"]
        assert "no mark there" in play.last()
        await play("left")
        assert "no mark" not in play.last()


async def test_rooms_are_gone_to_by_number_and_the_window_is_called_after_them():
    scenes = [*SHOW.scenes[:2], Scene(31.0, Said("bob", "alice: psst", "ops"))]
    async with playing(scenes=scenes) as play:
        written = []
        play.app.chat.outside = Outside(written.append)
        await play("end")
        assert written[-1] == "\x1b]2;(1) lobby - chatctl\x07"
        await play("left")
        assert written[-1] == "\x1b]2;lobby - chatctl\x07"
        assert (await play("end", "alt+2"))[-1] == "alice: psst"
        assert "\x07" not in written


async def test_a_page_of_the_history_is_put_before_what_had_come():
    entries = (Said("bob", "zero", seq=1), Said("bob", "one", seq=2))
    scenes = [Scene(0.0, Said("bob", "one", seq=2)), Scene(1.0, Page("lobby", entries, id="x"))]
    async with playing(scenes=scenes) as play:
        assert await play("end") == ["zero", "one"]


async def test_what_was_shown_without_pauses_can_be_seen_again():
    async with playing(speed=math.inf, paused=False) as play:
        while not play.app.chat.playback.over:
            await play()
        assert await play("home") == ["alice has joined the chat"]


async def test_it_plays_and_can_be_paused_sped_up_and_left(play):
    playback = play.app.chat.playback
    await play("plus", "plus", "minus")
    assert playback.speed == 2.0
    playback.speed = float("inf")
    assert (await play("space"))[-1] == "three"
    await play("q")
    assert play.app.return_value == 0


async def test_times_are_those_of_the_recording(play):
    await play("right", "right", "right")
    lines = screen(play.app)
    assert any(line.startswith("12:00 ") and "one" in line for line in lines)
    assert any(line.startswith("12:01 ") and "two" in line for line in lines)
    assert "paused" in play.last()


async def test_its_keys_are_those_in_force():
    keys = keymap({"pause": "p", "quit": "x", "step": ""})
    theatre = Program(Watching(SHOW, paused=True, looks=Looks(keys=keys)))
    async with theatre.run_test(size=(90, 20)) as pilot:
        assert "P pauses  " in screen(theatre)[-1]
        await pilot.press("right", "space", "q")
        assert theatre.chat.playback.position == 0
        assert theatre.chat.playback.paused
        await pilot.press("p")
        assert not theatre.chat.playback.paused
        await pilot.press("x")
    assert theatre.return_value == 0


async def test_help_is_about_time(play):
    await play("f1")
    assert "play on" in "\n".join(screen(play.app))
