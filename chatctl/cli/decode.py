"""``chatctl decode``."""

from typing import Annotated

import typer

from chatctl.cli.decoding import Job, View, run
from chatctl.cli.options import Json, Where
from chatctl.errors import UsageError

VIEWS = "Views"
READING = "Reading"

Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Captures; - is stdin.")]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", rich_help_panel=VIEWS, help="Each packet's members below it."),
]
Hex = Annotated[
    bool, typer.Option("--hex", "-x", rich_help_panel=VIEWS, help="Each frame's octets below it.")
]
Chat = Annotated[
    bool, typer.Option("--chat", rich_help_panel=VIEWS, help="The talk as its people saw it.")
]
Stats = Annotated[
    bool, typer.Option("--stats", rich_help_panel=VIEWS, help="Figures about the whole.")
]
Conns = Annotated[
    list[int] | None,
    typer.Option("--conn", metavar="N", min=1, help="Only this connection; may be given again."),
]
Utc = Annotated[bool, typer.Option("--utc", help="Times in UTC instead of local time.")]
Port = Annotated[
    int,
    typer.Option(
        "--port",
        min=0,
        max=65535,
        rich_help_panel=READING,
        help="Only connections of this server port; by default those that look like chat.",
    ),
]
As = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="FORM",
        rich_help_panel=READING,
        help="What the file is (pcapng, pcap, raw, jsonl, hex, socat) if it is told wrong.",
    ),
]


def decode(  # noqa: PLR0913 - a command's parameters are its options
    files: Files,
    *,
    verbose: Verbose = False,
    hexdump: Hex = False,
    chat: Chat = False,
    json: Json = False,
    stats: Stats = False,
    where: Where = "",
    conn: Conns = None,
    utc: Utc = False,
    port: Port = 0,
    form: As = "",
) -> None:
    """Explain a capture of ours or tcpdump's.

    Bare frames and JSON lines will do as well, packed by gzip or zstd or not. Several files are
    merged by time. What is damaged is shown up to the damage; a status of 5
    says so.

    Examples:
      chatctl decode chat.pcapng
      chatctl decode -v -f 'type == error or malformed' chat.pcapng
      chatctl decode --chat chat.pcapng
      chatctl decode --json chat.pcapng | jq .packet
      sudo tcpdump -i lo -U -w - port 3490 | chatctl decode -
    """
    views = {View.CHAT: chat, View.JSON: json, View.STATS: stats}
    asked = [view for view, wanted in views.items() if wanted]
    if len(asked) > 1:
        raise UsageError(f"one view at a time: {' or '.join(f'--{view}' for view in asked)}")
    run(
        Job(
            tuple(files),
            view=asked[0] if asked else View.TABLE,
            tree=verbose,
            octets=hexdump,
            where=where,
            conns=frozenset(conn or ()),
            utc=utc,
            port=port,
            form=form,
        )
    )
