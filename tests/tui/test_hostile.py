"""A server that means harm: whatever it sends, the terminal gets nothing but what is ours.

Every octet that a front writes is read back and taken apart: no escape sequence may be there that
is not on the list of those we and Textual write, and no control character outside of them.
"""

import re
import socketserver
import subprocess
import threading

import pytest

from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import (
    Bye,
    Chat,
    Direct,
    Error,
    Gap,
    History,
    Join,
    Leave,
    NickChange,
    RoomInfo,
    Rooms,
    Topic,
    Welcome,
    Who,
)
from tests.peers.programs import CHATCTL, environment
from tests.tui.terminals import MOUSE_OFF, MOUSE_ON, PATIENCE, Pty

pytestmark = pytest.mark.xdist_group("terminal")

CONTROLS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
EVIL = (
    "\x1b]0;pwned\x07\x1b]2;pwned\x1b\\\x1b]52;c;cHduZWQ=\x07\x1b]8;;http://pwned\x07\x1b[2J\x1b[5m"
    "\x1bP1$r0m\x1b\\\x1b_G\x1b\\\x9b31m\x9d2;pwned\x9c\x90q\x9c\u202e\u2066\u200f\ufeff[red]X[/]"
    "*** bob has left the chat"
)
WORDS = EVIL + CONTROLS
OURS = re.compile(
    "\x1b\\[[0-9;]*[mHABCDKJ]"  # colours, places, erasing
    "|\x1b\\[\\?[0-9;]+[hl]|\x1b\\[\\?(?:2026|2048)\\$p"  # modes, and what is asked about them
    "|\x1b\\[>?[0-9;]*u|\x1b\\[<u"  # the keyboard
    "|\x1b\\[2[23];2t|\x1b]2;(?:\\([0-9]+\\) )?[!-~\u2026 ]* - chatctl\x07|\x1b]2;\x07"
    "|\x1b]22;[a-z-]*\x07"  # the pointer
    "|\x07"
)


def story(extended):
    """Return what the server says to somebody who came in."""
    packets = [Join("alice"), Chat(WORDS, WORDS), Chat("mallory", WORDS), Join(WORDS), Leave(WORDS)]
    if extended:
        packets += [
            Topic("lobby", WORDS, WORDS, 3),
            Join("alice", WORDS),
            Direct(WORDS, "alice", WORDS),
            NickChange("mallory", WORDS, "lobby"),
            Gap("lobby", 4, 9, WORDS),
            Who(WORDS, (WORDS, "bob")),
            Rooms((RoomInfo(WORDS, 3, WORDS),)),
            History("lobby", (Chat(WORDS, WORDS, "lobby", 1, 5),)),
            Error(WORDS, WORDS, suggestion=WORDS),
            Leave("alice", "ops", WORDS),
        ]
    return [*packets, Chat("bob", "alice: that was all")]


class Mallory(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(65536)
        if self.server.extended:
            welcome = Welcome(1, WORDS, "alice", ("rooms", "dm", "history"), token="t", session="s")
            self.request.sendall(encode_frame(welcome))
        self.request.sendall(b"".join(map(encode_frame, self.server.story)))
        while self.request.recv(65536):
            pass


@pytest.fixture
def mallory():
    servers = []

    def start(extended, story):
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mallory)
        server.daemon_threads = True
        server.extended, server.story = extended, story
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        servers.append(server)
        return f"127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def foreign(octets, ours=OURS):
    """Return what is in *octets* that a terminal would obey, or not show, and that is not ours."""
    rest = ours.sub("\n", octets.decode())
    bad = [n for n, char in enumerate(rest) if not char.isprintable() and char not in "\r\n"]
    return [rest[max(0, n - 20) : n + 40] for n in bad]


@pytest.mark.parametrize("extended", [True, False], ids=["extended", "base"])
@pytest.mark.parametrize("size", [(140, 40), (80, 24), (19, 10)])
def test_the_full_screen(mallory, extended, size):
    alice = Pty("connect", "alice", "-s", mallory(extended, story(extended)), size=size)
    try:
        alice.until("was all")
        alice.type("\x1b[5~\x1b[5~\t\x1b2\x1b3\x1b1\x1b[18~")
        alice.until_sent(MOUSE_OFF)
        alice.type("q")
        alice.until_so(
            lambda _: alice.sent.rfind(MOUSE_OFF) < alice.sent.rfind(MOUSE_ON) or None,
            "the bare view stays",
        )
        alice.type("\x1b[20~/who\r/status\r/rooms\r/whois bob\r/nick x\r/quit\r")
        alice.end()
    finally:
        alice.close()
    assert not foreign(alice.sent)
    assert "pwned" not in alice.screen.title
    assert b"\x1b]52" not in alice.sent


@pytest.mark.parametrize("extended", [True, False], ids=["extended", "base"])
def test_the_prompt(mallory, extended):
    alice = Pty("connect", "alice", "--plain", "-s", mallory(extended, story(extended)))
    try:
        alice.until("that was all")
        alice.type("/who\r/q\r")
        alice.end()
    finally:
        alice.close()
    assert not foreign(alice.sent)


@pytest.mark.parametrize("more", [[], ["--plain"], ["--json"]], ids=["pipe", "plain", "json"])
@pytest.mark.parametrize("extended", [True, False], ids=["extended", "base"])
def test_pipes_get_no_escape_at_all(mallory, extended, more):
    address = mallory(extended, story(extended))
    command = [*CHATCTL, "connect", "alice", "-s", address, "--follow", *more]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        told = b""
        for line in process.stdout:
            told += line
            if b"that was all" in line:
                break
        process.terminate()
        told += b"".join(process.communicate(timeout=PATIENCE))
    assert not foreign(told, re.compile("(?!)"))


@pytest.mark.parametrize(
    "refusal", [Error("nick-taken", WORDS), Error(WORDS, WORDS), Bye(WORDS, WORDS)]
)
def test_what_is_refused_is_told_without_harm(mallory, refusal):
    for command in (["connect", "alice"], ["send", "hi", "--once", "--nick", "alice"]):
        address = mallory(False, [refusal])
        done = subprocess.run(
            [*CHATCTL, *command, "-s", address],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment(),
            timeout=PATIENCE,
            check=False,
        )
        assert not foreign(done.stdout + done.stderr, re.compile("(?!)"))


def test_the_list_of_ours_lets_no_foreign_sequence_through():
    assert foreign(EVIL.encode())
    for sequence in ("\x1b]0;x\x07", "\x1b]52;c;eA==\x07", "\x1b]8;;x\x07", "\x9b31m", "\x1bPq"):
        assert foreign(sequence.encode()), sequence
