"""What people arrange for themselves: copying, saving, ignoring, settings. None of it is sent."""

import base64

import pytest

from chatctl.session.client.events import Delivery, Page, Receipt, Said, Saying
from chatctl.tui.remembered import Remembered
from chatctl.tui.screen.outside import Outside
from chatctl.wire.codec import read_json
from tests.tui.fakes import screen, settle, started


@pytest.fixture
async def chat():
    chat = started()
    async with chat.app.run_test(size=(100, 30)) as pilot:
        chat.written = []
        chat.app.chat.outside = Outside(chat.written.append)

        async def obey(line):
            await settle(chat, pilot)
            chat.app.chat.obey(line)
            await settle(chat, pilot)
            return [row.text for row in reversed(list(chat.talk.room.rows.backwards()))]

        chat.obey = obey
        await settle(chat, pilot)
        chat.sent = list(chat.port.wanted)
        yield chat
        assert chat.port.wanted == chat.sent


def copied(chat):
    (sequence,) = (text for text in chat.written if "]52;" in text)
    return base64.b64decode(sequence.split(";")[2].rstrip("\x07")).decode()


@pytest.mark.parametrize(
    ("line", "text"),
    [("/copy", "❤️ two\nlines"), ("/copy 2", "bob: one\ncarol: ❤️ two\nlines")],
)
async def test_copy_takes_the_words_as_they_were_sent(chat, line, text):
    chat.port.tell(Said("bob", "one"), Said("carol", "❤️ two\nlines"))
    await chat.obey(line)
    assert copied(chat) == text


async def test_what_is_copied_cannot_harm_where_it_is_pasted(chat):
    chat.port.tell(Said("mallory", "x\x1b[201~rm -rf\x07"))
    await chat.obey("/help")
    await chat.obey("/copy")
    assert copied(chat) == r"x\x1b[201~rm -rf\x07"


async def test_copy_of_nothing_and_of_too_much_is_said(chat):
    assert (await chat.obey("/copy"))[-1] == "nothing has been said here"
    chat.port.tell(Said("bob", "x" * 60_000))
    assert "60,000 characters are more than a terminal copies" in "".join(await chat.obey("/copy"))


async def test_save_writes_json_lines_and_over_nothing(chat, tmp_path):
    file = tmp_path / "chat.jsonl"
    chat.port.tell(
        Said("bob", "h\x1b[mi ❤️", seq=7, time=1_795_348_800_123),
        Said("bob", "waves", how=Saying.ACTION, seq=8, time=1_795_348_801_000),
    )
    assert (await chat.obey(f"/save {file}"))[-1] == f"2 messages saved to {file}"
    assert [read_json(line) for line in file.read_bytes().splitlines()] == [
        {
            "time": "2026-11-22T12:00:00.123+00:00",
            "room": "lobby",
            "nick": "bob",
            "text": "h\x1b[mi ❤️",
            "seq": 7,
        },
        {
            "time": "2026-11-22T12:00:01.000+00:00",
            "room": "lobby",
            "nick": "bob",
            "text": "waves",
            "seq": 8,
            "action": True,
        },
    ]
    before = file.read_bytes()
    assert (await chat.obey(f"/save {file}"))[-1].endswith("File exists")
    assert file.read_bytes() == before


async def test_a_home_that_is_nowhere_is_said(chat):
    assert (await chat.obey("/save ~nosuch/x"))[-1] == "nobody's home is ~nosuch/x"
    assert (await chat.obey("/record ~nosuch/x"))[-1] == "nobody's home is ~nosuch/x"


async def test_a_time_that_is_no_date_is_one_that_can_be_told(chat, tmp_path):
    chat.port.tell(
        Said("bob", "late", time=9007199254740990), Said("eve", "early", time=-9007199254740990)
    )
    assert "last heard 30 December 23:59" in (await chat.obey("/whois bob"))[-1]
    assert (await chat.obey(f"/save {tmp_path / 'x'}"))[-1].startswith("2 messages saved")


async def test_who_is_ignored_is_not_shown_until_shown_again(chat):
    await chat.obey("/ignore @Bob")
    chat.port.tell(Said("bob", "unseen"))
    assert (await chat.obey("/ignore"))[-2:] == ["Bob is not shown any more", "not shown: bob"]
    assert (await chat.obey("/unignore carol"))[-1] == "carol is not ignored"
    await chat.obey("/unignore BOB")
    chat.port.tell(Said("bob", "seen"))
    assert (await chat.obey("/ignore"))[-2:] == ["seen", "not shown: nobody"]


async def test_who_is_ignored_is_hidden_in_what_was_said_before(chat, tmp_path):
    chat.port.tell(Said("bob", "before", seq=8), Said("carol", "hi", seq=9))
    await chat.obey("/ignore bob")
    older = tuple(Said("bob", f"older {n}", seq=n) for n in range(1, 8))
    chat.talk.room.asked = "page"
    chat.port.tell(Page("lobby", older, id="page"), Page("lobby", older, id="by hand"))
    await chat.obey(f"/save {tmp_path / 'saved'}")
    shown = "\n".join(screen(chat.app))
    assert "before" not in shown
    assert "older" not in shown
    assert b'"bob"' not in (tmp_path / "saved").read_bytes()
    assert "nothing found" in await chat.obey("/search older")
    assert chat.talk.room.rows.oldest() == 1

    await chat.obey("/unignore bob")
    shown = "\n".join(screen(chat.app))
    assert "before" in shown
    assert "older 7" in shown


async def test_whois_says_what_is_known_here(chat):
    chat.port.tell(Said("bob", "hi", time=1_795_348_800_000), Said("bob", "x", "ops"))
    assert (await chat.obey("/whois BOB"))[-1] == "BOB: in lobby, ops; last heard 22 November 12:00"
    assert (await chat.obey("/whois zed"))[-1] == "zed: not seen here"


async def test_words_that_call(chat):
    assert (await chat.obey("/highlight release"))[-1] == "you are called by: alice, release"
    assert (await chat.obey("/highlight -release"))[-1] == "you are called by: alice"


async def test_settings_are_shown_and_changed(chat):
    await chat.obey("/set")
    assert "theme = textual-dark" in "\n".join(screen(chat.app))
    chat.app.screen.dismiss()
    assert (await chat.obey("/set theme nord"))[-1].startswith("theme = nord · its colours")
    assert chat.app.theme == "nord"
    await chat.obey("/set mouse off")
    assert chat.written[-1] == "\x1b[?1000l\x1b[?1003l"
    await chat.obey("/set scrollback 500")
    assert chat.talk.room.rows.most == 500
    await chat.obey("/set remember off")
    assert not chat.app.chat.composer.remembered.keeping
    await chat.obey("/set frames 5")
    assert chat.app.chat._drawing._interval == 0.2
    assert "frames is a number from 1 to 60" in await chat.obey("/set frames 100")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("/set fraems 5", "'fraems' means nothing; did you mean 'frames'?"),
        ("/set nonsense", "'nonsense' means nothing; there are theme, mouse"),
        ("/set theme blue", "no theme 'blue'; there are textual-dark"),
        ("/theme mno", "no theme 'mno'; did you mean 'mono'?"),
        ("/theme blue", "no theme 'blue'; there are textual-dark"),
    ],
)
async def test_what_cannot_be_set_is_said_once(chat, line, complaint):
    before = len(await chat.obey("/set title"))
    (said,) = (await chat.obey(line))[before:]
    assert said.startswith(complaint)
    assert chat.app.theme == "textual-dark"


async def test_the_theme_in_force_and_the_others_are_told(chat):
    assert (await chat.obey("/theme"))[-1].startswith("the theme is textual-dark; there are ")


async def test_what_was_written_is_kept_and_trouble_with_that_told_once(tmp_path):
    (tmp_path / "file").write_text("")
    for folder, trouble in ((tmp_path / "state", 0), (tmp_path / "file", 1)):
        chat = started(remembered=Remembered(folder / "written"))
        async with chat.app.run_test(size=(80, 24)) as pilot:
            await settle(chat, pilot)
            for text in ("one", "one", "two"):
                chat.app.chat.composer.write(text)
                await pilot.press("enter")
            await settle(chat, pilot)
            said = [line for line in screen(chat.app) if "is not kept for the next time" in line]
            assert len(said) == trouble
    chat = started(remembered=Remembered(tmp_path / "state" / "written"))
    async with chat.app.run_test(size=(80, 24)) as pilot:
        await settle(chat, pilot)
        await pilot.press("up", "up")
        assert chat.app.chat.composer.text == "one"


async def test_status_tells_how_things_stand(chat):
    said = Said("alice", "x", id="a", own=True, state=Delivery.PENDING)
    chat.port.tell(said, Said("bob", "hi"))
    assert (await chat.obey("/status"))[-4:] == [
        "127.0.0.1:3490, with the extension: ● connected",
        "you are alice; 1 of your words are pending",
        "lobby: 2 here, 3 rows, of 100,000 that are kept",
        "recording: no",
    ]
    chat.port.tell(Receipt("a", Delivery.CONFIRMED))
