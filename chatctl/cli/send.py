"""``chatctl send``: say something from a script."""

import sys
from typing import Annotated

import typer
from msgspec.structs import replace

from chatctl.capture.config import RecordConfig
from chatctl.cli.linking import jitter, login_name, nonce, recording, route
from chatctl.cli.options import Base, Nick, Server, Tls, TlsCa, TlsFingerprint
from chatctl.cli.recording import takes_recording
from chatctl.cli.report import warn
from chatctl.errors import UsageError
from chatctl.session.client.events import Event, LinkLost
from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import ClientSettings
from chatctl.transport.address import LOCAL
from chatctl.transport.blocking import BlockingClient
from chatctl.tui.post import Post

PATIENCE = 30.0

Text = Annotated[
    str | None,
    typer.Argument(metavar="[TEXT]", help="What to say; - or nothing reads standard input."),
]
Once = Annotated[bool, typer.Option("--once", help="Say TEXT and go; do not read standard input.")]
Within = Annotated[
    float | None,
    typer.Option("--timeout", metavar="SECONDS", min=0.0, help="Give up after this many seconds."),
]


@takes_recording
def send(  # noqa: PLR0913 - a command's parameters are its options
    text: Text = None,
    *,
    once: Once = False,
    nick: Nick = "",
    server: Server = LOCAL,
    tls: Tls = False,
    tls_ca: TlsCa = None,
    tls_fingerprint: TlsFingerprint = "",
    base: Base = False,
    timeout: Within = None,
    record: RecordConfig | None,
) -> None:
    """Say something, wait until the server has it, and go.

    Without --once it goes on with each line of standard input, and ends with it. Without --nick
    the login name is taken, in the nearest form that is free. Nothing is printed unless something
    went wrong. A lost link is made again for up to 30 seconds, and nothing is said twice.

    Examples:
      chatctl send "hi" --once                 # one message
      make test 2>&1 | chatctl send -n builder # each line of it
      chatctl send "deployed" --once --server tls://chat.example.org
    """
    source = None if once else sys.stdin.fileno()
    first = None if text in {None, "-"} else text
    if once and (first is None or not first.strip()):
        raise UsageError("--once wants a text to say")
    way = route(server, tls_ca, tls_fingerprint, tls=tls)
    settings = ClientSettings(
        nick=nick or login_name(),
        nonce=nonce(),
        jitter=jitter,
        base=base,
        rename=True,
        track=False,
        patience=PATIENCE,
    )
    with recording(record, server) as (tap, flush):
        client = BlockingClient(ClientSession(settings), replace(way, tap=tap, flush=flush))
        post = Post(client, first=first, source=source, timeout=timeout, told=_told)
        post.run()


def _told(event: Event) -> None:
    """Warn of a link that is being made again; how it ends is reported by the caller."""
    if isinstance(event, LinkLost) and event.retry_in is not None and event.ever:
        from chatctl.view.transcript import lines

        for line in lines(event):
            warn(line.text)
