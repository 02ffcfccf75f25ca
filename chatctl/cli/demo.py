"""``chatctl demo``: the whole product in one go, by the very commands that anybody can type.

Everything runs as a child process over a free port of this machine and is gone at the end; the
recording stays, so that the commands offered then have something to work on.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from chatctl.cli.demonstration import Demonstration
from chatctl.cli.status import ExitStatus

LINES = (
    ("alice", "hello bob, is carol here yet?"),
    ("bob", "not yet, she uses her own client 😀"),
    ("carol", "I am: one socket and forty lines of Python"),
    ("alice", "/me waves"),
    ("bob", "carol: we ship on friday, are you in?"),
    ("carol", "of course"),
)
Keep = Annotated[
    Path,
    typer.Option(
        "--keep", metavar="FILE", help="Where the recording stays; what is there is replaced."
    ),
]


def demo(*, keep: Keep = Path("demo.pcapng")) -> None:
    """See the whole product work, in a few seconds.

    Runs a server on a free port, lets three people talk, sends a line from a script, records all
    of it, explains the recording, and plays it against a fresh server, which has to answer the
    same. Everything is done by the commands it shows.

    Examples:
      chatctl demo
      chatctl demo --keep /tmp/chat.pcapng
    """
    from rich.console import Console

    width = None if sys.stdout.isatty() else 120
    show = Console(file=sys.stdout, highlight=False, width=width)
    with Demonstration(show) as demonstration:
        demonstration.record(keep, LINES)
        same = demonstration.explain(keep)
    demonstration.offer(keep)
    if not same:
        raise typer.Exit(ExitStatus.NO)
