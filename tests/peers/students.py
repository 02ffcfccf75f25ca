"""Clients as students write them after the guide: blocking sockets, a JSON codec of their own."""

import json  # noqa: TID251 - a stranger has a codec of its own
import socket
import struct


class Student:
    """Does it by the book: one buffer, cut into packets; the screen is a list of lines."""

    def __init__(self, port, nick):
        self.nick = nick
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.buffer = b""
        self.screen = []
        self.send({"type": "hello", "nick": nick})

    def encode(self, packet):
        payload = json.dumps(packet).encode()
        return struct.pack("!H", len(payload)) + payload

    def send(self, packet):
        self.sock.sendall(self.encode(packet))

    def say(self, text):
        self.send({"type": "chat", "message": text})

    def next_payload(self):
        while len(self.buffer) < 2 or len(self.buffer) < 2 + self.length():
            data = self.sock.recv(5)
            if not data:
                raise EOFError
            self.buffer += data
        size = 2 + self.length()
        payload, self.buffer = self.buffer[2:size], self.buffer[size:]
        return payload

    def length(self):
        return int.from_bytes(self.buffer[:2], "big")

    def read_line(self):
        packet = json.loads(self.next_payload())
        nick = packet["nick"]
        lines = {
            "chat": lambda: f"{nick}: {packet['message']}",
            "join": lambda: f"*** {nick} has joined the chat",
            "leave": lambda: f"*** {nick} has left the chat",
        }
        members = {"chat": ["type", "nick", "message"]}.get(packet["type"], ["type", "nick"])
        assert list(packet) == members, "more than the guide knows"
        self.screen.append(lines[packet["type"]]())  # anything else kills the program

    def sees(self, line):
        while line not in self.screen:
            self.read_line()

    def quit(self):
        self.sock.close()


class Unbuffered(Student):
    """Reads the header with one recv and the body with another, and hopes."""

    def next_payload(self):
        header = self.sock.recv(2)
        if not header:
            raise EOFError
        (size,) = struct.unpack("!H", header)
        payload = self.sock.recv(size)
        assert len(payload) == size, "a body in pieces"
        return payload


class OneRecv(Student):
    """Takes one recv for one packet, and drops whatever else came with it."""

    def next_payload(self):
        data = self.sock.recv(4096)
        if not data:
            raise EOFError
        return data[2 : 2 + int.from_bytes(data[:2], "big")]


class Dripping(Student):
    """Sends octet by octet, with Nagle off."""

    def send(self, packet):
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in self.encode(packet):
            self.sock.sendall(bytes([octet]))


class Hoarding(Student):
    """Keeps what it has to say and sends everything in one segment, the hello included."""

    def send(self, packet):
        self.hoard = getattr(self, "hoard", b"") + self.encode(packet)

    def say(self, text):
        super().say(text)
        self.sock.sendall(self.hoard)
        self.hoard = b""

    def sees(self, line):
        if self.hoard:
            self.sock.sendall(self.hoard)
            self.hoard = b""
        super().sees(line)


class Chatty(Student):
    """Signs everything, in an order and with members of its own; says goodbye with a packet."""

    def encode(self, packet):
        extra = {"nick": self.nick, "client": {"name": "chatty", "v": "2.0"}, **packet}
        payload = json.dumps(dict(reversed(extra.items())), indent=1, ensure_ascii=False).encode()
        return struct.pack(">H", len(payload)) + payload

    def quit(self):
        self.send({"type": "leave"})
        super().quit()


class Forging(Student):
    """Signs with somebody else's name."""

    def say(self, text):
        self.send({"type": "chat", "nick": "teacher", "message": text})


class Abrupt(Student):
    """Goes away with a reset."""

    def quit(self):
        linger = struct.pack("ii", 1, 0)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.sock.close()


class Muttering(Student):
    """Ends with a word that is no frame."""

    def quit(self):
        self.sock.sendall(b"q\n")
        super().quit()


ALL = [
    *(Student, Unbuffered, OneRecv, Dripping, Hoarding, Chatty, Forging, Abrupt, Muttering),
]
