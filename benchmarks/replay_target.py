"""Targets for the replay benchmark, in processes of their own.

``tokens``: hands every client a random token and accepts only messages that carry it, each answered
after a delay; ``sink``: reads and throws away. Prints its port, and at the end what it accepted.
"""

import argparse
import asyncio
import contextlib
import secrets
import sys

from chatctl.wire import codec
from chatctl.wire.framing import Deframer, frame


class Tokens(asyncio.Protocol):
    """One client of the ``tokens`` target."""

    accepted = 0
    delay = 0.005

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.deframer = Deframer()
        self.token = ""

    def data_received(self, data: bytes) -> None:
        """Answer each packet, later."""
        loop = asyncio.get_running_loop()
        for payload in self.deframer.feed(data):
            loop.call_later(Tokens.delay, self._answer, codec.read_json(payload))

    def _answer(self, said: dict[str, str]) -> None:
        if said["type"] == "hello":
            self.token = secrets.token_hex(8)
            self._say({"type": "welcome", "token": self.token, "nick": said["nick"]})
        elif said.get("key") == self.token:
            Tokens.accepted += 1
            self._say({"type": "chat", "nick": said["nick"], "message": said["message"]})
        else:
            self._say({"type": "error", "code": "bad-token"})

    def _say(self, value: dict[str, str]) -> None:
        self.transport.write(frame(codec.write_json(value)))


class Sink(asyncio.Protocol):
    """One client of the ``sink`` target."""


async def serve(kind: str) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server({"tokens": Tokens, "sink": Sink}[kind], "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(Tokens.accepted, flush=True)
    server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["tokens", "sink"])
    parser.add_argument("--delay", type=float, default=Tokens.delay)
    asked = parser.parse_args()
    Tokens.delay = asked.delay
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(asked.kind))
