"""The composition root of a server process: hub, log, sockets, recorder, metrics, signals."""

import asyncio
import contextlib
import logging
import random
import resource
import secrets
import signal
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

from chatctl import __version__
from chatctl.errors import LinkError
from chatctl.log.memory import MemoryLog
from chatctl.log.port import Log
from chatctl.session.house import Rules
from chatctl.session.hub import Hub
from chatctl.session.seats import Seats
from chatctl.transport.address import Address
from chatctl.transport.server import Server

logger = logging.getLogger(__name__)
DRAIN_SECONDS = 10.0
RESERVED_FILES = 64
SESSION_BYTES = 8
DETERMINISTIC_START_MS = 1_700_000_000_000


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """How to run a server.

    Attributes:
        listen: where.
        rules: how it behaves.
        drain: how long a shutdown may wait for peers to go, in seconds.
        seed: makes ids, tokens and times functions of it and of the inputs.
    """

    listen: tuple[Address, ...] = (Address(),)
    rules: Rules = field(default_factory=Rules)
    drain: float = DRAIN_SECONDS
    seed: int | None = None


@dataclass(slots=True)
class Node:
    """A server that runs.

    Attributes:
        server: its sockets, hub and log.
        addresses: where it listens, with the ports the system chose.
    """

    server: Server
    addresses: list[Address] = field(default_factory=list)


def _nothing(_: Node) -> None:
    return


async def run(config: NodeConfig, started: Callable[[Node], None] = _nothing) -> None:
    """Serve until SIGTERM or SIGINT, then drain; *started* is called once it listens.

    Raises:
        LinkError: an address cannot be had.
        KeyboardInterrupt: it was SIGINT that ended it.
    """
    loop = asyncio.get_running_loop()
    told: asyncio.Future[signal.Signals] = loop.create_future()

    def tell(number: signal.Signals) -> None:
        if not told.done():
            told.set_result(number)

    async with serving(config) as node:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, tell, number)
        started(node)
        number = await told
        logger.info("server.draining", extra={"fields": {"signal": number.name}})
        node.server.stop_listening()
        await node.server.drain(config.drain)
    if number is signal.SIGINT:
        raise KeyboardInterrupt


@contextlib.asynccontextmanager
async def serving(config: NodeConfig) -> AsyncIterator[Node]:
    """Serve while the block runs; what was said and recorded is on the disk when it ends.

    Raises:
        LinkError: an address cannot be had.
    """
    config = replace(config, rules=_with_file_limit(config.rules))
    with contextlib.ExitStack() as resources:
        log = MemoryLog(config.rules.limits.window_entries, secret=_seeded_secret(config.seed))
        resources.callback(log.close)
        server = Server(_hub(config, log), log)
        resources.callback(server.abort)
        node = Node(server)
        for address in config.listen:
            node.addresses += await _listen(server, address)
        for address in node.addresses:
            logger.info("server.listening", extra={"fields": {"address": str(address)}})
        yield node
    logger.info(
        "server.stopped", extra={"fields": {"messages": server.hub.house.counters.messages}}
    )


async def _listen(server: Server, address: Address) -> list[Address]:
    try:
        return await server.listen(address)
    except OSError as error:
        raise LinkError(f"cannot listen on {address}: {error.strerror or error}") from None


def _hub(config: NodeConfig, log: Log) -> Hub:
    loop = asyncio.get_running_loop()
    rules = replace(config.rules, server=f"chatctl {__version__}")
    if config.seed is None:
        seats = Seats(log.secret(), lambda: secrets.token_hex(SESSION_BYTES), rules.limits)
        hub = Hub(rules, seats, epoch=time.time() - loop.time())
    else:
        chance = random.Random(config.seed)  # noqa: S311 - reproducible is the point
        seats = Seats(log.secret(), lambda: chance.randbytes(SESSION_BYTES).hex(), rules.limits)
        hub = Hub(rules, seats)
        hub.house.count_time_from(DETERMINISTIC_START_MS)
    hub.house.now = loop.time()
    now = hub.house.time
    hub.remember(log.states(), log.recent(now - int(rules.limits.dedup_window * 1000)))
    return hub


def _seeded_secret(seed: int | None) -> bytes | None:
    return None if seed is None else f"deterministic {seed}".encode()


def _with_file_limit(rules: Rules) -> Rules:
    """Return *rules* with as many connections as the process may have files, less a reserve."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    most = max(1, hard - RESERVED_FILES)
    wanted = rules.limits.connections or most
    return replace(rules, limits=replace(rules.limits, connections=min(wanted, most)))
