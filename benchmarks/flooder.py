"""The other end of benchmarks/terminal.py: a server of a few lines that floods one client.

    python benchmarks/flooder.py DIALECT RATE SECONDS ROWS

It says ROWS messages at once, then LOADED; and for each SIGUSR1, RATE a second for SECONDS, then
FLOODED. In the extended dialect it welcomes, numbers and dates what it says. Prints its port, and
after each flood the time of its end and how many messages it was.
"""

import asyncio
import signal
import sys
import time

from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Join, Welcome

CHUNK = 500


class Flood:
    """One client's connection."""

    def __init__(self, rate: int, seconds: float, *, extended: bool) -> None:
        self.go = asyncio.Event()
        self._rate = rate
        self._seconds = seconds
        self._extended = extended
        self._number = 0

    async def talk(self, writer: asyncio.StreamWriter, rows: int) -> None:
        """Say *rows* messages, and more whenever told to."""
        if self._extended:
            writer.write(encode_frame(Welcome(1, "flooder", "bench", token="t", session="s")))
        writer.write(encode_frame(Join("bench")))
        for start in range(0, rows, CHUNK):
            await self._say(writer, min(CHUNK, rows - start))
        await self._say(writer, 1, "LOADED")
        while True:
            await self.go.wait()
            self.go.clear()
            await self._flood(writer)

    async def _flood(self, writer: asyncio.StreamWriter) -> None:
        start, sent = time.perf_counter(), 0
        while (passed := time.perf_counter() - start) < self._seconds:
            due = int(passed * self._rate) - sent
            await self._say(writer, due)
            sent += due
            await asyncio.sleep(0.005)
        print(time.time(), sent, flush=True)
        await self._say(writer, 1, "FLOODED")

    async def _say(self, writer: asyncio.StreamWriter, count: int, text: str = "") -> None:
        writer.write(b"".join(self._message(text) for _ in range(count)))
        await writer.drain()

    def _message(self, text: str) -> bytes:
        self._number += 1
        n = self._number
        words = text or f"message {n} with a few words in it, as people write them"
        nick = f"nick{n % 50}"
        if not self._extended:
            return encode_frame(Chat(nick, words))
        return encode_frame(Chat(nick, words, "lobby", n, int(time.time() * 1000), f"id-{n}"))


async def serve(dialect: str, rate: int, seconds: float, rows: int) -> None:
    """Serve one client after the other."""
    flood = Flood(rate, seconds, extended=dialect == "extended")
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, flood.go.set)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        await flood.talk(writer, rows)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
