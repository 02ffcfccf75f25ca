"""``chatctl serve``."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from chatctl import node
from chatctl.capture.config import RecordConfig, parse_size
from chatctl.cli.limits import takes_limits
from chatctl.cli.options import listen_address
from chatctl.cli.recording import takes_recording
from chatctl.errors import UsageError
from chatctl.session.limits import Limits
from chatctl.session.server.house import Rules
from chatctl.transport.address import DEFAULT_HOST, DEFAULT_PORT, Address

HISTORY = "History"
TLS = "TLS"

Host = Annotated[str, typer.Option("--host", "-H", metavar="HOST", help="Listen on this host.")]
Port = Annotated[
    int, typer.Option("--port", "-p", min=0, max=65535, help="And this port; 0 takes a free one.")
]
Listen = Annotated[
    list[Address] | None,
    typer.Option(
        "--listen",
        metavar="ADDRESS",
        parser=listen_address,
        help="Listen here instead: HOST:PORT, [IPV6]:PORT, tls://HOST:PORT, unix:PATH. Repeatable.",
    ),
]
NoEcho = Annotated[
    bool, typer.Option("--no-echo", help="Spare base peers the echo of their own words.")
]
UnicodeNicks = Annotated[
    bool, typer.Option("--unicode-nicks", help="Allow letters beyond A to Z in nicks.")
]
LimitLoopback = Annotated[
    bool,
    typer.Option(
        "--limit-loopback",
        rich_help_panel="Limits",
        help="Hold peers of this machine to the rate and the connections per address too.",
    ),
]
HistoryFile = Annotated[
    Path | None,
    typer.Option(
        "--history",
        metavar="FILE",
        rich_help_panel=HISTORY,
        help="Keep messages in this SQLite file. [default: history-PORT.sqlite in the data folder]",
    ),
]
NoHistory = Annotated[
    bool,
    typer.Option(
        "--no-history", rich_help_panel=HISTORY, help="Keep the newest messages in memory alone."
    ),
]
Sync = Annotated[
    str,
    typer.Option(
        "--sync",
        metavar="normal|full",
        rich_help_panel=HISTORY,
        help="What an acknowledged message survives: a killed process, or a loss of power too.",
    ),
]
KeepDays = Annotated[
    float,
    typer.Option(
        "--history-days", min=0, rich_help_panel=HISTORY, help="Forget older messages; 0 never."
    ),
]
KeepSize = Annotated[
    str,
    typer.Option(
        "--history-size",
        metavar="SIZE",
        rich_help_panel=HISTORY,
        help="Forget the oldest messages above this size (512M, 2G); 0 never.",
    ),
]
TlsCert = Annotated[
    Path | None,
    typer.Option(
        "--tls-cert",
        metavar="FILE",
        rich_help_panel=TLS,
        help="Speak TLS with this certificate (PEM, with its chain); SIGHUP reads it again.",
    ),
]
TlsKey = Annotated[
    Path | None,
    typer.Option(
        "--tls-key", metavar="FILE", rich_help_panel=TLS, help="Its key, if in another file."
    ),
]
Metrics = Annotated[
    Address | None,
    typer.Option(
        "--metrics",
        metavar="HOST:PORT",
        parser=listen_address,
        help="Answer Prometheus here.",
    ),
]
Drain = Annotated[
    float,
    typer.Option("--drain", min=0, help="Seconds to wait for peers when shutting down."),
]
Deterministic = Annotated[
    int | None,
    typer.Option(
        "--deterministic",
        metavar="SEED",
        help="Take ids, tokens and times from SEED: equal inputs give equal octets.",
    ),
]


@takes_recording
@takes_limits
def serve(  # noqa: PLR0913 - a command's parameters are its options
    *,
    host: Host = DEFAULT_HOST,
    port: Port = DEFAULT_PORT,
    listen: Listen = None,
    no_echo: NoEcho = False,
    unicode_nicks: UnicodeNicks = False,
    record: RecordConfig | None,
    history: HistoryFile = None,
    no_history: NoHistory = False,
    sync: Sync = "normal",
    history_days: KeepDays = 0,
    history_size: KeepSize = "0",
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    metrics: Metrics = None,
    drain: Drain = node.DRAIN_SECONDS,
    deterministic: Deterministic = None,
    limit_loopback: LimitLoopback = False,
    limits: Limits,
) -> None:
    """Run the chat.

    Peers of the base protocol (Beej's Guide to Network Concepts) and extended ones share its rooms.
    What is said is kept in an SQLite file, so that who was away can read it. SIGTERM and Ctrl-C
    say goodbye to everybody first.

    Examples:
      chatctl serve                                  # on 127.0.0.1:3490
      chatctl serve --host 0.0.0.0 --record chat.pcapng
      chatctl serve --listen unix:/tmp/chat.sock --no-history
      chatctl serve --tls-cert cert.pem --tls-key key.pem --host ::
      chatctl serve --metrics 127.0.0.1:9100 --log-format json
    """
    addresses = tuple(listen or [Address(host, port, tls=tls_cert is not None)])
    if sync not in ("normal", "full"):
        raise UsageError(f"--sync is normal or full, not {sync!r}")
    kept = None if no_history or deterministic is not None else history or _default_file(addresses)
    config = node.NodeConfig(
        listen=addresses,
        rules=Rules("chatctl", not no_echo, unicode_nicks, limit_loopback, limits),
        history=node.HistoryConfig(kept, sync == "full", history_days, parse_size(history_size)),
        certificate=tls_cert,
        key=tls_key,
        record=record,
        metrics=metrics,
        drain=drain,
        seed=deterministic,
    )
    asyncio.run(node.run(config, _announce))


def _default_file(addresses: tuple[Address, ...]) -> Path | None:
    """Return the history file of a server that named none; None where its port is anybody's."""
    from platformdirs import user_data_path

    first = addresses[0]
    if not (first.port or first.path):
        return None
    name = str(first.port) if first.port else Path(first.path).name
    return user_data_path("chatctl") / f"history-{name}.sqlite"


def _announce(running: node.Node) -> None:
    """Say where to connect, for people; programs read the event ``server.listening``."""
    if sys.stderr.isatty():
        first = running.addresses[0]
        sys.stderr.write(f"chatctl is listening on {first}; Ctrl-C ends it\n")
