"""Options that several commands take, each spelled once.

    def send(text: …, server: Server = LOCAL, nick: Nick = "", record: Record = None) -> None:

The global ones (--profile, --color, --debug, --log-…) are in ``invocation`` and come by themselves.
"""

from pathlib import Path
from typing import Annotated

import typer

from chatctl.errors import UsageError
from chatctl.transport.address import Address, parse

RECORDING = "Recording"


def address(value: str | Address) -> Address:
    """Return the address of a server, for an option; its error names the option."""
    return _address(value, listen=False)


def listen_address(value: str | Address) -> Address:
    """Return an address to listen on, where port 0 means any free one, for an option."""
    return _address(value, listen=True)


def _address(value: str | Address, *, listen: bool) -> Address:
    if isinstance(value, Address):
        return value
    try:
        return parse(value, listen=listen)
    except UsageError as error:
        raise typer.BadParameter(str(error)) from None


Server = Annotated[
    Address,
    typer.Option(
        "--server",
        "-s",
        metavar="HOST[:PORT]",
        envvar="CHATCTL_SERVER",
        parser=address,
        help="The server: a host, HOST:PORT, [IPV6]:PORT, tls://HOST or unix:PATH.",
    ),
]
TlsCa = Annotated[
    Path | None,
    typer.Option(
        "--tls-ca",
        metavar="FILE",
        envvar="CHATCTL_TLS_CA",
        help="Trust the certificates in this PEM file, besides the system's.",
    ),
]
Tls = Annotated[bool, typer.Option("--tls", help="Speak TLS with the server, as tls://HOST does.")]
TlsFingerprint = Annotated[
    str,
    typer.Option(
        "--tls-fingerprint",
        metavar="SHA256",
        envvar="CHATCTL_TLS_FINGERPRINT",
        help="Trust the one certificate with this fingerprint, whoever signed it.",
    ),
]
Nick = Annotated[
    str,
    typer.Option("--nick", "-n", metavar="NICK", envvar="CHATCTL_NICK", help="The nick to take."),
]
Timeout = Annotated[
    float,
    typer.Option("--timeout", metavar="SECONDS", min=0.0, help="Give up after this many seconds."),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print JSON lines for machines: one object a line.")
]
Base = Annotated[
    bool, typer.Option("--base", help="Speak the base protocol alone, without our extension.")
]
Where = Annotated[
    str,
    typer.Option("--filter", "-f", metavar="FILTER", help="Only what this filter matches."),
]
Record = Annotated[
    Path | None,
    typer.Option(
        "--record",
        "-r",
        metavar="FILE",
        rich_help_panel=RECORDING,
        help="Record every octet of every connection as pcapng; - is stdout.",
    ),
]
RecordFilter = Annotated[
    str,
    typer.Option(
        "--record-filter",
        metavar="FILTER",
        rich_help_panel=RECORDING,
        help="Record only what this filter matches.",
    ),
]
RecordSync = Annotated[
    bool,
    typer.Option(
        "--record-sync",
        rich_help_panel=RECORDING,
        help="Wait for the disk after every write.",
    ),
]
