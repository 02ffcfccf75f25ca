"""Servers as strangers write them: each nasty in its own way, all of them in the wild."""

import asyncio
import contextlib
import json  # noqa: TID251 - a stranger has a codec of its own
import socket
import struct

from tests.peers.answering import answering


def frame(**packet):
    payload = json.dumps(packet).encode()
    return struct.pack(">H", len(payload)) + payload


async def read_packet(reader):
    size = struct.unpack(">H", await reader.readexactly(2))[0]
    return json.loads(await reader.readexactly(size))


class Stranger:
    """A base server for one client at a time; what it reads is kept in ``heard``.

    How it is nasty: ``echo=False`` never gives words back; ``joins=False`` tells nobody of joins;
    ``drip`` writes octet by octet; ``strict`` dies of a type it does not know.
    """

    def __init__(self, *, echo=True, joins=True, drip=False, strict=True):
        self.echo, self.joins, self.drip, self.strict = echo, joins, drip, strict
        self.heard = []
        self.ends = []
        self.died = None

    async def __aenter__(self):
        self._answering = answering(self._serve)
        self.port = (await self._answering.__aenter__()).port
        return self

    async def __aexit__(self, *error):
        await self._answering.__aexit__(*error)

    async def _serve(self, reader, writer):
        try:
            with contextlib.suppress(asyncio.IncompleteReadError):
                await self._talk(reader, writer)
            self.ends.append("end")
        except ConnectionResetError:
            self.ends.append("reset")
        except (KeyError, ValueError) as error:
            self.died = error
        finally:
            writer.close()

    async def _talk(self, reader, writer):
        nick = (await self._next(reader))["nick"]
        if self.joins:
            await self._write(writer, frame(type="join", nick=nick))
        while True:
            packet = await self._next(reader)
            if self.echo:
                copy = {"type": "chat", "message": packet["message"], "nick": nick, "odd": [1]}
                await self._write(writer, frame(**copy))

    async def _next(self, reader):
        packet = await read_packet(reader)
        self.heard.append(packet)
        if self.strict and packet["type"] not in {"hello", "chat"}:
            raise KeyError(packet["type"])
        return packet

    async def _write(self, writer, data):
        for start in range(0, len(data), 1 if self.drip else len(data)):
            writer.write(data[start : start + (1 if self.drip else len(data))])
            await writer.drain()


def listening():
    """Return a listening socket on a free port."""
    return socket.create_server(("127.0.0.1", 0))


def reset(listener):
    """Accept one connection of *listener* and reset it."""
    connection, _ = listener.accept()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
