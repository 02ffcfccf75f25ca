"""``chatctl decode``."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from chatctl.cli.decoding.job import PICTURES, Export, Job, To, View
from chatctl.cli.options import Json, Where
from chatctl.errors import UsageError

VIEWS = "Views"
READING = "Reading"
WRITING = "Writing"
CHECKING = "Checking"

Files = Annotated[list[str] | None, typer.Argument(metavar="FILE...", help="Captures; - is stdin.")]
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
Conversations = Annotated[
    bool, typer.Option("--conversations", rich_help_panel=VIEWS, help="A line for each connection.")
]
Sequence = Annotated[
    bool,
    typer.Option(
        "--sequence",
        rich_help_panel=VIEWS,
        help="A ladder between clients and server; with --to svg, mermaid or html as a picture.",
    ),
]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="TEXT",
        rich_help_panel=VIEWS,
        help="Lines of your own: '{t} {nick} {text}', {.member} for any member, {{ for a brace.",
    ),
]
Fields = Annotated[
    str,
    typer.Option(
        "--fields", metavar="A,B,...", rich_help_panel=VIEWS, help="These fields, tabs between."
    ),
]
Plugin = Annotated[
    bool,
    typer.Option(
        "--wireshark-plugin", rich_help_panel=VIEWS, help="Print a dissector for Wireshark (Lua)."
    ),
]
Utc = Annotated[
    bool, typer.Option("--utc", rich_help_panel=VIEWS, help="Times in UTC instead of local time.")
]
Conns = Annotated[
    list[int] | None,
    typer.Option("--conn", metavar="N", min=1, help="Only this connection; may be given again."),
]
Slice = Annotated[
    str, typer.Option("--slice", metavar="FROM..TO", help="Only this span: 5s..20s, 10:00..10:05.")
]
Shift = Annotated[
    str,
    typer.Option("--shift", metavar="TIME", help="Move the clock of the last file: +2s, -150ms."),
]
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
Follow = Annotated[
    bool,
    typer.Option(
        "--follow", "-F", rich_help_panel=READING, help="Wait for more at the end, until Ctrl-C."
    ),
]
ToForm = Annotated[
    To | None,
    typer.Option(
        "--to",
        metavar="FORM",
        rich_help_panel=WRITING,
        help="Write pcapng, pcapng-json, jsonl, raw, html, mermaid or svg; by default what the "
        "name of the output says.",
    ),
]
Output = Annotated[
    str,
    typer.Option(
        "--output", "-o", metavar="FILE", rich_help_panel=WRITING, help="Where to; - is stdout."
    ),
]
Merge = Annotated[
    bool,
    typer.Option(
        "--merge", rich_help_panel=WRITING, help="Write several captures as one, by time."
    ),
]
Split = Annotated[
    str,
    typer.Option(
        "--split",
        metavar="BY",
        rich_help_panel=WRITING,
        help="Several files: by conn, time=10s or size=1M.",
    ),
]
Mark = Annotated[
    list[str] | None,
    typer.Option(
        "--mark",
        metavar="N:TEXT",
        rich_help_panel=WRITING,
        help="Put a mark behind item N, seen in Wireshark too; may be given again.",
    ),
]
Redact = Annotated[
    str,
    typer.Option(
        "--redact",
        metavar="MEMBERS",
        rich_help_panel=WRITING,
        help="Disguise these members: token,nick, or mask:text for asterisks.",
    ),
]
RedactKey = Annotated[
    str,
    typer.Option(
        "--redact-key",
        metavar="KEY",
        envvar="CHATCTL_REDACT_KEY",
        rich_help_panel=WRITING,
        help="The same key gives the same pseudonyms; by default a new one each time.",
    ),
]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify", rich_help_panel=CHECKING, help="Compare a recording with its checkpoints."
    ),
]
Recover = Annotated[
    str,
    typer.Option(
        "--recover",
        metavar="OUT",
        rich_help_panel=CHECKING,
        help="Write what is sound of a damaged file to OUT, also from behind the damage.",
    ),
]
Diff = Annotated[
    str,
    typer.Option(
        "--diff",
        metavar="OTHER",
        rich_help_panel=CHECKING,
        help="Compare with another capture, nick by nick; times, ids and tokens may differ.",
    ),
]


def decode(  # noqa: PLR0913 - a command's parameters are its options
    files: Files = None,
    *,
    verbose: Verbose = False,
    hexdump: Hex = False,
    chat: Chat = False,
    json: Json = False,
    stats: Stats = False,
    conversations: Conversations = False,
    sequence: Sequence = False,
    shape: Format = "",
    fields: Fields = "",
    wireshark_plugin: Plugin = False,
    utc: Utc = False,
    where: Where = "",
    conn: Conns = None,
    span: Slice = "",
    shift: Shift = "",
    port: Port = 0,
    form: As = "",
    follow: Follow = False,
    to: ToForm = None,
    output: Output = "-",
    merge: Merge = False,
    split: Split = "",
    mark: Mark = None,
    redact: Redact = "",
    redact_key: RedactKey = "",
    verify: Verify = False,
    recover_to: Recover = "",
    diff: Diff = "",
) -> None:
    """Explain a capture of ours or tcpdump's.

    Bare frames and JSON lines will do as well, packed by gzip or zstd or not. Several files are
    read as one, by time. What is damaged is shown up to the damage; a status of 5 says so.

    Examples:
      chatctl decode chat.pcapng
      chatctl decode -v -f 'type == error or malformed' chat.pcapng
      chatctl decode --chat chat.pcapng
      chatctl decode --json chat.pcapng | jq .packet
      chatctl decode --to html -o chat.html chat.pcapng
      chatctl decode --redact text -o shareable.pcapng chat.pcapng
      chatctl decode --merge -o both.pcapng server.pcapng tcpdump.pcap
      sudo tcpdump -i lo -U -w - port 3490 | chatctl decode -
    """
    if wireshark_plugin:
        from chatctl.view.report import plugin

        sys.stdout.write(f"{plugin()}\n")
        return
    if not files:
        error = UsageError("no capture given")
        error.add_note("name a file, or - for standard input; see 'chatctl decode --help'")
        raise error
    how = Export(to, output, merge, split, tuple(mark or ()), redact, redact_key)
    views = {
        View.CHAT: chat,
        View.JSON: json,
        View.STATS: stats,
        View.CONVERSATIONS: conversations,
        View.SEQUENCE: sequence and how.form not in PICTURES,
        View.FORMAT: bool(shape),
        View.FIELDS: bool(fields),
    }
    writing = {
        "to": to,
        "merge": merge,
        "split": split,
        "mark": mark,
        "redact": redact,
        "output": output != "-",
    }
    checking = {"verify": verify, "recover": recover_to, "diff": diff}
    asked = _only(views, checking, writing)
    if follow and asked in checking:
        raise UsageError(f"--{asked} wants all of a capture, --follow waits for more")
    job = Job(
        tuple(files),
        view=View(asked) if asked in views else View.TABLE,
        tree=verbose,
        octets=hexdump,
        shape=shape or fields,
        where=where,
        conns=frozenset(conn or ()),
        span=span,
        shift=shift,
        utc=utc,
        port=port,
        form=form,
        follow=follow,
    )
    if asked in checking:
        from chatctl.cli.decoding.checking import check, compare_files, recover

        if verify:
            check(job)
        elif recover_to:
            recover(job, Path(recover_to))
        else:
            compare_files(job, diff)
    elif asked in writing:
        from chatctl.cli.decoding.exporting import export

        export(job, how)
    else:
        from chatctl.cli.decoding.views import run

        run(job)


def _only(*groups: Mapping[Any, object]) -> str:
    """Return the one option that says what to do, empty for none; those of the last go together."""
    asked = [name for group in groups for name, wanted in group.items() if wanted]
    if len(asked) > 1 and not set(asked) <= groups[-1].keys():
        raise UsageError(f"one thing at a time: {' or '.join(f'--{name}' for name in asked)}")
    return asked[0] if asked else ""
