"""Speaking on the full screen: what is not sent stays written, what would be lost is said."""

import pytest
from textual import events

from chatctl.errors import LinkError
from chatctl.session.client.events import Delivery, Joined, Left, LinkLost, Negotiated, Receipt
from chatctl.tui.screen.app import full_screen
from chatctl.tui.screen.looks import Looks
from tests.tui.fakes import screen, settle, started


def shown(chat, text):
    return [line for line in screen(chat.app) if text in line]


def said(chat):
    return [want for want in chat.port.wanted if isinstance(want, tuple) and want[0] == "say"]


async def enter(chat, pilot, text):
    chat.app.chat.composer.write(text)
    await pilot.press("enter")
    await settle(chat, pilot)


async def test_what_is_too_long_for_the_server_stays_written():
    chat = started()
    chat.port.most = 10
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await enter(chat, pilot, "x" * 11)
        assert shown(chat, "│ too long")
        assert chat.app.chat.composer.text == "x" * 11
        await enter(chat, pilot, "x" * 10)
        assert said(chat) == [("say", "x" * 10, "lobby")]


async def test_when_it_is_over_nothing_leaves_the_line_until_somebody_reconnects():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await enter(chat, pilot, "hello")
        chat.port.tell(
            Receipt("id2", Delivery.FAILED, code="link-lost"),
            LinkLost("end", None),
            LinkError("end"),
        )
        await settle(chat, pilot)
        for line in ("more", "/who"):
            await enter(chat, pilot, line)
            assert chat.app.chat.composer.text == line
        await pilot.press("alt+r")
        await settle(chat, pilot)
        assert len(shown(chat, "it is over; /reconnect tries again")) == 4
        assert said(chat) == [("say", "hello", "lobby")]
        assert ("retry", "id2") not in chat.port.wanted

        chat.port.linkless = True
        await enter(chat, pilot, "/reconnect")
        chat.port.tell(Negotiated("alice", True))
        await settle(chat, pilot)
        assert shown(chat, "● connected")
        await enter(chat, pilot, "back")
        assert said(chat)[1:] == [("say", "back", "lobby")]


async def test_a_link_that_is_there_is_not_made_again():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await enter(chat, pilot, "/reconnect")
        assert shown(chat, "there is a link, or one is being made")


async def test_what_may_be_lost_is_said_before_leaving_and_after():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await enter(chat, pilot, "hello")
        chat.port.tell(LinkLost("end", 5.0))
        await settle(chat, pilot)
        await enter(chat, pilot, "/quit")
        assert shown(chat, "1 message is not delivered; again to quit")
        assert ("close", "") not in chat.port.wanted
        await enter(chat, pilot, "more")
        await pilot.press("ctrl+c")
        await settle(chat, pilot)
        assert shown(chat, "2 messages are not delivered; again to quit")
        chat.port.close = lambda reason: chat.port.tell(
            Receipt("id2", Delivery.CONFIRMED),
            Receipt("id3", Delivery.FAILED, code="link-lost"),
            None,
        )
        await pilot.press("ctrl+c")
        await settle(chat, pilot)
    assert [row.text for row in chat.app.chat.lost()] == ["more"]


async def test_words_sent_a_moment_ago_are_no_reason_to_ask():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await enter(chat, pilot, "hello")
        await enter(chat, pilot, "/quit")
        assert ("close", "") in chat.port.wanted


async def test_what_was_lost_is_the_error_it_ends_with(monkeypatch):
    chat = started()

    async def run_async(app, mouse):
        talk = app.chat.talk
        talk._add(talk.room, talk.make.note("one\ntwo"))

    monkeypatch.setattr("chatctl.tui.screen.app.ChatApp.run_async", run_async)
    monkeypatch.setattr(
        "chatctl.tui.screen.talking.Talking.lost",
        lambda screen: list(screen.talk.room.rows.backwards()),
    )
    with pytest.raises(LinkError, match="1 message is not delivered:") as failed:
        await full_screen(chat.port, chat.talk, "", Looks())
    assert failed.value.__notes__ == ["  one", "  two"]


@pytest.mark.parametrize("between", ["a", "paste", "time"])
async def test_ctrl_c_twice_means_twice_in_a_row(between):
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        await pilot.press("ctrl+c")
        if between == "a":
            await pilot.press("a", "backspace")
        elif between == "paste":
            chat.app.chat.composer.presses += 1
        else:
            chat.clock.now += 6
        await pilot.press("ctrl+c")
        await settle(chat, pilot)
        assert ("close", "") not in chat.port.wanted
        await pilot.press("ctrl+c")
        await settle(chat, pilot)
        assert ("close", "") in chat.port.wanted


@pytest.mark.parametrize(
    ("pending", "answer"),
    [(False, "everything was delivered"), (True, "nothing has failed; 1 message is still on")],
)
async def test_nothing_to_say_again_is_said_as_it_is(pending, answer):
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        if pending:
            await enter(chat, pilot, "hello")
        await pilot.press("alt+r")
        await settle(chat, pilot)
        assert shown(chat, answer)


async def test_nothing_recorded_is_not_stopped():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await enter(chat, pilot, "/record stop")
        assert shown(chat, "nothing is being recorded")
        assert ("record", None) not in chat.port.wanted
        chat.port.recording = True
        await enter(chat, pilot, "/record stop")
        assert shown(chat, "recording stopped")
        assert ("record", None) in chat.port.wanted


@pytest.mark.parametrize(
    ("pasted", "question"),
    [
        ("x" * 3000, "Paste 1 line, 3,000 bytes?"),
        ("x\n" * 50, "Paste 50 lines, 100 bytes?"),
        ("x\n" * 50 + "y", "Paste 51 lines, 101 bytes?"),
    ],
)
async def test_a_big_paste_is_counted_as_people_count(pasted, question):
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.app.post_message(events.Paste(pasted))
        await settle(chat, pilot)
        assert shown(chat, question)


async def test_each_room_keeps_what_was_begun_in_it():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await enter(chat, pilot, "/msg bob psst")
        composer = chat.app.chat.composer
        assert shown(chat, "alice [@bob]>")
        composer.write("a secret")
        await pilot.press("alt+1", "h", "i")
        assert composer.text == "hi"
        await settle(chat, pilot)
        assert shown(chat, "alice [lobby]> hi")
        await pilot.press("alt+2")
        assert composer.text == "a secret"
        await pilot.press("up", "alt+1")
        assert composer.text == "hi"
        await pilot.press("enter", "alt+2")
        assert composer.text == "a secret"
        chat.talk.close("@bob")
        assert composer.text == ""
        await settle(chat, pilot)
        assert said(chat) == [("say", "psst", "@bob"), ("say", "hi", "lobby")]
        assert shown(chat, "alice>")


async def test_a_low_screen_says_where_one_writes():
    chat = started()
    async with chat.app.run_test(size=(80, 11)) as pilot:
        await settle(chat, pilot)
        assert shown(chat, "alice [lobby]>")


async def test_words_for_a_room_that_was_left_stay_written():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await enter(chat, pilot, "/part")
        chat.port.tell(Left("alice", own=True, id="id2"))
        await settle(chat, pilot)
        assert shown(chat, "you have left; /join lobby comes back")
        await enter(chat, pilot, "hello?")
        assert shown(chat, "│ you have left lobby")
        assert (said(chat), chat.app.chat.composer.text) == ([], "hello?")
        await enter(chat, pilot, "/join lobby")
        chat.port.tell(Joined("alice", own=True, id="id3"))
        await settle(chat, pilot)
        await enter(chat, pilot, "hello?")
        assert said(chat) == [("say", "hello?", "lobby")]
