"""``chatctl tap``."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from chatctl.capture.chaos import parse_chaos
from chatctl.capture.config import RecordConfig
from chatctl.capture.writing.recorder import open_recorder
from chatctl.cli.options import TlsCa, address, listen_address
from chatctl.cli.recording import takes_recording
from chatctl.cli.report import warn_of
from chatctl.errors import UsageError
from chatctl.transport.address import Address
from chatctl.transport.tap import TapConfig, WireTap
from chatctl.transport.tls import server_context
from chatctl.transport.trust import Trust
from chatctl.view.counts import count_of

Listen = Annotated[
    Address,
    typer.Option(
        "--listen",
        metavar="ADDRESS",
        parser=listen_address,
        help="Take clients here: HOST:PORT, unix:PATH, or tls://HOST:PORT with --tls-cert.",
    ),
]
To = Annotated[
    Address,
    typer.Option("--to", metavar="ADDRESS", parser=address, help="Connect each with this server."),
]
ChaosOption = Annotated[
    str,
    typer.Option(
        "--chaos",
        metavar="FAULTS",
        help="Disturb what passes, any of latency=20ms..80ms bandwidth=64k fragment=1..7 "
        "coalesce=50ms corrupt=0.001 reset=0.01 seed=1, joined by commas. A seed repeats.",
    ),
]
TlsCert = Annotated[
    Path | None,
    typer.Option("--tls-cert", metavar="FILE", help="The certificate to show to clients (PEM)."),
]
TlsKey = Annotated[
    Path | None, typer.Option("--tls-key", metavar="FILE", help="Its key, if in another file.")
]


@takes_recording
def tap(  # noqa: PLR0913 - a command's parameters are its options
    *,
    listen: Listen,
    to: To,
    chaos: ChaosOption = "",
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_ca: TlsCa = None,
    record: RecordConfig | None,
) -> None:
    """Record any client talking to any server.

    Clients connect to the tap, the tap to the server; every octet passes unchanged unless --chaos
    says otherwise, and is recorded as the receiver got it. Ctrl-C ends it.

    Examples:
      chatctl tap --listen :3491 --to :3490 --record chat.pcapng
      chatctl tap --listen :3491 --to tls://chat.example.org --record - | wireshark -k -i -
      chatctl tap --listen :3491 --to :3490 --record bad.pcapng --chaos fragment=1..3,seed=7
    """
    if record is None:
        error = UsageError("a tap records, but not where to")
        error.add_note("add --record FILE")
        raise error
    if listen.tls and tls_cert is None:
        raise UsageError("listening with TLS wants --tls-cert")
    config = TapConfig(
        listen,
        to,
        parse_chaos(chaos),
        server_context(tls_cert, tls_key) if listen.tls and tls_cert else None,
        Trust(tls_ca).context if to.tls else None,
    )
    asyncio.run(_run(config, record))


async def _run(config: TapConfig, record: RecordConfig) -> None:
    recorder = open_recorder(
        record,
        side="tap",
        listen=str(config.target),
        stopped=warn_of,
    )
    wire = WireTap(config, recorder)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGUSR2, lambda: _say(recorder.dump("SIGUSR2")))
    try:
        await wire.run(lambda name: _say(f"tapping {name}, to {config.target}"), stop)
    finally:
        recorder.close()
    conns, segments = count_of(wire.conns, "connection"), count_of(recorder.packets, "segment")
    _say(f"{conns}, {segments} recorded")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
