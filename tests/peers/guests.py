"""Guests of our server over real sockets, with the wire in their own hands."""

import asyncio
import contextlib
import socket
import struct

from chatctl import node
from chatctl.session.limits import Limits
from chatctl.session.server.house import Rules
from chatctl.transport.address import Address
from chatctl.wire.codec import decode_to_client, encode_frame
from chatctl.wire.framing import Deframer
from chatctl.wire.packets import Chat, Hello, Join, Say

PATIENCE = 20
_GUESTS = []  # let go of when their server ends


@contextlib.asynccontextmanager
async def served(*, history=None, loopback_limits=False, echo=True, **limits):
    """A server on a free port; *limits* are those that differ from the defaults."""
    rules = Rules(limits=Limits(**limits), limit_loopback=loopback_limits, echo=echo)
    config = node.NodeConfig((Address("127.0.0.1", 0),), rules, node.HistoryConfig(history))
    try:
        async with asyncio.timeout(60), node.serving(config) as running:
            yield running
    finally:
        while _GUESTS:
            _GUESTS.pop().close()


class Guest:
    """One connection; ``heard`` is every packet it was sent, in order."""

    def __init__(self, sock):
        self.sock = sock
        self.heard = []
        self.octets = b""
        self._deframer = Deframer()
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def connect(cls, running, *, receive_buffer=0):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.setblocking(False)
        address = running.addresses[0]
        await asyncio.get_running_loop().sock_connect(sock, (address.host, address.port))
        guest = cls(sock)
        _GUESTS.append(guest)
        return guest

    @classmethod
    async def join(cls, running, nick, version=0, *, resume=None, **how):
        """Connect, say hello and wait for the own join."""
        guest = await cls.connect(running, **how)
        await guest.send(Hello(nick, version, (), resume))
        await guest.until(lambda packet: isinstance(packet, Join) and packet.nick == nick)
        return guest

    async def send(self, *packets):
        await self.write(b"".join(map(encode_frame, packets)))

    async def write(self, octets):
        async with asyncio.timeout(PATIENCE):
            await self._loop.sock_sendall(self.sock, octets)

    async def say(self, text, request=""):
        await self.send(Say(text, id=request))

    async def _read(self):
        async with asyncio.timeout(PATIENCE):
            data = await self._loop.sock_recv(self.sock, 65536)
        self.octets += data
        self.heard += map(decode_to_client, self._deframer.feed(data))
        return data

    async def until(self, wanted):
        """Read until a packet is *wanted*, at once if one was heard already; return the first."""
        looked_at = 0
        while True:
            for packet in self.heard[looked_at:]:
                if wanted(packet):
                    return packet
            looked_at = len(self.heard)
            if not await self._read():
                raise EOFError(f"the server closed; heard {self.heard[-3:]}")

    async def hears(self, text):
        return await self.until(lambda packet: isinstance(packet, Chat) and packet.message == text)

    async def end(self):
        """Read to the end of the stream, or the reset; return all that was heard."""
        with contextlib.suppress(ConnectionError):
            while await self._read():
                pass
        return self.heard

    def texts(self):
        return [packet.message for packet in self.heard if isinstance(packet, Chat)]

    def reset(self):
        """Vanish: the other side gets a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()


async def talk(one, other, text):
    """Prove that *one* and *other* hear each other."""
    await one.say(f"{text} ping")
    await other.hears(f"{text} ping")
    await other.say(f"{text} pong")
    await one.hears(f"{text} pong")
