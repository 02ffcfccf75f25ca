"""A peer for tests: sends packets, hears packets, over any asyncio stream."""

import asyncio

from chatctl.wire.codec import decode_to_client, encode_frame
from chatctl.wire.framing import Deframer
from chatctl.wire.packets import Hello

WAIT = 10


class PlainPeer:
    """Reads when it is asked to and never before."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self._deframer = Deframer()
        self._heard = []

    @classmethod
    async def over_tcp(cls, address, **how):
        return cls(*await asyncio.open_connection(address.host, address.port, **how))

    @classmethod
    async def over_unix(cls, address):
        return cls(*await asyncio.open_unix_connection(address.path))

    async def enter(self, nick, version=0):
        """Say hello and hear everything up to one's own join."""
        self.send(Hello(nick, version))
        return await self.hear(2 if version else 1)

    def send(self, *packets):
        self.writer.write(b"".join(map(encode_frame, packets)))

    async def hear(self, count=1):
        """Return the next *count* packets."""
        async with asyncio.timeout(WAIT):
            while len(self._heard) < count:
                data = await self.reader.read(65536)
                assert data, f"closed after {self._heard}"
                self._heard += map(decode_to_client, self._deframer.feed(data))
        heard, self._heard = self._heard[:count], self._heard[count:]
        return heard

    async def hear_until_end(self):
        """Return what is still heard until the other side closes."""
        async with asyncio.timeout(WAIT):
            data = await self.reader.read()
        return self._heard + list(map(decode_to_client, self._deframer.feed(data)))

    async def close(self):
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except (ConnectionError, OSError):
            return
