"""A blocking client of ours in a few lines, for conversations with a server process."""

import socket

from chatctl.wire.codec import decode_to_client, encode_frame
from chatctl.wire.framing import Deframer
from chatctl.wire.packets import AskHistory, Chat, Hello, History, Say


class Author:
    """A blocking client that gives each message an id and notes what was acknowledged."""

    def __init__(self, port, nick, resume=None):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._deframer = Deframer()
        self.sock.sendall(encode_frame(Hello(nick, 1, (), resume)))
        self.nick = nick

    def packets(self):
        while data := self.sock.recv(65536):
            yield from map(decode_to_client, self._deframer.feed(data))

    def say_until_killed(self, process, texts, after):
        """Say *texts* without waiting, have *process* killed *after* answers; return those."""
        self.sock.sendall(b"".join(encode_frame(Say(text, id=text)) for text in texts))
        acknowledged = {}
        try:
            for packet in self.packets():
                if isinstance(packet, Chat) and packet.nick == self.nick:
                    acknowledged[packet.id] = packet.seq
                if len(acknowledged) == after:
                    process.kill()
        except ConnectionError:
            pass
        return acknowledged

    def history(self):
        """All of the lobby: seq to text."""
        entries, before = {}, 0
        while True:
            self.sock.sendall(encode_frame(AskHistory(before=before, id="h")))
            page = next(p for p in self.packets() if isinstance(p, History))
            entries |= {entry.seq: entry.message for entry in page.entries}
            if not page.more:
                return entries
            before = page.entries[0].seq
