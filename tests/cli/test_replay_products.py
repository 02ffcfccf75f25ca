"""What replay makes of a recording, held against a server that is good and one that is not."""

import contextlib
import os
import socket
import subprocess
import sys
import threading

import pytest

from chatctl.wire.framing import frame
from tests.peers import programs


def talk():
    frames = []
    for nick in ("alice",):
        frames += [b'{"type":"hello","nick":"%s"}' % nick.encode()]
        frames += [b'{"type":"join","nick":"%s"}' % nick.encode()]
    for word in (b"one", b"two", b"three", b"bad", b"four", b"five"):
        frames += [b'{"type":"chat","message":"%s"}' % word]
        frames += [b'{"type":"chat","nick":"alice","message":"%s"}' % word]
    return b"".join(map(frame, frames))


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "capture.bin"
    path.write_bytes(talk())
    return path


@pytest.fixture(scope="module")
def server():
    """The real server in a process of its own; host and port."""
    with programs.server() as (address, _):
        host, _, port = address.rpartition(":")
        yield host, int(port)


class Spoiler:
    """Passes on what is said to a server, and spoils what the server says."""

    def __init__(self, target, good, bad):
        self._target, self._good, self._bad = target, good, bad
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = "{}:{}".format(*self._door.getsockname())
        self._sockets = []

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        for each in (self._door, *self._sockets):
            each.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._sockets += [client, server]
            for ends in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source, sink, spoil):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data.replace(self._good, self._bad) if spoil else data)
            sink.shutdown(socket.SHUT_WR)


def run(*args, **env):
    env = {**os.environ, "NO_COLOR": "1", **env}
    return subprocess.run(
        [sys.executable, "-m", *args], capture_output=True, timeout=100, env=env, check=False
    )


def pytest_on(path, **env):
    env |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # they are not wanted, and slow to load
    return run("pytest", "-q", "-o", "addopts=", "-p", "no:cacheprovider", str(path), **env)


def test_a_written_test_passes_against_our_server_and_fails_against_a_changed_one(
    capture, server, tmp_path
):
    path = tmp_path / "test_talk.py"
    assert run("chatctl", "replay", str(capture), "--to-pytest", str(path)).returncode == 0
    source = path.read_text()
    assert "chatctl" not in [
        line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith("import")
    ]

    good = pytest_on(path)
    path.write_text(source.replace("PATIENCE = 5.0", "PATIENCE = 1.0"))
    with Spoiler(server, b'"nick":"alice"', b'"name":"alice"') as spoiler:
        bad = pytest_on(path, CHATCTL_TEST_SERVER=spoiler.address)

    assert good.returncode == 0, good.stdout
    assert bad.returncode == 1
    assert b"did not hear" in bad.stdout


def test_a_written_test_leaves_open_what_the_recording_does(tmp_path):
    """Of a client alone nobody knows what the server said: all that can be held is the talk."""
    capture, path = tmp_path / "capture.bin", tmp_path / "test_talk.py"
    words = b'{"type":"hello","nick":"alice"}', b'{"type":"chat","message":"hi"}'
    capture.write_bytes(b"".join(map(frame, words)))
    assert run("chatctl", "replay", str(capture), "--to-pytest", str(path)).returncode == 0

    done = pytest_on(path)

    assert done.returncode == 0, done.stdout


CHANGES = {
    "a renamed member": (b'"nick":"alice"', b'"name":"alice"', "nick: recorded"),
    "other words": (b'"message":"bad"', b'"message":"BAD"', 'now      "BAD"'),
    "a type of its own": (b'"type":"join"', b'"type":"come"', "- missing"),
}


@pytest.mark.parametrize(("good", "bad", "sign"), CHANGES.values(), ids=CHANGES)
def test_a_change_of_the_server_is_caught_and_named(capture, server, good, bad, sign):
    with Spoiler(server, good, bad) as spoiler:
        done = run(
            "chatctl", "replay", str(capture), "--to", spoiler.address, "--expect", "recorded",
            "--timeout", "0.5",
        )  # fmt: skip

    assert done.returncode == 1
    assert sign in done.stdout.decode()


def test_a_failing_recording_is_made_as_small_as_it_can_be(capture, server, tmp_path):
    small = tmp_path / "small.pcapng"
    with Spoiler(server, b'"message":"bad"', b'"message":"BAD"') as spoiler:
        args = ["--to", spoiler.address]
        done = run("chatctl", "replay", str(capture), *args, "--minimize", str(small))
        again = run("chatctl", "replay", str(small), *args, "--expect", "recorded")

    assert done.returncode == 1
    assert b"1 connection, 1 packet besides their hellos" in done.stderr
    assert b"it still shows: changed chat message" in done.stderr
    assert again.returncode == 1
    assert b"2 packets sent" in again.stdout


def test_what_does_not_fail_cannot_be_made_smaller(capture, server, tmp_path):
    target = "{}:{}".format(*server)
    done = run("chatctl", "replay", str(capture), "--to", target, "--minimize", str(tmp_path / "x"))

    assert done.returncode == 2
    assert b"nothing to minimize" in done.stderr
