"""The composition root of a server process: hub, log, sockets, recorder, metrics, signals."""

import asyncio
import contextlib
import errno
import gc
import itertools
import logging
import os
import random
import resource
import secrets
import signal
import ssl
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chatctl import __version__
from chatctl.capture.config import RecordConfig
from chatctl.capture.writing.recorder import Recorder, open_recorder
from chatctl.capture.writing.tape import Trouble
from chatctl.errors import LinkError, UsageError
from chatctl.log.memory import MemoryLog
from chatctl.log.port import Log
from chatctl.log.retention import Retention
from chatctl.session.server.house import Rules
from chatctl.session.server.hub import Hub
from chatctl.session.server.seats import Seats
from chatctl.transport.address import Address
from chatctl.transport.server import Server
from chatctl.transport.tls import reload, server_context

logger = logging.getLogger(__name__)
DRAIN_SECONDS = 10.0
STDIN = 0
RESERVED_FILES = 64
ENDING = (signal.SIGTERM, signal.SIGINT)
OUT_OF_FILES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
SESSION_BYTES = 8
DETERMINISTIC_START_MS = 1_700_000_000_000


@dataclass(frozen=True, slots=True)
class HistoryConfig:
    """Where messages are kept.

    Attributes:
        path: the history file; None keeps the newest in memory.
        full_sync: whether an acknowledged message survives a loss of power.
        days: messages older than this may be thrown away; 0 keeps them.
        size: octets above which the oldest are thrown away; 0 for no bound.
    """

    path: Path | None = None
    full_sync: bool = False
    days: float = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """How to run a server.

    Attributes:
        listen: where; those with ``tls`` speak TLS.
        rules: how it behaves.
        history: where messages are kept.
        certificate: for TLS, PEM; ``key`` is its key, unless that is in the same file.
        record: what to record, if anything.
        metrics: where Prometheus may ask.
        drain: how long a shutdown may wait for peers to go, in seconds.
        seed: makes ids, tokens and times functions of it and of the inputs.
    """

    listen: tuple[Address, ...] = (Address(),)
    rules: Rules = field(default_factory=Rules)
    history: HistoryConfig = field(default_factory=HistoryConfig)
    certificate: Path | None = None
    key: Path | None = None
    record: RecordConfig | None = None
    metrics: Address | None = None
    drain: float = DRAIN_SECONDS
    seed: int | None = None


@dataclass(slots=True)
class Node:
    """A server that runs.

    Attributes:
        server: its sockets, hub and log.
        tls: the context of its listeners that speak TLS.
        addresses: where it listens, with the ports the system chose.
        recorder: what records it, if anything does.
    """

    server: Server
    tls: ssl.SSLContext | None = None
    addresses: list[Address] = field(default_factory=list)
    recorder: Recorder | None = None


def _nothing(_: Node) -> None:
    return


async def run(config: NodeConfig, started: Callable[[Node], None] = _nothing) -> None:
    """Serve until SIGTERM or SIGINT, then drain; *started* is called once it listens.

    A second such signal ends the draining. SIGHUP loads the certificate again, unless it says that
    the terminal we were started from has gone: that ends us too. SIGUSR2 writes a recording ring
    out.

    Raises:
        LinkError: an address cannot be had.
        HistoryError, UsageError: the history, the certificate or the recording cannot be used.
        KeyboardInterrupt: it was SIGINT that ended it.
    """
    loop = asyncio.get_running_loop()
    told: asyncio.Future[signal.Signals] = loop.create_future()

    def tell(number: signal.Signals) -> None:
        if not told.done():
            told.set_result(number)
        else:
            node.server.cut_links()

    async with serving(config) as node:
        _heed_signals(node, config, tell)
        gc.freeze()
        started(node)
        number = await told
        logger.info("server.draining", extra={"fields": {"signal": number.name}})
        node.server.stop_listening()
        await node.server.drain(config.drain)
        for each in ENDING:
            signal.signal(each, signal.SIG_IGN)  # what is left is writing things out
    if number is signal.SIGINT:
        raise KeyboardInterrupt


@contextlib.asynccontextmanager
async def serving(config: NodeConfig) -> AsyncIterator[Node]:
    """Serve while the block runs; what was said and recorded is on the disk when it ends.

    Raises:
        LinkError: an address cannot be had.
        HistoryError, UsageError: the history, the certificate or the recording cannot be used.
    """
    config = replace(config, rules=_with_file_limit(config.rules))
    asyncio.get_running_loop().set_exception_handler(_loop_failed)
    async with contextlib.AsyncExitStack() as resources:
        log = _log(config)
        resources.callback(log.close)
        node = Node(Server(_hub(config, log), log), _tls(config))
        resources.push_async_callback(node.server.abort)
        for address in config.listen:
            node.addresses += await _listen(node, address)
        if config.record is not None:
            node.recorder = _record(config.record, node, config.seed)
            resources.callback(node.recorder.close)
        if config.metrics is not None:
            resources.callback(_metrics(config.metrics, node))
        for address in node.addresses:
            logger.info("server.listening", extra={"fields": {"address": str(address)}})
        yield node
        await node.server.abort()
    logger.info("server.stopped")


def _loop_failed(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what went wrong in the loop itself; out of files, asyncio accepts again after 1 s."""
    error = context.get("exception")
    if isinstance(error, OSError) and error.errno in OUT_OF_FILES:
        fields = {"reason": error.strerror, "retry_after": 1}
        logger.warning("accept.paused", extra={"fields": fields})
        return
    fields = {"reason": context.get("message", "")}
    logger.error("loop.failed", extra={"fields": fields}, exc_info=error)


async def _listen(node: Node, address: Address) -> list[Address]:
    try:
        return await node.server.listen(address, node.tls)
    except OSError as error:
        raise LinkError(f"cannot listen on {address}: {error.strerror or error}") from None


def _log(config: NodeConfig) -> Log:
    history, limits = config.history, config.rules.limits
    if history.path is None:
        secret = None if config.seed is None else _seeded(config.seed)
        return MemoryLog(limits.window_entries, secret=secret)
    from chatctl.log.sqlite import SqliteLog  # sqlite3 costs 20 ms that memory need not pay

    def noticed(event: str, fields: dict[str, object]) -> None:
        level = logging.INFO if event == "history.recovered" else logging.ERROR
        logger.log(level, event, extra={"fields": fields})

    return SqliteLog(
        history.path,
        asyncio.get_running_loop().call_soon_threadsafe,
        full_sync=history.full_sync,
        retention=Retention(history.days, history.size),
        noticed=noticed,
    )


def _hub(config: NodeConfig, log: Log) -> Hub:
    loop = asyncio.get_running_loop()
    rules = replace(config.rules, server=f"chatctl {__version__}")
    if rules.unicode_nicks:
        from chatctl.lookalikes import look

        rules = replace(rules, look=look)
    chance = secrets.SystemRandom() if config.seed is None else random.Random(config.seed)  # noqa: S311
    seats = Seats(log.secret(), lambda: chance.randbytes(SESSION_BYTES).hex(), rules.limits)
    hub = Hub(rules, seats, epoch=time.time() - loop.time())
    if config.seed is not None:
        hub.house.clock.count_from(DETERMINISTIC_START_MS)
    hub.house.clock.now = loop.time()
    since = hub.house.clock.time - int(rules.limits.dedup_window * 1000)
    hub.remember(log.states(), log.recent(since))
    return hub


def _seeded(seed: int) -> bytes:
    return f"deterministic {seed}".encode()


def _tls(config: NodeConfig) -> ssl.SSLContext | None:
    if config.certificate is not None:
        return server_context(config.certificate, config.key)
    if any(address.tls for address in config.listen):
        raise UsageError("to listen with TLS a certificate is needed")
    return None


def _heed_signals(node: Node, config: NodeConfig, tell: Callable[[signal.Signals], None]) -> None:
    loop, had_terminal = asyncio.get_running_loop(), os.isatty(STDIN)

    def hung_up() -> None:
        if had_terminal and not os.isatty(STDIN):
            tell(signal.SIGHUP)
        else:
            _renew(node, config)

    for each in ENDING:
        loop.add_signal_handler(each, tell, each)
    loop.add_signal_handler(signal.SIGHUP, hung_up)
    if node.recorder is not None:
        loop.add_signal_handler(signal.SIGUSR2, node.recorder.dump, "SIGUSR2")


def _renew(node: Node, config: NodeConfig) -> None:
    if node.tls is None or config.certificate is None:
        return
    try:
        reload(node.tls, config.certificate, config.key)
    except UsageError as error:
        logger.error("tls.kept", extra={"fields": {"reason": str(error)}})  # noqa: TRY400
    else:
        logger.info("tls.renewed", extra={"fields": {"certificate": str(config.certificate)}})


def _record(config: RecordConfig, node: Node, seed: int | None) -> Recorder:
    """Record *node*; with a *seed* equal inputs give equal files, at virtual addresses."""
    clock = None
    if seed is not None:
        moments = itertools.count(DETERMINISTIC_START_MS * 1_000_000, 1_000)
        clock = moments.__next__
        config = replace(config, redaction=replace(config.redaction, key=_seeded(seed)))

    def stopped(trouble: Trouble) -> None:
        fields = {"file": config.path, "reason": trouble.reason}
        if trouble.missed:
            logger.error("recording.missed", extra={"fields": fields | {"count": trouble.missed}})
        else:
            logger.error("recording.stopped", extra={"fields": fields})

    listen = ", ".join(map(str, node.addresses))
    recorder = open_recorder(config, side="server", listen=listen, clock=clock, stopped=stopped)
    node.server.tap = recorder
    node.server.end_of_pass = recorder.flush
    return recorder


def _metrics(address: Address, node: Node) -> Callable[[], None]:
    from chatctl.log.sqlite import SqliteLog
    from chatctl.transport.metrics import collect, serve_metrics

    server = node.server
    commits = server.log if isinstance(server.log, SqliteLog) else None
    try:
        return serve_metrics(
            lambda: collect(server, commits, node.recorder), address.host, address.port
        )
    except OSError as error:
        raise LinkError(f"cannot serve metrics on {address}: {error.strerror}") from None


def _with_file_limit(rules: Rules) -> Rules:
    """Return *rules* with as many connections as the process may have files, less a reserve."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    most = max(1, hard - RESERVED_FILES)
    wanted = rules.limits.connections or most
    return replace(rules, limits=replace(rules.limits, connections=min(wanted, most)))
