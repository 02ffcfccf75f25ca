"""The full screen as a person meets it, without a terminal: keys in, lines of text out."""

import base64
import random

import pytest
from rich.cells import cell_len
from textual import events

from chatctl.errors import LinkError
from chatctl.session.client.events import (
    Delivery,
    Hole,
    Joined,
    LinkLost,
    Members,
    NickChanged,
    Page,
    RawPacket,
    Receipt,
    Said,
    TopicIs,
)
from chatctl.tui.screen.app import ChatApp, full_screen
from chatctl.tui.screen.keymap import keymap
from chatctl.tui.screen.looks import Looks
from chatctl.tui.screen.outside import Outside
from chatctl.tui.screen.program import FAULT
from chatctl.wire.packets import AskHistory, AskWho, Direction
from tests.tui.fakes import screen, settle, started

WIDE = [
    *("日本語のメッセージ", "👍 ok", "👨‍👩‍👧 family", "❤️ heart", "⚠️ sign", "1️⃣ keycap"),
    *(
        "👍🏽 tone",
        "🇫🇮 flag",
        "한글 조합",
        "שלום",
        "مرحبا",
        "สวัสดี",
        "नमस्ते",
        "e\u0301\u0301",
        "ｆｕｌｌ",
    ),
    *("tab\there", "a\u200db", "\u202eabc", "x\u0300\u0301\u0302\u0303\u0304\u0305y"),
]


async def write(chat, pilot, text, *keys):
    for char in text:
        await pilot.press("space" if char == " " else char)
    await pilot.press(*keys)
    await settle(chat, pilot)


def find(chat, text):
    return [line for line in screen(chat.app) if text in line]


async def test_own_words_are_pending_then_confirmed_and_there_once():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await write(chat, pilot, "hello", "enter")
        assert ("say", "hello", "lobby") in chat.port.wanted
        assert find(chat, "hello") == ["12:00           alice… │ hello"]
        assert chat.app.chat.composer.text == ""

        chat.port.tell(Receipt("id2", Delivery.CONFIRMED, seq=1))
        await settle(chat, pilot)
        assert find(chat, "hello") == ["12:00           alice✓ │ hello"]


async def test_what_failed_says_so_and_is_said_again_with_one_key():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await write(chat, pilot, "hello", "enter")
        chat.port.tell(Receipt("id2", Delivery.FAILED, reason="nick \x1b[mmuted"))
        await settle(chat, pilot)
        assert find(chat, "hello") == ["12:00           alice✗ │ hello"]
        (why,) = find(chat, "not delivered")
        assert r"nick \x1b[mmuted · Alt-R says it again" in why

        await pilot.press("alt+r")
        await settle(chat, pilot)
        assert ("retry", "id2") in chat.port.wanted
        assert find(chat, "hello") == ["12:00           alice↻ │ hello"]


async def test_the_reader_is_not_moved_and_is_told_what_comes_below():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(*(Said("bob", f"line {n}") for n in range(100)))
        await settle(chat, pilot)
        assert find(chat, "line 99")

        await pilot.press("pageup")
        await settle(chat, pilot)
        before = screen(chat.app)[1:19]
        chat.port.tell(*(Said("bob", f"later {n}") for n in range(3)))
        await settle(chat, pilot)

        assert screen(chat.app)[1:19] == before
        assert find(chat, "↓ 3 new below")
        assert not find(chat, "later")

        await pilot.press("ctrl+end")
        await settle(chat, pilot)
        assert find(chat, "later 2")
        assert not find(chat, "new below")


async def test_scrolling_to_the_top_loads_older_words_once():
    chat = started()
    async with chat.app.run_test(size=(80, 12)) as pilot:
        chat.port.tell(*(Said("bob", f"line {n}", seq=n) for n in range(101, 150)))
        await settle(chat, pilot)
        await pilot.press("ctrl+home")
        await settle(chat, pilot)
        asked = [want for want in chat.port.wanted if isinstance(want, AskHistory)]
        assert asked == [AskHistory("lobby", before=101, limit=100)]

        await pilot.press("pageup")
        await settle(chat, pilot)
        top = screen(chat.app)[3]
        entries = tuple(Said("bob", f"old {n}", seq=n) for n in range(1, 101))
        chat.port.tell(Page("lobby", entries, id=chat.talk.room.asked))
        await settle(chat, pilot)
        assert top in screen(chat.app)

        await pilot.press("ctrl+home")
        await settle(chat, pilot)
        assert find(chat, "old 1")
        assert [w for w in chat.port.wanted if isinstance(w, AskHistory)] == asked


async def test_where_the_log_begins_is_said_once_all_of_it_is_here():
    chat = started()
    async with chat.app.run_test(size=(80, 12)) as pilot:
        chat.port.tell(*(Said("bob", f"line {n}", seq=n) for n in range(101, 150)))
        await write(chat, pilot, "", "ctrl+home")
        assert not find(chat, "beginning")
        page = Page("lobby", (Said("bob", "the first", seq=100),), id=chat.talk.room.asked)
        chat.port.tell(page)
        await write(chat, pilot, "", "ctrl+home")
        assert screen(chat.app)[1].strip("─") == " beginning of the log "
        assert screen(chat.app)[3].endswith("the first")
        chat.app.chat.obey("/clear")
        await settle(chat, pilot)
        assert not find(chat, "beginning")


async def test_an_emptied_screen_is_filled_again_by_scrolling_up():
    chat = started()
    async with chat.app.run_test(size=(80, 12)) as pilot:
        chat.port.tell(*(Said("bob", f"line {n}", seq=n) for n in range(1, 5)))
        await write(chat, pilot, "/clear", "enter")
        assert not find(chat, "line")
        await write(chat, pilot, "", "pageup")
        assert chat.port.wanted[-1] == AskHistory("lobby", limit=100)


async def test_the_bars_know_the_place_at_once():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(*(Said("bob", f"line {n}") for n in range(100)))
        await settle(chat, pilot)
        for key in ("pageup", "pageup", "pagedown", "pagedown"):
            await pilot.press(key)
            timeline = chat.app.chat.timeline
            assert bool(find(chat, "↓ more below")) != timeline.following, key
            assert bool(find(chat, f" {timeline.percent} %")) != timeline.following, key


async def test_direct_messages_begin_with_what_was_said_before():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(Said("bob", "psst", "@bob", seq=3))
        await settle(chat, pilot)
        assert not [want for want in chat.port.wanted if isinstance(want, AskHistory)]

        await pilot.press("alt+2")
        await settle(chat, pilot)
        assert chat.port.wanted[-1] == AskHistory("@bob", before=3, limit=50)
        entries = tuple(Said("bob", f"before {n}", "@bob", seq=n) for n in (1, 2))
        chat.port.tell(Page("@bob", entries, id=chat.talk.room.asked))
        await settle(chat, pilot)
        words = [line.partition("│ ")[2] for line in find(chat, "│")]
        assert words == ["before 1", "before 2", "psst"]

        await pilot.press("alt+1", "alt+2")
        await settle(chat, pilot)
        assert len([w for w in chat.port.wanted if isinstance(w, AskHistory)]) == 1


async def test_what_is_missing_is_a_line_across_the_screen():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(Hole("lobby", 5, 18, "connection \x1b[mlost"))
        await settle(chat, pilot)
        (line,) = find(chat, "missing")
        assert line.strip("─") == r" 14 messages missing (connection \x1b[mlost) "
        assert len(line) == 80


async def test_home_and_end_scroll_while_nothing_is_written():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(*(Said("bob", f"line {n}") for n in range(100)))
        await settle(chat, pilot)
        await pilot.press("home")
        await settle(chat, pilot)
        assert find(chat, "line 0")
        await pilot.press("end")
        await settle(chat, pilot)
        assert find(chat, "line 99")
        await write(chat, pilot, "ab", "home", "x")
        assert (chat.app.chat.composer.text, chat.app.chat.timeline.following) == ("xab", True)


async def test_bare_view_is_words_alone_and_lets_the_mouse_go():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        written = []
        await settle(chat, pilot)
        chat.app.chat.outside = Outside(written.append)
        chat.port.tell(Said("bob", "one\ntwo"), Said("bob", "https://example.org/" + "x" * 90))
        await settle(chat, pilot)
        await pilot.press("f7")
        await settle(chat, pilot)
        assert "12:00 *** alice has joined the chat" in screen(chat.app)
        assert "12:00 bob: one" in screen(chat.app)
        assert "  two" in screen(chat.app)
        assert not find(chat, "│")
        assert written[-1] == "\x1b[?1000l\x1b[?1003l"
        await pilot.press("escape")
        await settle(chat, pilot)
        assert written[-1] == "\x1b[?1000h\x1b[?1003h"


async def test_bare_view_shows_the_newest_and_scrolls():
    chat = started()
    async with chat.app.run_test(size=(80, 12)) as pilot:
        long = "\n".join(f"part {n}" for n in range(50))
        chat.port.tell(Said("bob", long), Said("bob", "the newest"))
        await settle(chat, pilot)
        await pilot.press("f7")
        await settle(chat, pilot)
        assert find(chat, "bob: the newest")
        assert find(chat, "part 49")
        assert find(chat, "Escape: back")
        await pilot.press("home")
        await settle(chat, pilot)
        assert find(chat, "alice has joined the chat")


@pytest.mark.parametrize("over", ["f1", "f7", "paste"])
async def test_a_mention_calls_whatever_lies_over_the_chat(over):
    chat = started(notify="osc9")
    async with chat.app.run_test(size=(80, 24)) as pilot:
        written = []
        await settle(chat, pilot)
        chat.app.chat.outside = Outside(written.append)
        if over == "paste":
            chat.app.post_message(events.Paste("x\n" * 50))
        else:
            await pilot.press(over)
        await settle(chat, pilot)
        assert chat.app.screen is not chat.app.chat
        chat.port.tell(Said("bob", "alice: help", "ops"))
        await settle(chat, pilot)
        assert "\x1b]2;(1) lobby - chatctl\x07" in written
        assert "\x1b]9;chatctl bob: alice: help\x07" in written


async def test_a_click_on_somebody_opens_direct_messages():
    chat = started()
    async with chat.app.run_test(size=(120, 24)) as pilot:
        chat.port.tell(Joined("bob"))
        await settle(chat, pilot)
        await pilot.click("#people", offset=(4, 1))
        assert chat.talk.current == "lobby"
        await pilot.click("#people", offset=(4, 2))
        await settle(chat, pilot)
        assert chat.talk.current == "@bob"
        assert not find(chat, "people (")


async def test_a_terminal_that_does_not_keep_up_gets_no_more_frames():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        chat.app.chat.outside = Outside(behind=lambda: 1 << 20)
        chat.port.tell(Said("bob", "later"))
        await settle(chat, pilot)
        assert not find(chat, "later")
        chat.app.chat.outside = Outside()
        await settle(chat, pilot)
        assert find(chat, "later")


async def test_nothing_is_drawn_while_nothing_happens():
    chat = started()
    async with chat.app.run_test(size=(1, 1)) as pilot:
        for size in ((1, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            chat.port.tell(Said("bob", "👨‍👩‍👧 日本語"))
            await settle(chat, pilot)
            drawn = []
            chat.app.chat._draw_rows = lambda drawn=drawn: drawn.append(1)
            for _ in range(20):
                chat.app.chat.draw()
                await pilot.pause()
            assert drawn == []
            del chat.app.chat._draw_rows


async def test_a_minute_draws_the_clock_and_who_is_quiet_and_nothing_else():
    chat = started()
    async with chat.app.run_test(size=(120, 24)) as pilot:
        chat.port.tell(Said("bob", "hi"))
        await settle(chat, pilot)
        chat.clock.now += 60
        await settle(chat, pilot)
        drawn = []
        chat.app.chat._draw_rows = lambda: drawn.append(1)
        chat.clock.now += 60 * 5
        await settle(chat, pilot)
        assert find(chat, "◌ bob           5m")
        assert "12:06  F1 help" in screen(chat.app)[-1]
        assert drawn == []


async def test_who_comes_sees_what_was_said_before_and_nothing_twice():
    chat = started()
    (question,) = chat.port.first
    chat.port.first[question] = tuple(Said("bob", f"before {n}", seq=n) for n in (1, 2, 3))
    chat.port.tell(Said("bob", "before 3", seq=3))
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        words = [line.partition("│ ")[2] for line in find(chat, "│")]
        assert words == ["before 1", "before 2", "alice has joined the chat", "before 3"]


async def test_what_came_while_nobody_looked_is_below_a_line():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(Said("bob", "seen"))
        await settle(chat, pilot)
        chat.app.post_message(events.AppBlur())
        await settle(chat, pilot)
        chat.port.tell(*(Said("bob", f"unseen {n}") for n in range(3)))
        await settle(chat, pilot)
        chat.app.post_message(events.AppFocus())
        await settle(chat, pilot)

        lines = screen(chat.app)
        ruler = [n for n, line in enumerate(lines) if "─ 3 unread ─" in line]
        assert [lines[ruler[0] + 1]] == find(chat, "unseen 0")
        assert len(ruler) == 1


async def test_a_new_day_has_its_line():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(Said("bob", "today"))
        await settle(chat, pilot)
        chat.clock.now += 24 * 3600
        chat.port.tell(Said("bob", "tomorrow"))
        await settle(chat, pilot)

        assert find(chat, "─ Sunday 22 November 2026 ─")
        assert find(chat, "─ Monday 23 November 2026 ─")


async def test_a_paste_is_taken_whole_and_sends_nothing():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.app.post_message(events.Paste("one\r\ntwo\nthree"))
        await settle(chat, pilot)
        assert chat.app.chat.composer.text == "one\ntwo\nthree"
        assert chat.port.wanted == [AskWho("lobby")]

        await pilot.press("enter")
        await settle(chat, pilot)
        assert ("say", "one\ntwo\nthree", "lobby") in chat.port.wanted


@pytest.mark.parametrize(("key", "taken"), [("enter", True), ("escape", False)])
async def test_a_big_paste_is_asked_about(key, taken):
    chat = started()
    text = "\n".join(map(str, range(50)))
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.app.post_message(events.Paste(text))
        await settle(chat, pilot)
        assert find(chat, "Paste 50 lines, 139 bytes?")

        await pilot.press(key)
        await settle(chat, pilot)
        assert chat.app.chat.composer.text == (text if taken else "")


async def test_completion_offers_who_spoke_last_first_and_cycles():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(Joined("bobby"), Joined("bob"), Said("bobby", "hi"))
        await settle(chat, pilot)

        await write(chat, pilot, "bo", "tab")
        assert chat.app.chat.composer.text == "bobby: "
        assert find(chat, "[bobby:]  bob:")
        await pilot.press("tab")
        assert chat.app.chat.composer.text == "bob: "
        await pilot.press("shift+tab")
        assert chat.app.chat.composer.text == "bobby: "
        await write(chat, pilot, "x bo", "tab", "tab")
        assert chat.app.chat.composer.text == "bobby: x bob "
        assert find(chat, "[bob]")


async def test_history_comes_back_and_the_draft_survives():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await write(chat, pilot, "first", "enter")
        await write(chat, pilot, "second", "enter")
        await write(chat, pilot, "draft", "up", "up", "up")
        assert chat.app.chat.composer.text == "first"
        await pilot.press("down", "down")
        assert chat.app.chat.composer.text == "draft"


async def test_what_was_sent_is_found_as_it_is_typed():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        composer = chat.app.chat.composer
        for text in ("make test", "ls", "make demo"):
            await write(chat, pilot, text, "enter")
        await write(chat, pilot, "draft", "home", *["delete"] * 5, "ctrl+r")
        assert find(chat, "sent before:    Ctrl-R: older  Enter: take it  Escape: back")
        await write(chat, pilot, "ma")
        assert composer.text == "make demo"
        await write(chat, pilot, "", "ctrl+r")
        assert composer.text == "make test"
        await write(chat, pilot, "", "ctrl+r")
        assert find(chat, "sent before: ma   nothing older holds that")
        await write(chat, pilot, "x")
        assert find(chat, "sent before: max   nothing holds that")
        assert composer.text == "make test"
        await write(chat, pilot, "", "backspace", "enter")
        assert composer.text == "make demo"
        assert not find(chat, "sent before")
        assert chat.port.wanted[-1] == ("say", "make demo", "lobby")

        composer.write("demo")
        await write(chat, pilot, "", "ctrl+r")
        assert composer.text == "make demo"
        await write(chat, pilot, "", "escape")
        assert composer.text == "demo"
        await write(chat, pilot, "", "ctrl+r", "left", "x")
        assert composer.text == "make demxo"


async def test_keys_typed_ahead_keep_their_order():
    chat = started()
    typed = ["a", "b", "backspace", "c", "left", "x", "ctrl+j", "d", "enter", "e", "alt+2", "f"]
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.talk.open("ops")
        await settle(chat, pilot)
        for key in typed:
            chat.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(chat, pilot)
        assert ("say", "ax\ndc", "lobby") in chat.port.wanted
        assert chat.app.chat.composer.text == "f"
        assert chat.talk.current == "ops"
        assert chat.talk.rooms["lobby"].draft == "e"


async def test_ctrl_c_clears_then_asks_then_leaves():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await write(chat, pilot, "half", "ctrl+c")
        assert chat.app.chat.composer.text == ""
        await pilot.press("ctrl+c")
        await settle(chat, pilot)
        assert find(chat, "again to quit")
        assert ("close", "") not in chat.port.wanted
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert ("close", "") in chat.port.wanted


async def test_rooms_are_listed_counted_and_gone_to():
    chat = started()
    async with chat.app.run_test(size=(120, 24)) as pilot:
        chat.port.tell(Said("bob", "x", "ops"), Said("bob", "alice!", "dev"), TopicIs("dev", "v2"))
        await settle(chat, pilot)
        assert find(chat, "2 ops        1")
        assert find(chat, "2:ops(1) 3:dev(1)")

        await pilot.press("alt+a")
        await settle(chat, pilot)
        assert screen(chat.app)[0].startswith(" dev ── topic: v2 ───")
        await pilot.press("alt+2")
        await settle(chat, pilot)
        assert screen(chat.app)[0].startswith(" ops ─")
        await write(chat, pilot, "hi", "enter")
        assert ("say", "hi", "ops") in chat.port.wanted


async def test_the_mouse_picks_rooms_scrolls_selects_and_copies():
    chat, written = started(), []
    async with chat.app.run_test(size=(120, 20)) as pilot:
        chat.app.chat.outside = Outside(written.append)
        chat.port.tell(*(Said("bob", f"line {n}") for n in range(60)), Said("bob", "x", "ops"))
        await settle(chat, pilot)
        await pilot.click("#rooms", offset=(3, 2))
        await settle(chat, pilot)
        assert chat.talk.current == "ops"
        await pilot.click("#rooms", offset=(3, 1))
        await settle(chat, pilot)
        timeline = chat.app.chat.timeline
        timeline.post_message(_wheel(events.MouseScrollUp, timeline))
        await settle(chat, pilot)
        assert not timeline.following
        chat.app.chat.composer.write("a draft")
        await pilot.mouse_down("#timeline", offset=(25, 3))
        await pilot.hover("#timeline", offset=(40, 5))
        await pilot.mouse_up("#timeline", offset=(40, 5))
        await settle(chat, pilot)
        selected = chat.app.screen.get_selected_text() or ""
        assert "line " in selected
        assert find(chat, f"{len(selected)} characters copied")

        coded = base64.b64encode(selected.encode()).decode()
        await pilot.press("ctrl+c")
        assert [text for text in written if "]52;" in text] == [f"\x1b]52;c;{coded}\x07"] * 2
        assert (chat.app.screen.get_selected_text(), chat.app.chat.composer.text) == (
            None,
            "a draft",
        )
        await pilot.press("shift+left", "shift+left", "ctrl+c")
        assert written[-1] == "\x1b]52;c;ZnQ=\x07"
        await pilot.press("ctrl+c")
        assert chat.app.chat.composer.text == ""


def _wheel(kind, widget):
    return kind(widget, 1, 1, 0, -1, 0, False, False, False)


async def test_lists_hide_on_narrow_screens_and_come_when_asked():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        assert not find(chat, "people (")
        await pilot.press("f8")
        await settle(chat, pilot)
        assert find(chat, "people (1)")
        await pilot.resize_terminal(120, 24)
        await pilot.press("f8")
        await settle(chat, pilot)
        assert not find(chat, "people (")


@pytest.mark.parametrize(
    ("width", "keys", "shown"),
    [
        (30, ("f6", "f8"), set()),
        (40, ("f6", "f8"), {"people"}),
        (40, ("f8", "f6"), {"rooms"}),
        (40, ("f6", "f8", "f8"), {"rooms"}),
        (58, ("f6", "f8"), {"rooms", "people"}),
        (58, ("f9", "f6", "f8"), {"rooms"}),
    ],
)
async def test_lists_that_are_asked_for_leave_room_for_the_chat(width, keys, shown):
    chat = started()
    async with chat.app.run_test(size=(width, 10)) as pilot:
        chat.port.tell(Said("bob", "hi"), Said("bob", "x", "ops"))
        await settle(chat, pilot)
        await pilot.press(*keys)
        await settle(chat, pilot)
        assert {
            pane for pane in ("rooms", "people") if chat.app.chat.query_one(f"#{pane}").display
        } == shown
        assert chat.app.chat.timeline.size.width >= 20
        await pilot.resize_terminal(140, 10)
        await settle(chat, pilot)
        assert chat.app.chat.query_one("#rooms").display


async def test_the_screen_asks_who_is_here_and_says_nothing_of_it():
    chat = started()
    async with chat.app.run_test(size=(120, 24)) as pilot:
        await settle(chat, pilot)
        assert chat.port.wanted == [AskWho("lobby")]
        chat.port.tell(Members("lobby", ("alice", "bob"), more=True, id="id1"))
        await settle(chat, pilot)
        assert chat.port.wanted[1:] == [AskWho("lobby", after="bob")]
        chat.port.tell(Members("lobby", ("carol",), id="id2"))
        await settle(chat, pilot)
        assert find(chat, "people (3)")
        assert not find(chat, "in the chat:")


async def test_packets_beside_the_chat():
    chat = started()
    async with chat.app.run_test(size=(120, 24)) as pilot:
        await pilot.press("f9")
        chat.port.tell(RawPacket(Direction.TO_CLIENT, b'{"type":"chat","x":"\x1b\xff"}'))
        await settle(chat, pilot)
        assert ("raw", True) in chat.port.wanted
        assert find(chat, '12:00 ← {"type":"chat"')
        assert find(chat, r"\x1b\xff")
        await pilot.press("f9")
        await settle(chat, pilot)
        assert ("raw", False) in chat.port.wanted


async def test_packets_are_scrolled_by_keys_and_leave_the_chat_where_it_is():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f9")
        chat.port.tell(*(Said("bob", f"line {n}") for n in range(50)))
        chat.port.tell(*(RawPacket(Direction.TO_CLIENT, b'{"n":%d}' % n) for n in range(50)))
        await settle(chat, pilot)
        assert find(chat, '← {"n":49}')
        await write(chat, pilot, "", "alt+pageup")
        assert not find(chat, '← {"n":49}')
        assert find(chat, "line 49")
        await write(chat, pilot, "", "alt+up", "alt+up")
        assert find(chat, '← {"n":0}')
        assert not [want for want in chat.port.wanted if isinstance(want, AskHistory)]
        await write(chat, pilot, "", *["alt+down"] * 3)
        assert find(chat, '← {"n":49}')
        assert chat.app.chat.timeline.following


async def test_find_shows_older_and_older_rows():
    chat = started()
    async with chat.app.run_test(size=(80, 12)) as pilot:
        chat.port.tell(*(Said("bob", f"{'needle ' * (n in {5, 40})}{n}") for n in range(100)))
        await settle(chat, pilot)
        await write(chat, pilot, "", "ctrl+f", *"Needle", "enter")
        assert find(chat, "needle 40")
        assert find(chat, "find> Needle")
        assert find(chat, " 2 of 2")
        await write(chat, pilot, "", "up")
        assert find(chat, "needle 5")
        assert find(chat, " 1 of 2")
        await write(chat, pilot, "", "enter")
        assert find(chat, "nothing further back · 1 of 2")
        await write(chat, pilot, "", "down")
        assert find(chat, "needle 40")
        assert chat.app.chat.timeline.found == 40 + 1
        chat.port.tell(Said("bob", "comes meanwhile"))
        await settle(chat, pilot)
        assert find(chat, "new below")
        await write(chat, pilot, "", "escape", "end")
        assert chat.app.chat.timeline.needle == ""
        assert find(chat, "comes meanwhile")
        await write(chat, pilot, "", "ctrl+f", "enter")
        assert find(chat, "needle 40")


@pytest.mark.parametrize("wanted", [0, 3, 18, 33, 39])
async def test_a_row_that_is_jumped_to_comes_into_sight(wanted):
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        words = (f"{'alice: ' * (n == wanted)}line {n};" for n in range(40))
        chat.port.tell(*(Said("bob", text) for text in words))
        await settle(chat, pilot)
        await write(chat, pilot, f"/search line {wanted};", "enter")
        assert find(chat, f"alice: line {wanted};")
        await write(chat, pilot, "", "ctrl+end", "alt+p")
        assert find(chat, f"alice: line {wanted};")


async def test_the_line_above_what_is_new_comes_into_sight():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(*(Said("bob", f"line {n}") for n in range(40)))
        await settle(chat, pilot)
        chat.talk.go("ops")
        chat.port.tell(Said("bob", "new 1"), Said("bob", "new 2"))
        await settle(chat, pilot)
        await write(chat, pilot, "", "alt+1", "alt+u")
        assert find(chat, "─ 2 unread ─")
        assert find(chat, "new 2")
        assert chat.app.chat.timeline.following


async def test_a_search_says_which_of_how_many_and_ends_with_escape():
    chat = started()
    async with chat.app.run_test(size=(100, 24)) as pilot:
        chat.port.tell(*(Said("bob", f"{'needle ' * (n % 2)}{n}") for n in range(6)))
        await settle(chat, pilot)
        await write(chat, pilot, "/search needle", "enter")
        assert "found 3 of 3 (Escape ends it)" in screen(chat.app)[-1]
        await pilot.resize_terminal(40, 24)
        await settle(chat, pilot)
        assert "found 3 of 3 " in screen(chat.app)[-1]
        await pilot.resize_terminal(100, 24)
        await write(chat, pilot, "", "ctrl+f", "enter", "up")
        assert find(chat, " 1 of 3")
        chat.port.tell(Said("bob", "x", "ops"))
        await write(chat, pilot, "", "escape")
        await write(chat, pilot, "/search needle", "enter", "alt+2")
        assert "finding (Escape ends it)" in screen(chat.app)[-1]
        await write(chat, pilot, "", "escape")
        assert "finding" not in screen(chat.app)[-1]
        assert chat.app.chat.timeline.needle == ""

        await write(chat, pilot, "/search nowhere", "enter")
        assert find(chat, "nothing found")


async def test_the_link_is_counted_down():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(LinkLost("reset", 3.0))
        await settle(chat, pilot)
        assert find(chat, "◐ reconnecting in 3 s (try 1)")
        chat.clock.now += 2
        await settle(chat, pilot)
        assert find(chat, "◐ reconnecting in 1 s (try 1)")


async def test_wide_text_keeps_the_bar_in_its_column():
    chat = started()
    for size in ((80, 40), (140, 40)):
        chat = started()
        async with chat.app.run_test(size=size) as pilot:
            chat.port.tell(*(Said(text[:6], f"{text} " * 12) for text in WIDE))
            await settle(chat, pilot)
            bars = {cell_len(line.partition("│")[0]) for line in screen(chat.app) if "│" in line}
            assert bars == {23}


async def test_hostile_text_is_inert_wherever_it_appears():
    evil = "\x1b]0;x\x07\x1b[2J\x9b31m[red]\u202e\x00*** bob has left"
    chat = started()
    async with chat.app.run_test(size=(140, 30)) as pilot:
        chat.port.tell(
            Said(evil, evil),
            Joined(evil, room=evil),
            TopicIs("lobby", evil, evil, 1),
            Said("bob", "x" * 60_000),
            LinkLost(evil, 1.0),
        )
        await settle(chat, pilot)
        await pilot.press("ctrl+home")
        await settle(chat, pilot)
        await write(chat, pilot, "", "tab", "tab")
        text = "\n".join(screen(chat.app))
        assert not {c for c in text if not c.isprintable()} - {"\n"}
        assert "[red]" in text


async def test_the_prompt_is_as_wide_as_the_nick_but_leaves_space_to_write():
    chat = started()
    async with chat.app.run_test(size=(40, 14)) as pilot:
        await write(chat, pilot, "hi")
        assert find(chat, "alice> hi")
        chat.port.tell(NickChanged("alice", "alice-in-chains", own=True))
        await settle(chat, pilot)
        assert find(chat, "alice-in-chains> hi")
        await pilot.resize_terminal(24, 14)
        await settle(chat, pilot)
        assert find(chat, "alice-in-…> hi")


def test_the_prompt_is_there_from_the_first_picture_on():
    seen = []

    async def look(pilot):
        await settle(chat, pilot)
        seen.extend(find(chat, "alice>"))
        chat.app.exit()

    chat = started()  # run() as in a terminal: it lays out in another order than run_test()
    chat.app.run(headless=True, size=(40, 14), auto_pilot=look)
    assert seen


async def test_any_size_lives_and_keeps_the_line():
    chat = started()
    sizes = [(200, 50), (40, 10), (10, 3), (1, 1), (300, 100), (3, 100), (300, 3)]
    chance = random.Random(7)
    sizes += [(chance.randint(1, 120), chance.randint(1, 40)) for _ in range(8)]
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await write(chat, pilot, "half a line")
        for number, size in enumerate(sizes):
            chat.port.tell(Said("bob", f"message {number} with some words in it 日本"))
            await pilot.resize_terminal(*size)
            chat.app.chat.action_page_up()
            await settle(chat, pilot)
        await pilot.resize_terminal(80, 24)
        await pilot.press("ctrl+end")
        await settle(chat, pilot)
        assert chat.app.chat.composer.text == "half a line"
        assert find(chat, f"message {len(sizes) - 1} ")


async def test_help_shows_the_keys_that_are_in_force():
    chat = started(keys=keymap({"help": "f2"}))
    async with chat.app.run_test(size=(100, 80)) as pilot:
        await pilot.press("f2")
        await settle(chat, pilot)
        assert find(chat, "F2  ")
        assert find(chat, "send what is written")
        await pilot.press("f2")
        await settle(chat, pilot)
        assert chat.app.screen is chat.app.chat
        assert screen(chat.app)[-1].endswith("  F2 help")


async def test_labels_and_dialogs_follow_the_keys_that_are_in_force():
    keys = keymap(
        {"again": "", "find_newer": "f4", "find_stop": "f5", "put_away": "x", "drop": "z"}
    )
    chat = started(keys=keys)
    async with chat.app.run_test(size=(100, 24)) as pilot:
        failed = Said("alice", "x", id="a", own=True, state=Delivery.PENDING)
        chat.port.tell(failed, Receipt("a", Delivery.FAILED), Said("bob", "x"))
        await settle(chat, pilot)
        assert find(chat, "not delivered · /retry says it again")

        await pilot.press("ctrl+f")
        await settle(chat, pilot)
        assert find(chat, "Enter: older  F4: newer  F5: stop")
        await write(chat, pilot, "x", "enter", "enter", "f4")
        assert chat.app.chat.timeline.found == chat.talk.room.rows.end - 1
        await pilot.press("escape")
        assert chat.app.screen is not chat.app.chat
        await pilot.press("f5")
        assert chat.app.screen is chat.app.chat

        for opened in ("f1", "f7"):
            await pilot.press(opened)
            await pilot.press("escape")
            assert chat.app.screen is not chat.app.chat
            await pilot.press("x")
            assert chat.app.screen is chat.app.chat
        chat.app.post_message(events.Paste("x\n" * 50))
        await settle(chat, pilot)
        assert find(chat, "z: drop it") or find(chat, "Z: drop it")
        await pilot.press("z")
        assert chat.app.screen is chat.app.chat


async def test_an_error_of_the_link_ends_the_app_and_is_kept():
    async def broken():
        yield []
        raise LinkError("gone")

    chat = started()
    chat.port.events = broken
    async with chat.app.run_test() as pilot:
        await pilot.pause()
    assert str(chat.app.failure) == "gone"


@pytest.mark.parametrize(
    ("result", "code", "failure", "status"),
    [
        (0, 0, None, 0),
        (143, 0, None, 143),
        (None, 1, None, FAULT),
        (0, 0, LinkError("x"), LinkError),
    ],
)
async def test_the_full_screen_ends_with_what_ended_it(monkeypatch, result, code, failure, status):
    async def run_async(self, mouse):
        self.failure = failure

    monkeypatch.setattr(ChatApp, "run_async", run_async)
    monkeypatch.setattr(ChatApp, "return_code", code)
    monkeypatch.setattr(ChatApp, "return_value", result)
    chat = started()
    shown = full_screen(chat.port, chat.talk, "", Looks())
    if failure:
        with pytest.raises(status):
            await shown
    else:
        assert await shown == status


async def test_the_flood_loses_nothing():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(*(Said("bob", f"n {n}", seq=n) for n in range(1, 5001)))
        await settle(chat, pilot)
        rows = chat.talk.room.rows
        assert [row.seq for row in reversed(list(rows.backwards())) if row.seq] == [*range(1, 5001)]
        assert find(chat, "n 5000")
