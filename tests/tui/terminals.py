"""Real terminals for tests: a pseudo terminal read by pyte, and tmux.

pyte shows what is on the screen and keeps every octet; tmux is asked for what pyte gets wrong, the
width of characters above all.
"""

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
import uuid

import pyte

from tests.peers.programs import CHATCTL, environment

PATIENCE = 30.0
MOUSE_OFF, MOUSE_ON = b"\x1b[?1000l\x1b[?1003l", b"\x1b[?1000h\x1b[?1003h"


def unmeasured(**more):
    """Return a clean environment that says nothing of a terminal's size: the terminal does."""
    clean = environment(**more)
    return {key: value for key, value in clean.items() if key not in {"COLUMNS", "LINES"}}


def send(address, text, nick):
    command = [*CHATCTL, "send", text, "--once", "--nick", nick, "--server", address]
    subprocess.run(command, check=True, env=environment(), timeout=PATIENCE)


@contextlib.contextmanager
def talking(address, nick):
    """Yield what says lines as fast as they are given; wait until all have arrived."""
    command = [*CHATCTL, "send", "--nick", nick, "--server", address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, env=environment()) as process:

        def say(lines):
            process.stdin.write(lines)
            process.stdin.flush()

        yield say
    assert process.returncode == 0


def own_terminal():
    """Make ours the terminal of this new session, so that it is told of its end."""
    fcntl.ioctl(next(filter(os.isatty, range(3))), termios.TIOCSCTTY, 0)


class Pty:
    """A program in a pseudo terminal.

    Attributes:
        sent: every octet it wrote.
        screen: what these have drawn.
    """

    def __init__(
        self, *arguments, size=(80, 24), command=CHATCTL, controlling=True, files=None, **env
    ):
        """Run it; *files* are streams that are no terminal, by name."""
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.sent = b""
        self.fd, inside = pty.openpty()
        self._set_size(inside, *size)
        self.mode = termios.tcgetattr(inside)
        env = unmeasured(TERM="xterm-256color") | env
        self.process = subprocess.Popen(
            [*command, *arguments],
            env=env,
            start_new_session=True,
            preexec_fn=own_terminal if controlling else None,
            **({"stdin": inside, "stdout": inside, "stderr": inside} | (files or {})),
        )
        os.close(inside)

    def _set_size(self, descriptor, columns, rows):
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        self._set_size(self.fd, columns, rows)

    def type(self, text):
        os.write(self.fd, text.encode())

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def until(self, text, gone=False):
        """Read until *text* is on the screen and return its line, or until it is not."""

        def so(lines):
            found = [line for line in lines if text in line]
            return (found[0] if found else "") if bool(found) != gone else None

        return self.until_so(so, f"{text!r} {'stays' if gone else 'does not come'}")

    def until_so(self, so, complaint):
        """Read until *so* of the lines is not None, and return that."""
        end = time.monotonic() + PATIENCE
        while (found := so(self.lines())) is None:
            alive = self.read(1.0)
            if time.monotonic() > end or (not alive and so(self.lines()) is None):
                raise AssertionError(f"{complaint}:\n" + "\n".join(self.lines()))
        return found

    def until_sent(self, octets):
        """Read until *octets* were written, and return how often."""
        end = time.monotonic() + PATIENCE
        while octets not in self.sent:
            assert self.read(1.0), (octets, self.sent[-500:])
            assert time.monotonic() < end, (octets, self.sent[-500:])
        return self.sent.count(octets)

    def read(self, patience):
        """Read what there is; return False once there is no more to come."""
        if not select.select([self.fd], [], [], patience)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.sent += data
        self._stream.feed(data)
        return bool(data)

    def end(self):
        """Read to the end; return the status as a shell would tell it."""
        end = time.monotonic() + PATIENCE
        while self.read(1.0):
            if time.monotonic() > end:
                raise AssertionError("it does not end:\n" + "\n".join(self.lines()))
        return self.process.wait(PATIENCE)

    def close(self):
        with contextlib.suppress(OSError):
            os.close(self.fd)
        self.process.kill()
        self.process.wait()


class Tmux:
    """A tmux of its own with one window."""

    def __init__(self, command, columns=80, rows=24):
        self._name = f"chatctl-{uuid.uuid4().hex[:8]}"
        self._env = unmeasured(LC_ALL="C.UTF-8", TERM="xterm-256color")
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

    def title(self):
        return self.do("display-message", "-p", "-t", "w", "#{pane_title}").rstrip("\n")

    def until(self, text, gone=False):
        """Wait until *text* is on the screen and return its line, or until it is not."""

        def so(_):
            found = [line for line in self.lines() if text in line]
            return (found[0] if found else "") if bool(found) != gone else None

        return self.until_so(so, f"{text!r} {'stays' if gone else 'does not come'}")

    def until_so(self, so, complaint):
        """Wait until *so* of this is not None, and return that."""
        end = time.monotonic() + PATIENCE
        while (found := so(self)) is None:
            if time.monotonic() > end:
                raise AssertionError(f"{complaint}:\n" + "\n".join(self.lines()))
            select.select([], [], [], 0.05)
        return found

    def kill(self):
        self.do("kill-server")
