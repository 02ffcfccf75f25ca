"""Makes the captures of this folder anew, with a real server and, where it may, a real tcpdump.

    .venv/bin/python examples/captures/make.py

Three people talk: alice and bob by the extended protocol, carol by the base protocol alone.
"""

import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from chatctl.wire.codec import encode_frame
from chatctl.wire.framing import Deframer, frame
from chatctl.wire.packets import Act, AskWho, Hello, Packet, Say, SetTopic, Tell

HERE = Path(__file__).parent


class Person:
    """One of the three: a plain socket and somebody's patience."""

    def __init__(self, port: int, hello: Packet) -> None:
        """Join."""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.deframer = Deframer()
        self.say(hello)
        self.hear()

    def say(self, packet: Packet) -> None:
        """Send *packet*, then wait as people do."""
        self.socket.sendall(encode_frame(packet))
        time.sleep(0.15)

    def hear(self) -> None:
        """Read what has come."""
        self.socket.settimeout(0.05)
        try:
            while data := self.socket.recv(65536):
                self.deframer.feed(data)
        except TimeoutError:
            pass

    def leave(self) -> None:
        """Close as ``/q`` does: first the own side, then read to the end."""
        self.socket.shutdown(socket.SHUT_WR)
        self.socket.settimeout(1)
        while self.socket.recv(65536):
            pass
        self.socket.close()
        time.sleep(0.1)


def free_port() -> int:
    """Return 3490 if nobody uses it, else any free port."""
    for wanted in (3490, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("no free port")


def serve(port: int, record: Path) -> subprocess.Popen[str]:
    """Start a server that records, and wait until it listens."""
    command = [sys.executable, "-m", "chatctl", "serve", "--port", str(port), "--no-history"]
    server = subprocess.Popen(
        [*command, "--record", str(record)], stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    for line in server.stderr:
        if "listening" in line:
            return server
    raise SystemExit("the server did not start")


def talk(port: int) -> None:
    """Have the conversation."""
    alice = Person(port, Hello(nick="alice", v=1))
    bob = Person(port, Hello(nick="bob", v=1))
    alice.say(Say(message="hello bob, is carol here yet?", id="a1"))
    bob.say(Say(message="not yet. she uses her own client \N{GRINNING FACE}", id="b1"))
    carol = Person(port, Hello(nick="carol"))
    carol.say(Say(message="hi! one socket, forty lines of Python"))
    alice.say(Act(message="waves", id="a2"))
    bob.say(AskWho(id="b2"))
    bob.say(SetTopic(topic="release on friday", id="b3"))
    bob.say(Tell(to="alice", message="shall we tell her?", id="b4"))
    alice.say(Say(message="carol: we ship on friday, are you in?", id="a3"))
    carol.say(Say(message="of course"))
    for person in (alice, bob, carol):
        person.hear()
    carol.leave()
    bob.leave()
    alice.leave()


def babble(port: int) -> None:
    """Have somebody send what is no packet, between two who behave."""
    alice = Person(port, Hello(nick="alice", v=1))
    eve = Person(port, Hello(nick="eve"))
    alice.say(Say(message="who is that?", id="a1"))
    eve.say(Say(message="watch this: \x1b[2J\x1b[31mI am root\u202e"))
    eve.socket.sendall(frame(b'{"type":"chat","message":}'))
    time.sleep(0.15)
    eve.socket.close()
    alice.say(Say(message="that did not work", id="a2"))
    alice.hear()
    alice.leave()


def recorded(name: str, act: object, *, tcpdump: str = "") -> None:
    """Run *act* against a server that records to *name*."""
    assert callable(act)
    port = free_port()
    path = HERE / name
    server = serve(port, path)
    watcher = None
    if tcpdump and shutil.which("tcpdump"):
        command = [
            "tcpdump",
            "-i",
            "lo",
            "--immediate-mode",
            "-U",
            "-w",
            str(HERE / tcpdump),
            f"tcp port {port}",
        ]
        watcher = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(1)
    act(port)
    time.sleep(0.5)
    for process in (watcher, server):
        if process:
            process.send_signal(signal.SIGTERM)
            process.wait(10)
    path.chmod(0o644)


def main() -> None:
    """Make all of them."""
    recorded("three-people.pcapng", talk, tcpdump="three-people-tcpdump.pcap")
    recorded("malformed.pcapng", babble)
    whole = (HERE / "three-people.pcapng").read_bytes()
    (HERE / "truncated.pcapng").write_bytes(whole[: len(whole) * 3 // 5])
    bare = [
        Hello(nick="alice"),
        Say(message="frames alone have no time"),
        Say(message="and no direction, so it is guessed"),
    ]
    (HERE / "capture.bin").write_bytes(b"".join(map(encode_frame, bare)))


if __name__ == "__main__":
    main()
