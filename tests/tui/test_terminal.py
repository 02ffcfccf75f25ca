"""The full screen in real terminals: tmux for what is seen, a pseudo terminal for what is sent."""

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import termios
import time
import uuid

import pytest

from tests.peers.programs import CHATCTL, environment, server

PATIENCE = 30.0
pytestmark = pytest.mark.xdist_group("terminal")
needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Tmux:
    """A tmux of its own with one window."""

    def __init__(self, command, columns=80, rows=24):
        self._name = f"chatctl-{uuid.uuid4().hex[:8]}"
        env = environment(LC_ALL="C.UTF-8", TERM="xterm-256color")
        self._env = env
        self.do("new-session", "-d", "-x", str(columns), "-y", str(rows), "-s", "w", command)
        self.do("set-option", "-g", "set-clipboard", "on")

    def do(self, *arguments):
        command = ["tmux", "-L", self._name, "-f", "/dev/null", *arguments]
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, check=False)
        return done.stdout

    def type(self, text, *keys):
        if text:
            self.do("send-keys", "-t", "w", "-l", text)
        if keys:
            self.do("send-keys", "-t", "w", *keys)

    def lines(self):
        return self.do("capture-pane", "-p", "-t", "w").split("\n")

    def until(self, text, gone=False):
        """Wait until *text* is on the screen and return its line, or until it is not."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = [line for line in self.lines() if text in line]
            if bool(found) != gone:
                return found[0] if found else ""
            select.select([], [], [], 0.05)
        raise AssertionError(
            f"{text!r} {'stays' if gone else 'does not come'}:\n"
            + self.do("capture-pane", "-p", "-t", "w")
        )

    def kill(self):
        self.do("kill-server")


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


def send(address, text, nick):
    command = [*CHATCTL, "send", text, "--once", "--nick", nick, "--server", address]
    subprocess.run(command, check=True, env=environment(), timeout=PATIENCE)


@needs_tmux
def test_two_people_talk_and_one_leaves(tmux):
    with server() as (address, _):
        alice = tmux("connect", "alice", "-s", address)
        alice.until("● connected")
        bob = tmux("connect", "bob", "-s", address)
        alice.until("bob has joined")
        bob.until("connected")
        alice.type("half a li")
        bob.type("hello alice, 日本語 👍🏽 ok", "Enter")
        assert "✓ │ hello alice" in bob.until("✓ │ hello")
        assert "bob  │ hello alice, 日本語 👍 ok" in alice.until("hello alice")
        alice.until("alice> half a li")
        alice.type("ne", "Enter")
        bob.until("│ half a line")
        bob.type("/q", "Enter")
        bob.until("status=0")
        alice.until("bob has left")


@needs_tmux
def test_a_lost_link_comes_back_and_nothing_is_lost_or_doubled(tmux):
    with server() as (address, process):
        alice = tmux("connect", "alice", "-s", address)
        alice.until("● connected")
        process.kill()
        process.wait()
        alice.until("◐ reconnecting")
        alice.type("said meanwhile", "Enter")
        alice.until("… │ said meanwhile")
        alice.type("not yet sent")
        with server(port=int(address.rpartition(":")[2])):
            alice.until("✓ │ said meanwhile")
            alice.until("alice> not yet sent")
            assert len([line for line in alice.lines() if "said meanwhile" in line]) == 1


@needs_tmux
def test_lines_that_come_in_one_burst_stay_lines(tmux):
    with server() as (address, _):
        alice = tmux("connect", "alice", "-s", address)
        alice.until("● connected")
        alice.type("one\rtwo\rthree\rand a half")
        alice.until("alice> and a half")
        for word in ("one", "two", "three"):
            assert alice.until(f"│ {word}").endswith(f"│ {word}")


@needs_tmux
def test_escapes_in_words_change_nothing(tmux):
    evil = "\x1b]0;pwned\x07\x1b]52;c;cHduZWQ=\x07\x1b[2J\x1b[1;1H\x9b31m\u202e[red]X"
    with server() as (address, _):
        alice = tmux("connect", "alice", "-s", address)
        alice.until("● connected")
        title = alice.do("display-message", "-p", "#{pane_title}")
        send(address, evil, "mallory")
        line = alice.until("[red]X")
        assert r"\x1b]0;pwned\x07\x1b]52" in "".join(alice.lines())
        assert alice.do("display-message", "-p", "#{pane_title}") == title
        assert "pwned" not in alice.do("list-buffers")
        assert "│" in line


@needs_tmux
def test_any_size_is_survived(tmux):
    with server() as (address, _):
        alice = tmux("connect", "alice", "-s", address)
        alice.until("● connected")
        alice.type("kept")
        for columns, rows in ((200, 50), (40, 10), (10, 3), (1, 1), (300, 100), (80, 24)):
            alice.do("resize-window", "-t", "w", "-x", str(columns), "-y", str(rows))
            send(address, f"at {columns} by {rows}", "bob")
        alice.until("│ at 80 by 24")
        alice.until("alice> kept")


@needs_tmux
def test_alt_digits_and_alt_enter_are_keys(tmux):
    with server() as (address, _):
        alice = tmux("connect", "alice", "-s", address)
        alice.until("● connected")
        alice.type("/join ops", "Enter")
        alice.until(" ops ──")
        alice.type("", "M-1")
        alice.until(" lobby ──")
        alice.type("one", "M-Enter")
        alice.type("two", "Enter")
        alice.until("│ one")
        alice.until("│ two")


class Pty:
    """``chatctl connect`` in a pseudo terminal, every octet kept."""

    def __init__(self, *arguments, **env):
        self.fd, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        streams = {"stdin": inside, "stdout": inside, "stderr": inside}
        env = environment(TERM="xterm-256color") | env
        self._process = subprocess.Popen(
            [*CHATCTL, *arguments], env=env, start_new_session=True, **streams
        )
        os.close(inside)
        self.pid = self._process.pid
        self.sent = b""

    def until(self, wanted):
        end = time.monotonic() + PATIENCE
        while wanted not in self.sent:
            assert time.monotonic() < end, (wanted, self.sent[-500:])
            assert self._read(1.0) or self.sent.count(wanted), (wanted, self.sent[-500:])

    def end(self):
        """Read to the end; return the status as a shell would tell it."""
        while self._read(PATIENCE):
            pass
        os.close(self.fd)
        return self._process.wait(PATIENCE)

    def _read(self, patience):
        if not select.select([self.fd], [], [], patience)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.sent += data
        return bool(data)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["TERM", "HUP"]
)
def test_the_terminal_is_given_back_on_a_signal(number, status):
    with server() as (address, _):
        terminal = Pty("connect", "alice", "-s", address)
        terminal.until("● connected".encode())
        os.kill(terminal.pid, number)
        assert terminal.end() == status
    _given_back(terminal.sent)


def test_the_terminal_is_given_back_when_the_keys_say_so():
    with server() as (address, _):
        terminal = Pty("connect", "alice", "-s", address)
        terminal.until("● connected".encode())
        os.write(terminal.fd, b"\x03\x03")
        assert terminal.end() == 0
    _given_back(terminal.sent)


def test_no_server_is_one_line_after_the_screen_is_gone():
    terminal = Pty("connect", "alice", "-s", "127.0.0.1:1")
    assert terminal.end() == 3
    last = terminal.sent.decode().rpartition("\x1b[?1049l")[2]
    assert "cannot connect to 127.0.0.1:1" in last


@pytest.mark.parametrize("term", ["dumb", ""])
def test_no_screen_is_drawn_on_what_cannot_draw(term):
    with server() as (address, _):
        terminal = Pty("connect", "alice", "-s", address, TERM=term)
        terminal.until(b"alice has joined")
        os.write(terminal.fd, b"/q\n")
        assert terminal.end() == 0
    assert b"\x1b[?1049h" not in terminal.sent


def _given_back(sent):
    tail = sent[sent.rindex(b"\x1b[?1049l") - 400 :]
    for off in (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?2004l", b"\x1b[?25h"):
        assert off in tail, off
