"""The full screen against a real server, in a pseudo terminal that pyte reads."""

import os
import random
import re
import signal
from pathlib import Path

import pytest

from chatctl.wire.codec import read_json
from tests.peers.programs import CHATCTL, server
from tests.tui.terminals import MOUSE_OFF, MOUSE_ON, Pty, send, talking

pytestmark = pytest.mark.xdist_group("terminal")


@pytest.fixture
def opened():
    terminals = []

    def open_one(*arguments, **more):
        terminals.append(Pty(*arguments, **more))
        return terminals[-1]

    yield open_one
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def connect(opened):
    def connect(nick, address, **more):
        terminal = opened("connect", nick, "-s", address, **more)
        terminal.until("● connected")
        return terminal

    return connect


@pytest.fixture
def address():
    with server() as (address, _):
        yield address


def told(terminal, text):
    """Return the last octets written that hold *text*, as words."""
    return terminal.sent[terminal.sent.rindex(text.encode()) :].decode()


# ---------------------------------------------------------------- people


def test_two_people_talk_and_one_leaves(connect, address):
    alice = connect("alice", address)
    bob = connect("bob", address)
    alice.until("bob has joined")
    alice.type("half a li")
    bob.type("hello alice\r")
    assert "bob✓ │ hello alice" in bob.until("✓ │ hello")
    assert "bob  │ hello alice" in alice.until("│ hello alice")
    alice.until("alice> half a li")
    alice.type("ne\r")
    bob.until("│ half a line")
    bob.type("/q\r")
    assert bob.end() == 0
    alice.until("bob has left")


def test_who_is_killed_or_renamed_is_seen_by_the_others(connect, address):
    alice = connect("alice", address, size=(120, 24))
    bob = connect("bob", address)
    alice.until("people (2)")
    bob.type("/nick robert\r")
    alice.until("bob is now known as robert")
    alice.until("● robert")
    bob.until("robert>")
    bob.process.kill()
    alice.until("robert has left")
    alice.until("people (1)")


def test_what_one_wrote_is_there_the_next_time(connect, address, tmp_path):
    first = connect("alice", address, CHATCTL_STATE=str(tmp_path))
    first.type("one\x1b\rtwo\rthree\r")
    first.until("✓ │ three")
    first.type("/q\r")
    assert first.end() == 0
    again = connect("alice", address, CHATCTL_STATE=str(tmp_path))
    again.type("\x1b[A\x1b[A\x1b[A")
    again.until("alice> one")
    again.until("two")
    (file,) = tmp_path.rglob("*.jsonl")
    assert file.stat().st_mode & 0o777 == 0o600


# ---------------------------------------------------------------- a link that is lost


def test_a_lost_link_comes_back_and_nothing_is_lost_or_doubled(connect):
    with server() as (address, process):
        alice = connect("alice", address)
        process.kill()
        process.wait()
        alice.until("◐ reconnecting")
        words = [f"said meanwhile {number}" for number in range(3)]
        for word in words:
            alice.type(f"{word}\r")
            alice.until(f"… │ {word}")
        alice.until("3 pending")
        alice.type("not yet sent")
        alice.until("alice> not yet sent")
        with server(port=int(address.rpartition(":")[2])) as (address, _):
            bob = connect("bob", address)
            for word in words:
                alice.until(f"✓ │ {word}")
            alice.until("● connected")
            alice.until("alice> not yet sent")
            bob.until(words[-1])
            for terminal in (alice, bob):
                shown = [line.partition("│ ")[2] for line in terminal.lines()]
                assert [text for text in shown if text.startswith("said")] == words


# ---------------------------------------------------------------- any size


def test_any_size_is_survived_and_nothing_typed_is_lost(connect, address):
    chance = random.Random(11)
    alice = connect("alice", address)
    alice.type("kept")
    sizes = [(200, 50), (40, 10), (10, 3), (1, 1), (300, 100), (3, 100), (300, 3)]
    sizes += [(chance.randint(1, 160), chance.randint(1, 50)) for _ in range(40)]
    for size in sizes:
        alice.resize(*size)
        alice.type("\x1b[5~")
        alice.read(0.02)
    send(address, "said at the end", "bob")
    alice.resize(80, 24)
    alice.until("alice> kept")
    alice.type("\x1b[1;5F")
    alice.until("│ said at the end")


def test_resizing_in_a_flood_loses_nothing(connect, address, tmp_path):
    alice = connect("alice", address)
    words = [f"word {number}" for number in range(1000)]
    with talking(address, "flood") as say:
        for size in [(100, 30), (1, 1), (20, 5), (300, 100), (3, 9)] * 10:
            say("".join(f"{words.pop(0)}\n" for _ in range(20)))
            alice.resize(*size)
            alice.read(0.01)
    alice.resize(80, 24)
    alice.until("│ word 999")
    alice.type(f"/save {tmp_path / 'saved'}\r")
    alice.until("messages saved")
    saved = map(read_json, (tmp_path / "saved").read_bytes().splitlines())
    assert [row["text"] for row in saved] == [f"word {number}" for number in range(1000)]


# ---------------------------------------------------------------- beside the drawing


def test_the_window_is_called_after_the_room_and_gets_its_name_back(connect, address):
    alice = connect("alice", address)
    alice.until_sent(b"\x1b[22;2t\x1b]2;lobby - chatctl\x07")
    assert alice.screen.title == "lobby - chatctl"
    bob = connect("bob", address)
    bob.type("/msg alice psst\r")
    alice.until_sent(b"\x1b]2;(1) lobby - chatctl\x07")
    alice.until("2:@bob(1)")
    alice.type("\x1b2")
    alice.until_sent(b"\x1b]2;@bob - chatctl\x07")
    alice.type("/q\r")
    assert alice.end() == 0
    assert told(alice, "\x1b]2;\x07").startswith("\x1b]2;\x07\x1b[23;2t")


@pytest.mark.parametrize(
    ("notify", "called"),
    [
        ("osc9", b"\x1b]9;chatctl bob: psst\x07"),
        ("osc777", b"\x1b]777;notify;chatctl bob;psst\x07"),
    ],
)
def test_a_call_is_a_note_of_the_desktop_where_that_is_wanted(
    connect, address, tmp_path, notify, called
):
    config = tmp_path / "config.toml"
    config.write_text(f'[ui]\nnotify = "{notify}"\ntitle = false\n')
    alice = connect("alice", address, CHATCTL_CONFIG=str(config))
    send_direct(connect, address)
    alice.until_sent(called)
    assert b"\x1b]2;" not in alice.sent


def send_direct(connect, address):
    bob = connect("bob", address)
    bob.type("/msg alice psst\r")
    bob.until("✓ │ psst")


def test_words_go_to_the_clipboard_when_asked_for(connect, address):
    alice = connect("alice", address)
    send(address, "copy me", "bob")
    alice.until("│ copy me")
    assert b"\x1b]52" not in alice.sent
    alice.type("/copy\r")
    alice.until_sent(b"\x1b]52;c;Y29weSBtZQ==\x07")


def test_the_bare_view_leaves_the_mouse_to_the_terminal(connect, address):
    alice = connect("alice", address)
    send(address, "select me", "bob")
    alice.until("│ select me")
    alice.type("\x1b[18~")
    alice.until("bob: select me")
    alice.until_sent(MOUSE_OFF)
    assert not any("│" in line for line in alice.lines())
    alice.type("q")
    alice.until("│ select me")
    assert told(alice, MOUSE_ON.decode()).rfind(MOUSE_OFF.decode()) < 0


def test_it_goes_to_the_background_and_comes_back(connect, address):
    alice = connect("alice", address)
    alice.type("kept\x1a")
    alice.until_sent(b"\x1b[?1049l")
    os.waitpid(alice.process.pid, os.WUNTRACED)
    alice.sent = b""
    os.kill(alice.process.pid, signal.SIGCONT)
    alice.until_sent(b"\x1b[22;2t\x1b]2;lobby - chatctl\x07")
    alice.until("alice> kept")


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131)],
    ids=["TERM", "HUP", "INT", "QUIT"],
)
def test_the_terminal_is_given_back_on_a_signal(connect, address, number, status):
    alice = connect("alice", address)
    os.kill(alice.process.pid, number)
    assert alice.end() == status
    given_back(alice)


@pytest.mark.parametrize(("keys", "status"), [("\x03\x03", 0), ("\x04", 0), ("/quit\r", 0)])
def test_the_terminal_is_given_back_when_the_keys_say_so(connect, address, keys, status):
    alice = connect("alice", address)
    alice.type(keys)
    assert alice.end() == status
    given_back(alice)


BROKEN = """
import sys
from chatctl.tui.screen.looking import Looking
from chatctl.__main__ import main
Looking.action_help = lambda self: 1 / 0
sys.argv = ["chatctl", *sys.argv[1:]]
main()
"""


def test_the_terminal_is_given_back_on_a_fault_of_ours(opened, address):
    command = [CHATCTL[0], "-c", BROKEN]
    alice = opened("connect", "alice", "-s", address, command=command)
    alice.until("● connected")
    alice.type("\x1bOP")
    assert alice.end() == 70
    assert b"ZeroDivisionError" in alice.sent
    given_back(alice)


@pytest.mark.parametrize("controlling", [True, False])
def test_a_terminal_that_goes_away_ends_it(connect, address, controlling):
    alice = connect("alice", address, controlling=controlling)
    bob = connect("bob", address)
    os.close(alice.fd)
    assert alice.process.wait(10) in {129, -signal.SIGHUP}
    bob.until("alice has left")


def test_one_that_does_not_read_does_not_keep_it_from_ending(connect, address):
    alice = connect("alice", address)
    with talking(address, "flood") as say:
        for number in range(300):
            say("日本語のメッセージ " * 30 + f"{number}\n")
    alice.process.terminate()
    assert alice.process.wait(10) == 143


def test_no_server_is_one_line_after_the_screen_is_gone(opened):
    terminal = opened("connect", "alice", "-s", "127.0.0.1:1")
    assert terminal.end() == 3
    last = terminal.sent.decode().rpartition("\x1b[?1049l")[2]
    assert "cannot connect to 127.0.0.1:1" in last


@pytest.mark.parametrize("lines", [(), ("--plain",)])
def test_no_recording_is_written_to_a_terminal(opened, address, lines):
    terminal = opened("connect", "alice", "-s", address, "--record", "-", *lines)
    assert terminal.end() == 2
    assert b"a recording is not for a terminal to show" in terminal.sent
    assert b"\x1b[?1049h" not in terminal.sent


def test_nor_is_one_that_is_begun_later(connect, address):
    alice = connect("alice", address)
    alice.type("/record -\r")
    alice.until("standard output is where the chat is shown")


@pytest.mark.parametrize("term", ["dumb", ""])
def test_no_screen_is_drawn_on_what_cannot_draw(opened, address, term):
    terminal = opened("connect", "alice", "-s", address, TERM=term)
    terminal.until("alice has joined")
    terminal.type("/q\n")
    assert terminal.end() == 0
    assert b"\x1b" not in terminal.sent


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_what_goes_into_a_file_has_no_escape(opened, address, tmp_path, stream):
    with (tmp_path / "file").open("wb") as file:
        terminal = opened("connect", "alice", "-s", address, files={stream: file})
        if stream == "stderr":
            terminal.until("alice has joined")
        terminal.type("hi\n/q\n")
        assert terminal.end() == 0
    assert b"\x1b" not in (tmp_path / "file").read_bytes()
    assert b"\x1b[?1049h" not in terminal.sent
    if stream == "stdout":
        assert b"alice: hi" in (tmp_path / "file").read_bytes()


@pytest.mark.parametrize("text", ["", "hi\n"])
def test_what_comes_from_a_file_is_said_without_a_screen(opened, address, tmp_path, text):
    (tmp_path / "file").write_text(text)
    with (tmp_path / "file").open("rb") as file:
        terminal = opened("connect", "alice", "-s", address, files={"stdin": file})
        assert terminal.end() == 0
    assert b"\x1b" not in terminal.sent
    assert (b"alice: hi" in terminal.sent) == bool(text)


def test_no_colour_is_no_colour(opened, address):
    screen = opened("connect", "alice", "-s", address, NO_COLOR="1", COLORTERM="truecolor")
    screen.until("● connected")
    prompt = opened("connect", "bob", "-s", address, "--plain", NO_COLOR="1")
    screen.until("bob has joined")
    prompt.type("alice: hi\r")
    prompt.until("bob: alice: hi")
    screen.until("│ alice: hi")
    assert not re.search(rb"\x1b\[[0-9;]*m", prompt.sent)
    colours = set(re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", screen.sent))
    assert colours
    assert all(red == green == blue for red, green, blue in colours)


def given_back(terminal):
    tail = terminal.sent[terminal.sent.rindex(b"\x1b[?1049l") - 400 :]
    for off in (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?25h"):
        assert off in tail, off


def test_a_replay_looks_as_the_profile_asked_for_says(opened, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('[profiles.other.keys]\nhelp = "f2"\n')
    capture = Path(__file__).parents[2] / "examples" / "captures" / "three-people.pcapng"
    terminal = opened(
        "replay", str(capture), "--step", "--profile", "other", CHATCTL_CONFIG=str(config)
    )
    terminal.until("F2 help")
    terminal.type("q")
    assert terminal.process.wait(10) == 0
