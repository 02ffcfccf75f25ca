"""The full screen in tmux, which knows how wide a character is, what a title is and what a key."""

import shutil

import pytest
from rich.cells import cell_len

from tests.peers.programs import CHATCTL, server
from tests.tui.terminals import Tmux, send, talking

pytestmark = [
    pytest.mark.xdist_group("terminal"),
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]
WIDE = [
    *("日本語のメッセージ", "👍 ok", "👨‍👩‍👧 family", "❤️ heart", "⚠️ sign", "1️⃣ keycap", "👍🏽 tone"),
    *("🇫🇮 flag", "한글 조합", "שלום עולם", "مرحبا", "สวัสดี", "नमस्ते", "e\u0301\u0301", "ｆｕｌｌ"),
    *(
        "tab\there",
        "a\u200db",
        "x\u0300\u0301\u0302\u0303\u0304\u0305y",
        "½ ‰ →",
        "𝔘𝔫𝔦",
        "ﷺ",
        "–—…",
    ),
]


@pytest.fixture
def tmux():
    opened = []

    def open_one(*arguments, **size):
        line = " ".join([*CHATCTL, *arguments])
        opened.append(Tmux(f"{line}; echo status=$?; exec sleep 100", **size))
        return opened[-1]

    yield open_one
    for one in opened:
        one.kill()


@pytest.fixture
def alice(tmux):
    def connect(address, **size):
        terminal = tmux("connect", "alice", "-s", address, **size)
        terminal.until("● connected")
        return terminal

    with server() as (address, _):
        connect.address = address
        yield connect


def _whole(terminal):
    """Return the rows with their trailing spaces, once all of them have been drawn."""
    rows = terminal.do("capture-pane", "-p", "-N", "-t", "w").split("\n")[:-1]
    return rows if len(rows) == 60 and all(rows) else None


@pytest.mark.parametrize("columns", [80, 140])
def test_wide_text_takes_the_cells_that_we_count(alice, columns):
    """A row of tmux has as many cells as the window: were one counted otherwise, some were over."""
    terminal = alice(alice.address, columns=columns, rows=60)
    with talking(alice.address, "bob") as say:
        for text in WIDE:
            say(f"{text} " * (130 // (len(text) + 1)) + "\n")
        say("that was all\n")
    terminal.until("that was all")
    terminal.until("bob has left")
    rows = terminal.until_so(_whole, "a row is missing")
    assert {cell_len(row) for row in rows} == {columns}
    words = [row for row in rows[1:-2] if " │ " in row]
    assert {cell_len(row.partition("│")[0]) for row in words} == {23}
    assert len(words) > len(WIDE)


def test_escapes_in_words_change_nothing(alice):
    terminal = alice(alice.address)
    evil = "\x1b]0;pwned\x07\x1b]52;c;cHduZWQ=\x07\x1b[2J\x1b[1;1H\x9b31m\u202e[red]X"
    assert terminal.title() == "lobby - chatctl"
    send(alice.address, evil, "mallory")
    line = terminal.until("[red]X")
    assert r"\x1b]0;pwned\x07\x1b]52" in "".join(terminal.lines())
    assert terminal.title() == "lobby - chatctl"
    assert "pwned" not in terminal.do("list-buffers")
    assert "│" in line


def test_what_is_copied_is_in_the_clipboard(alice):
    terminal = alice(alice.address)
    send(alice.address, "copy me: 日本", "bob")
    terminal.until("copy me")
    terminal.type("/copy", "Enter")
    terminal.until("1 message copied")
    assert terminal.do("show-buffer") == "copy me: 日本"


def test_the_window_gets_its_name_back(tmux):
    with server() as (address, _):
        shell = Tmux("exec sh")
        try:
            shell.type(r"printf '\033]2;before\007'; clear", "Enter")
            shell.until_so(lambda shell: shell.title() == "before" or None, "no title")
            shell.type(" ".join([*CHATCTL, "connect", "alice", "-s", address]), "Enter")
            shell.until("● connected")
            assert shell.title() == "lobby - chatctl"
            shell.type("/q", "Enter")
            shell.until("● connected", gone=True)
            assert shell.title() == "before"
        finally:
            shell.kill()


def test_lines_that_come_in_one_burst_stay_lines(alice):
    terminal = alice(alice.address)
    terminal.type("one\rtwo\rthree\rand a half")
    terminal.until("alice> and a half")
    for word in ("one", "two", "three"):
        assert terminal.until(f"│ {word}").endswith(f"│ {word}")


def test_alt_digits_and_alt_enter_are_keys(alice):
    terminal = alice(alice.address)
    terminal.type("/join ops", "Enter")
    terminal.until(" ops ──")
    terminal.type("", "M-1")
    terminal.until(" lobby ──")
    terminal.type("one", "M-Enter")
    terminal.type("two", "Enter")
    terminal.until("│ one")
    terminal.until("│ two")


def test_the_cursor_is_where_the_caret_is(alice):
    """Input methods open their window there."""
    terminal = alice(alice.address)
    terminal.type("日本x")
    terminal.until("alice> 日本x")
    terminal.type("", "Left")
    place = "#{cursor_x},#{cursor_y}"
    terminal.until_so(
        lambda it: it.do("display-message", "-p", "-t", "w", place).strip() == "11,22" or None,
        "the cursor is elsewhere",
    )
