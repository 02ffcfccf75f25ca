"""The server of a recording, played to whoever connects; and a comparison between the two ends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from chatctl.capture.replay.cause import text
from chatctl.capture.replay.faults import Piece
from chatctl.capture.replay.plan import Expected, Line
from chatctl.capture.replay.player import Player
from chatctl.capture.replay.steps import read_value
from chatctl.capture.replay.unmatched import OnUnmatched
from chatctl.transport.address import Address
from chatctl.transport.stage import Rig, Stage
from chatctl.transport.wire_end import WireEnd
from chatctl.wire import codec
from chatctl.wire.to_client import Error

Heard = Callable[[Line, bytes, Expected | None], None]


def _ignore(_line: Line, _payload: bytes, _item: Expected | None) -> None:
    return


@dataclass(frozen=True, slots=True)
class Reception:
    """How a played server receives its clients.

    Attributes:
        listen: where.
        patience: seconds to wait for the first client.
        unmatched: what to do with packets that were not recorded.
        listening: told the addresses once it listens.
        heard: told of each packet, and what it was taken for.
    """

    listen: Address
    patience: float = 300.0
    unmatched: OnUnmatched = OnUnmatched.CLOSEST
    listening: Callable[[list[Address]], None] = lambda _: None
    heard: Heard = _ignore


class Casting:
    """Gives each client that connects the part of one in the recording: by nick, else in order."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        self._free = list(lines)

    def choose(self, payload: bytes) -> Line | None:
        """Return the part for one who begins with *payload*; None when all are taken."""
        nick = text(read_value(payload) or {}, "nick")
        line = next((line for line in self._free if line.nick == nick), None)
        if line is None and self._free:
            line = self._free[0]
        if line is not None:
            self._free.remove(line)
        return line


class StandIn(Stage):
    """Plays the server."""

    def __init__(self, player: Player, rig: Rig, reception: Reception) -> None:
        super().__init__(player, rig)
        self.met = asyncio.Event()
        self._reception = reception
        self._casting = Casting(player.plan.lines)
        self._uncast: list[WireEnd] = []

    def end_up(self, end: WireEnd) -> None:
        """Somebody has connected; who it is, the first packet will say."""
        self._uncast.append(end)

    def end_heard(self, end: WireEnd, data: bytes) -> None:
        """Take what a client says; its first packet decides whose part it has."""
        if end.conn:
            super().end_heard(end, data)
            return
        payloads = end.deframer.feed(data)
        if not payloads:
            return
        line = self._casting.choose(payloads[0])
        if line is None:
            end.transport.abort()
            return
        self._uncast.remove(end)
        end.conn = line.conn
        super().end_up(end)
        self.met.set()
        self.rig.tap.crossed(end.conn, self._hears, data)
        for payload in payloads:
            self.heard(end, payload, self._loop.time())
        self.stir()

    def heard(self, end: WireEnd, payload: bytes, now: float) -> None:
        """Give the player one packet, and deal with one that was not recorded."""
        item = self.player.received(end.conn, payload, now)
        self._reception.heard(self.player.tracks[end.conn].line, payload, item)
        if item is not None:
            return
        if self._reception.unmatched is OnUnmatched.CLOSE:
            end.finish(reset=False)
        elif self._reception.unmatched is OnUnmatched.ERROR:
            request = text(read_value(payload) or {}, "id")
            answer = Error("unsupported", "that was not recorded", request)
            end.put([Piece(codec.encode_frame(answer))])

    def end_lost(self, end: WireEnd, reason: str, *, reset: bool) -> None:
        """Note the end of a client."""
        if end in self._uncast:
            self._uncast.remove(end)
        if end.conn:
            super().end_lost(end, reason, reset=reset)

    def abort(self) -> None:
        """Drop every connection, with or without a part."""
        super().abort()
        for end in self._uncast:
            end.transport.abort()


async def play_server(player: Player, rig: Rig, reception: Reception) -> None:
    """Play *player*'s server to the clients that connect, until it is finished.

    Raises:
        OSError: the address cannot be had.
    """
    loop = asyncio.get_running_loop()
    stage = StandIn(player, rig, reception)
    address = reception.listen
    if address.path:
        server = await loop.create_unix_server(lambda: WireEnd(stage, 0), address.path)
    else:
        server = await loop.create_server(lambda: WireEnd(stage, 0), address.host, address.port)
    try:
        player.start(loop.time())
        reception.listening(_addresses(server, address))
        async with asyncio.timeout(reception.patience):
            await stage.met.wait()
        await stage.perform()
        await stage.leave()
    except TimeoutError:
        player.unreachable(f"nobody came within {reception.patience:g} s")
    finally:
        server.close()
        stage.abort()
        rig.flush()


def _addresses(server: asyncio.Server, asked: Address) -> list[Address]:
    if asked.path:
        return [asked]
    names = [listener.getsockname() for listener in server.sockets]
    return [Address(name[0], name[1]) for name in names]
