"""Slash commands on the full screen: what each does, and that a wrong one is never sent."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from chatctl.errors import UsageError
from chatctl.session.client.events import Joined, Left, Said, Saying
from chatctl.tui import slash
from chatctl.tui.screen.obeying import Obeying
from chatctl.wire.packets import (
    AskHistory,
    AskRooms,
    AskWho,
    ChangeNick,
    Enter,
    Exit,
    Ping,
    SetTopic,
)
from tests.tui.fakes import screen, settle, started


@pytest.mark.parametrize("command", slash.COMMANDS, ids=lambda command: command.name)
def test_every_deed_has_its_method(command):
    meaning = command.means("x", "lobby")
    if isinstance(meaning, slash.Do):
        assert callable(getattr(Obeying, f"do_{meaning.name}"))


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("//hi", ("say", "/hi", "lobby")),
        ("/me waves", ("say", "waves", "lobby")),
        ("/msg bob psst", ("say", "psst", "@bob")),
        ("/join ops", Enter("ops")),
        ("/part", Exit("lobby")),
        ("/rooms", AskRooms()),
        ("/who", AskWho()),
        ("/nick al", ChangeNick("al")),
        ("/topic v2", SetTopic(topic="v2")),
        ("/history 5", AskHistory(limit=5)),
        ("/reconnect", "try_now"),
        ("/record x", ("record", Path("x"))),
        ("/ping", Ping()),
        ("/q", ("close", "")),
        ("/quit gone fishing", ("close", "gone fishing")),
        ("/raw", ("raw", True)),
    ],
)
async def test_a_command_reaches_the_port(line, wanted):
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        chat.app.chat.obey(line)
        await settle(chat, pilot)
        assert chat.port.wanted[1] == wanted


@pytest.mark.parametrize("line", ["/nonsense", "/qq\x1b[2J x", "/msg bob", "/join"])
async def test_what_is_wrong_is_said_and_not_sent(line):
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        chat.app.chat.obey(line)
        await settle(chat, pilot)
        assert chat.port.wanted == [AskWho("lobby")]
        assert "!!!" in "\n".join(screen(chat.app))
        assert "\x1b" not in "".join(screen(chat.app))


async def test_a_room_is_looked_at_once_we_are_in_and_closed_once_we_are_out():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        chat.app.chat.obey("/join ops")
        chat.port.tell(Joined("alice", "ops", own=True, id="id2"))
        await settle(chat, pilot)
        assert chat.talk.current == "ops"

        chat.app.chat.obey("/join lobby")
        assert chat.talk.current == "lobby"
        chat.app.chat.obey("/join ops")
        chat.app.chat.obey("/part")
        chat.port.tell(Left("alice", "ops", own=True, id="id5"))
        await settle(chat, pilot)
        assert list(chat.talk.rooms) == ["lobby"]


async def test_direct_messages_open_a_room_of_their_own():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.app.chat.obey("/msg bob psst")
        chat.port.tell(Said("bob", "what?", "@bob", Saying.DIRECT, to="alice"))
        await settle(chat, pilot)
        assert chat.talk.current == "@bob"
        chat.app.chat.obey("/part")
        assert chat.talk.current == "lobby"


async def test_a_reply_goes_to_who_spoke_directly_last():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        chat.app.chat.obey("/reply what?")
        assert ("say", "what?", "@bob") not in chat.port.wanted
        chat.port.tell(Said("carol", "a", "@carol", Saying.DIRECT))
        chat.port.tell(Said("bob", "b", "@bob", Saying.DIRECT), Said("zed", "c"))
        await settle(chat, pilot)
        chat.app.chat.obey("/reply what?")
        assert ("say", "what?", "@bob") in chat.port.wanted


async def test_only_what_can_be_typed_is_offered():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.port.tell(Joined("bob\x1b[2J"), Joined("bobby"), Joined("b", "ops\x1b[2J"))
        await settle(chat, pilot)
        composer = chat.app.chat.composer
        for typed, offered in (("bo", "bobby: "), ("/join o", "/join o")):
            composer.write(typed)
            await pilot.press("tab")
            assert composer.text == offered


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/set theme te", "/set theme textual-dark "),
        ("/set notify os", "/set notify osc777 "),
        ("/set mouse o", "/set mouse off "),
        ("/join #lo", "/join #lobby "),
        ("/re", "/reconnect "),
    ],
)
async def test_what_tab_offers_first(typed, offered):
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        chat.app.chat.composer.write(typed)
        await pilot.press("tab")
        assert chat.app.chat.composer.text == offered


async def test_commands_used_most_are_offered_first():
    chat = started(remembered=SimpleNamespace(lines=["/record a", "/retry", "/record b"]))
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        chat.app.chat.composer.write("/re")
        await pilot.press("tab")
        assert "[/record]  /retry   /reconnect   /reply " in screen(chat.app)[-3]


async def test_recording_is_shown_and_its_failure_told():
    chat = started()

    def refuse(file):
        raise UsageError("cannot record to /root/y: Permission denied")

    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.app.chat.obey("/record /tmp/x.pcapng")
        chat.app.chat.obey("/mark here")
        await settle(chat, pilot)
        assert "  recording" in screen(chat.app)[-1]
        assert ("mark", "here") in chat.port.wanted
        chat.port.record = refuse
        chat.app.chat.obey("/record /root/y")
        await settle(chat, pilot)
        assert "cannot record to /root/y: Permission denied" in "\n".join(screen(chat.app))


async def test_clear_search_theme_and_help():
    chat = started()
    async with chat.app.run_test(size=(100, 24)) as pilot:
        chat.port.tell(Said("bob", "needle"))
        await settle(chat, pilot)
        chat.app.chat.obey("/search needle")
        assert chat.app.chat.timeline.needle == "needle"
        chat.app.chat.obey("/theme textual-light")
        assert chat.app.theme == "textual-light"
        chat.app.chat.obey("/help me")
        await settle(chat, pilot)
        assert "/me TEXT: say what you do" in "\n".join(screen(chat.app))
        chat.app.chat.obey("/clear")
        await settle(chat, pilot)
        assert "needle" not in "\n".join(screen(chat.app))
        chat.app.chat.obey("/keys")
        await settle(chat, pilot)
        assert "keys and commands" in "\n".join(screen(chat.app))


async def test_help_begins_with_what_was_asked_for():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        await pilot.press("f1")
        assert "│ Everywhere" in screen(chat.app)[2]
        await pilot.press("escape")
        chat.app.chat.obey("/help")
        await settle(chat, pilot)
        assert "│ Commands" in screen(chat.app)[2]
