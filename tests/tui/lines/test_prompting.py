"""Line mode on a real pseudo terminal, drawn by pyte: the prompt, and what survives beside it."""

import asyncio
import contextlib
import fcntl
import os
import pty
import struct
import sys
import termios

import pyte
import pytest

from chatctl import node
from chatctl.transport.address import Address
from tests.peers.programs import environment, play

COLUMNS, ROWS = 60, 12


class Terminal:
    """A pseudo terminal with ``chatctl connect --plain`` in it."""

    def __init__(self):
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.octets = b""
        self._changed = asyncio.Event()

    async def start(self, *args, term="xterm-256color", state=os.devnull):
        self.ours, self.theirs = pty.openpty()
        self.resize(COLUMNS)
        self.mode = termios.tcgetattr(self.theirs)
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "chatctl",
            "connect",
            "--plain",
            *map(str, args),
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            start_new_session=True,
            env=environment(TERM=term, NO_COLOR="1", CHATCTL_STATE=str(state)),
        )
        asyncio.get_running_loop().add_reader(self.ours, self._read)
        return self

    def resize(self, columns):
        size = struct.pack("HHHH", ROWS, columns, 0, 0)
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, size)
        self.screen.resize(ROWS, columns)

    def _read(self):
        with contextlib.suppress(OSError):
            data = os.read(self.ours, 65536)
            self.octets += data
            self._stream.feed(data)
        self._changed.set()

    def type(self, text):
        os.write(self.ours, text.encode())

    @property
    def rows(self):
        return [row.rstrip() for row in self.screen.display if row.strip()]

    async def until(self, so):
        try:
            async with asyncio.timeout(20):
                while not so(self.rows):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"never so: {self.rows}") from None
        return self.rows

    async def end(self):
        async with asyncio.timeout(20):
            return await self.process.wait()

    async def close(self):
        asyncio.get_running_loop().remove_reader(self.ours)
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
async def server():
    async with node.serving(node.NodeConfig(listen=(Address("127.0.0.1", 0),))) as running:
        yield running.addresses[0]


@pytest.fixture
async def alice(server):
    terminal = await Terminal().start("alice", "-s", server)
    await terminal.until(lambda rows: rows[-2:] == ["*** alice has joined the chat", "alice>"])
    yield terminal
    await terminal.close()


async def test_a_half_typed_line_survives_what_comes_in(alice, server):
    alice.type("half typed")
    await alice.until(lambda rows: rows[-1] == "alice> half typed")
    await play("send", "hi", "--once", "-n", "bob", "-s", server)
    rows = await alice.until(lambda rows: "*** bob has left the chat" in rows)
    assert rows[-4:] == [
        "*** bob has joined the chat",
        "bob: hi",
        "*** bob has left the chat",
        "alice> half typed",
    ]
    assert (alice.screen.cursor.x, alice.screen.cursor.y) == (17, 4)
    alice.type(", then sent\r")
    said = ["alice: half typed, then sent", "alice>"]
    rows = await alice.until(lambda rows: rows[-2:] == said)
    assert sum("then sent" in row for row in rows) == 1


async def test_ctrl_c_clears_the_line_and_then_quits_with_the_terminal_restored(alice):
    alice.type("never said\x03")
    await alice.until(lambda rows: rows[-1] == "alice>")
    alice.type("\x03")
    assert await alice.end() == 130
    assert termios.tcgetattr(alice.theirs) == alice.mode
    assert not any("never said" in row for row in alice.rows)


@pytest.mark.parametrize("keys", ["/q\r", "\x04"])
async def test_leaving(alice, keys):
    alice.type(keys)
    assert await alice.end() == 0
    assert alice.rows == ["*** alice has joined the chat"]


async def test_sigterm_restores_the_terminal(alice):
    alice.process.terminate()
    assert await alice.end() == 143
    assert termios.tcgetattr(alice.theirs) == alice.mode


async def test_words_that_count_columns_stay_off_the_left_edge(alice, server):
    words = "x" * 70 + " *** eve has left the chat\n*** eve is back"
    await play("send", words, "--once", "-n", "bob", "-s", server)
    rows = await alice.until(lambda rows: "*** bob has left the chat" in rows)
    assert not [row for row in rows if row.startswith("*** eve")]
    assert "    *** eve is back" in rows


async def test_a_narrow_window_keeps_one_row_for_what_is_typed(alice):
    alice.resize(20)
    alice.type("a rather long line that does not fit")
    rows = await alice.until(lambda rows: rows[-1].endswith("does not fit"))
    assert rows[-1] == "alice> does not fit"
    alice.type("\x01\x0b")
    await alice.until(lambda rows: rows[-1] == "alice>")


async def test_a_dumb_terminal_gets_no_escapes(server):
    terminal = await Terminal().start("alice", "-s", server, term="dumb")
    try:
        await terminal.until(lambda rows: "*** alice has joined the chat" in rows)
        terminal.type("hi\n")
        await terminal.until(lambda rows: "alice: hi" in rows)
        terminal.type("\x04")
        assert await terminal.end() == 0
        assert b"\x1b" not in terminal.octets
    finally:
        await terminal.close()


async def test_what_was_typed_is_there_the_next_time(server, tmp_path):
    for turn in ("said once\r", "\x1b[A\x1b[A\x1b[A"):
        terminal = await Terminal().start("alice", "-s", server, state=tmp_path)
        try:
            joined = ["*** alice has joined the chat", "alice>"]
            await terminal.until(lambda rows, joined=joined: rows[-2:] == joined)
            terminal.type(turn)
            wanted = ["alice: said once", "alice>"] if turn.endswith("\r") else ["alice> said once"]
            await terminal.until(lambda rows, wanted=wanted: rows[-len(wanted) :] == wanted)
            terminal.type("\x03\x04")
            await terminal.end()
        finally:
            await terminal.close()
