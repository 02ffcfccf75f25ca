"""The options of ``chatctl replay``, each spelled once, in the order of its help."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from chatctl.capture.replay.pace import OnTimeout, Order
from chatctl.capture.replay.unmatched import OnUnmatched
from chatctl.cli.options import address, listen_address
from chatctl.transport.address import Address


class Expect(StrEnum):
    """What is expected to come back."""

    NOTHING = "nothing"
    RECORDED = "recorded"


ROLE = "Role"
PACE = "Order and pace"
PART = "Part of the recording"
SHAPE = "Shape"
CHECK = "Checks"
OUTPUT = "Output"

To = Annotated[
    Address | None,
    typer.Option(
        "--to",
        metavar="HOST:PORT",
        parser=address,
        rich_help_panel=ROLE,
        help="Play the clients against this server.",
    ),
]
Listen = Annotated[
    Address | None,
    typer.Option(
        "--listen",
        metavar="HOST:PORT",
        parser=listen_address,
        rich_help_panel=ROLE,
        help="Play the server to clients that connect here; with --to, stand between and compare.",
    ),
]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes", "-y", rich_help_panel=ROLE, help="Allow a target that is not this machine."
    ),
]
TheOrder = Annotated[
    Order,
    typer.Option(
        "--order",
        rich_help_panel=PACE,
        help="causal: nothing is sent before what had come before it in the recording has come; "
        "timed: by the clock alone; max: as fast as it goes.",
    ),
]
Speed = Annotated[
    str,
    typer.Option(
        "--speed", metavar="FACTOR", rich_help_panel=PACE, help="2 is twice as fast; max: no pause."
    ),
]
MaxGap = Annotated[
    str,
    typer.Option(
        "--max-gap", metavar="TIME", rich_help_panel=PACE, help="Cut longer silences to this."
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0.0,
        rich_help_panel=PACE,
        help="How long to wait for what should come. By default 5, as the server 60.",
    ),
]
TheOnTimeout = Annotated[
    OnTimeout,
    typer.Option(
        "--on-timeout",
        rich_help_panel=PACE,
        help="What to do with a packet whose wait is over: send it, skip it, or fail.",
    ),
]
Loop = Annotated[
    int,
    typer.Option("--loop", metavar="N", min=1, rich_help_panel=PACE, help="Play it so many times."),
]
Plain = Annotated[
    bool,
    typer.Option(
        "--plain",
        envvar="CHATCTL_PLAIN",
        rich_help_panel=ROLE,
        help="Show it in lines, even on a terminal: no full screen.",
    ),
]
Step = Annotated[
    bool,
    typer.Option("--step", rich_help_panel=PACE, help="Send each packet when Enter is pressed."),
]
From = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="TIME",
        rich_help_panel=PART,
        help="Play what is before this moment without pauses; on the screen, at once.",
    ),
]
Until = Annotated[
    str,
    typer.Option("--until", metavar="TIME", rich_help_panel=PART, help="Stop at this moment."),
]
Conns = Annotated[
    str,
    typer.Option(
        "--conns", metavar="N,N-M", rich_help_panel=PART, help="Play these connections alone."
    ),
]
Filter = Annotated[
    str,
    typer.Option(
        "--filter",
        "-f",
        metavar="FILTER",
        rich_help_panel=PART,
        help="Send only the packets that match (see docs/filters.md), and every hello.",
    ),
]
Port = Annotated[
    int,
    typer.Option(
        "--port",
        min=0,
        max=65535,
        rich_help_panel=PART,
        help="The server's port in a capture of more than one; 0 finds it.",
    ),
]
Clients = Annotated[
    str,
    typer.Option(
        "--clients",
        metavar="xN",
        rich_help_panel=SHAPE,
        help="Play everybody N times at once, under nicks of their own.",
    ),
]
NickTemplate = Annotated[
    str,
    typer.Option(
        "--nick-template", metavar="TEXT", rich_help_panel=SHAPE, help="How those nicks are made."
    ),
]
Ramp = Annotated[
    str,
    typer.Option(
        "--ramp", metavar="TIME", rich_help_panel=SHAPE, help="Let them come over this time."
    ),
]
Rewrite = Annotated[
    list[str] | None,
    typer.Option(
        "--rewrite",
        metavar="MEMBER=s/OLD/NEW/",
        rich_help_panel=SHAPE,
        help="Change a member of all packets; TYPE.MEMBER of those of one type.",
    ),
]
Fault = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="KIND[=CHANCE[:AMOUNT]]",
        rich_help_panel=SHAPE,
        help="Do this to what is sent: fragment, coalesce, delay, duplicate, drop, reorder, "
        "corrupt, stall, half-close, reset.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed", metavar="N", rich_help_panel=SHAPE, help="The same seed gives the same faults."
    ),
]
Expecting = Annotated[
    Expect,
    typer.Option(
        "--expect",
        rich_help_panel=CHECK,
        help="recorded: what comes back has to be what was recorded; else the status is 1.",
    ),
]
Mask = Annotated[
    list[str] | None,
    typer.Option(
        "--mask",
        metavar="MEMBER",
        rich_help_panel=CHECK,
        help="A member, or TYPE.MEMBER, that may differ, besides seq, time, id, token, session ...",
    ),
]
Unmask = Annotated[
    list[str] | None,
    typer.Option(
        "--unmask", metavar="MEMBER", rich_help_panel=CHECK, help="One of those that may not."
    ),
]
MaskFrom = Annotated[
    Path | None,
    typer.Option(
        "--mask-from",
        metavar="FILE",
        rich_help_panel=CHECK,
        help="Another recording of the same talk: members that differ between the two may differ.",
    ),
]
Assert = Annotated[
    list[str] | None,
    typer.Option(
        "--assert",
        metavar="CLAIM",
        rich_help_panel=CHECK,
        help="Has to hold in the end: 'p99(rtt)<50ms', 'count(type==error)==0', 'missing==0'.",
    ),
]
Unmatched = Annotated[
    OnUnmatched,
    typer.Option(
        "--on-unmatched",
        rich_help_panel=CHECK,
        help="As the server: what to do with a packet that was not recorded.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", rich_help_panel=OUTPUT, help="Say what would be done, and end."),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", rich_help_panel=OUTPUT, help="No report but the verdict.")
]
Json = Annotated[
    bool, typer.Option("--json", rich_help_panel=OUTPUT, help="The report as one JSON object.")
]
Junit = Annotated[
    Path | None,
    typer.Option(
        "--junit", metavar="FILE", rich_help_panel=OUTPUT, help="Write the report as JUnit's XML."
    ),
]
Record = Annotated[
    str,
    typer.Option(
        "--record",
        "-r",
        metavar="FILE",
        rich_help_panel=OUTPUT,
        help="Record the replay, for decode --diff.",
    ),
]
ToPytest = Annotated[
    Path | None,
    typer.Option(
        "--to-pytest",
        metavar="FILE",
        rich_help_panel=OUTPUT,
        help="Write a test that stands alone and holds a server to this recording.",
    ),
]
Minimize = Annotated[
    Path | None,
    typer.Option(
        "--minimize",
        metavar="FILE",
        rich_help_panel=OUTPUT,
        help="Find the smallest part of the recording that still fails, and write it.",
    ),
]
