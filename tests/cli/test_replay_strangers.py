"""A talk of other people's programs, captured by tcpdump, replayed against our server."""

import json  # noqa: TID251 - a stranger has a codec of its own
import shutil
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

import pytest

from chatctl.capture.reading.reader import read_records
from chatctl.errors import ChatError
from tests.peers.programs import run, server
from tests.peers.students import Abrupt, Chatty, Dripping, Student

PATIENCE = 20


class Teacher:
    """A chat server after the guide, one thread a client, with JSON as Python writes it."""

    def __init__(self):
        self._door = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._clients = {}
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._door.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        nick = ""
        try:
            while packet := self._packet(client):
                if packet["type"] == "hello":
                    nick = packet["nick"]
                    self._clients[client] = nick
                    self._tell({"type": "join", "nick": nick})
                elif packet["type"] == "chat":
                    self._tell({"type": "chat", "nick": nick, "message": packet["message"]})
        except OSError:
            pass
        self._clients.pop(client, None)
        client.close()
        self._tell({"type": "leave", "nick": nick})

    def _packet(self, client):
        head = client.recv(2, socket.MSG_WAITALL)
        size = int.from_bytes(head, "big")
        body = client.recv(size, socket.MSG_WAITALL) if head else b""
        return json.loads(body) if body else None

    def _tell(self, packet):
        payload = json.dumps(packet).encode()
        with self._lock:
            for client in list(self._clients):
                client.sendall(struct.pack("!H", len(payload)) + payload)


def classroom(port):
    """Four students talk; the last sees everybody go."""
    ann = Student(port, "ann")
    ann.sees("*** ann has joined the chat")
    for program, nick in ((Dripping, "ben"), (Chatty, "cid"), (Abrupt, "dot")):
        student = program(port, nick)
        student.sees(f"*** {nick} has joined the chat")
        ann.sees(f"*** {nick} has joined the chat")
        student.say(f"hello from {nick} – ünïcode")
        student.sees(f"{nick}: hello from {nick} – ünïcode")
        ann.sees(f"{nick}: hello from {nick} – ünïcode")
        student.quit()
        ann.sees(f"*** {nick} has left the chat")
    ann.quit()


def everything_captured(path, ends):
    """Wait until *path* holds the end of the talk."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            closings = {record.conn for record in read_records(path) if record.kind == "close"}
        except ChatError:
            closings = set()
        if len(closings) == ends:
            return
        time.sleep(0.05)
    raise AssertionError("tcpdump did not see the end")


@pytest.fixture
def captured(tmp_path):
    """A pcap of the classroom, made by tcpdump."""
    if shutil.which("tcpdump") is None:
        pytest.skip("tcpdump is not installed")
    path = tmp_path / "class.pcap"
    teacher = Teacher()
    command = ["tcpdump", "-U", "-i", "lo", "-w", str(path), f"tcp port {teacher.port}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as dump:
        line = dump.stderr.readline()
        while line and "listening on" not in line:
            line = dump.stderr.readline()
        if not line:
            pytest.skip("tcpdump may not capture here")
        classroom(teacher.port)
        everything_captured(path, 4)
        dump.terminate()
    teacher.close()
    return path


def test_it_comes_back_as_recorded(captured):
    with server() as (address, _):
        done = run("replay", captured, "--to", address, "--expect", "recorded", NO_COLOR="1")

    shown = done.stdout
    assert done.returncode == 0, shown
    assert "everything came back as recorded" in shown


def test_a_base_server_is_told_apart_from_one_that_does_not_answer():
    teacher = Teacher()
    try:
        capture = Path(__file__).parents[2] / "examples/captures/three-people.pcapng"
        begun = time.monotonic()
        done = run("replay", str(capture), "--to", f"127.0.0.1:{teacher.port}", NO_COLOR="1")
    finally:
        teacher.close()
    assert time.monotonic() - begun < PATIENCE / 2
    assert done.returncode == 1
    assert "the server gave no welcome" in done.stdout
    assert "stopped answering" not in done.stdout
