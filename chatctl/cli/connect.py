"""``chatctl connect``: take part in a chat."""

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import Annotated

import typer

from chatctl.capture.config import RecordConfig
from chatctl.cli import settings
from chatctl.cli.linking import jitter, login_name, nonce, route
from chatctl.cli.options import Base, Json, Server, Tls, TlsCa, TlsFingerprint
from chatctl.cli.recording import takes_recording
from chatctl.cli.report import warn
from chatctl.cli.status import ExitStatus
from chatctl.cli.terminal import colored
from chatctl.errors import ChatError, UsageError
from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import ClientSettings
from chatctl.transport.address import LOCAL, Address
from chatctl.transport.dialling import Route
from chatctl.tui.desk import Desk

PATIENCE = 300.0
_ENDING = {
    signal.SIGINT: ExitStatus.INTERRUPTED,
    signal.SIGTERM: ExitStatus.TERMINATED,
    signal.SIGHUP: ExitStatus.HANGUP,
    signal.SIGQUIT: ExitStatus.QUIT,
}

Who = Annotated[
    str, typer.Argument(metavar="[NICK]", envvar="CHATCTL_NICK", help="The nick to take.")
]
Plain = Annotated[
    bool,
    typer.Option(
        "--plain", envvar="CHATCTL_PLAIN", help="Lines, even on a terminal: no full screen."
    ),
]
Follow = Annotated[bool, typer.Option("--follow", "-F", help="Stay when standard input has ended.")]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was asked for."""

    settings: ClientSettings
    route: Route
    record: RecordConfig | None
    server: Address
    plain: bool
    json: bool
    follow: bool
    profile: str


@takes_recording
def connect(  # noqa: PLR0913 - a command's parameters are its options
    ctx: typer.Context,
    nick: Who = "",
    *,
    server: Server = LOCAL,
    plain: Plain = False,
    json: Json = False,
    follow: Follow = False,
    base: Base = False,
    tls: Tls = False,
    tls_ca: TlsCa = None,
    tls_fingerprint: TlsFingerprint = "",
    record: RecordConfig | None,
) -> None:
    """Join a chat.

    On a terminal that is the full screen; in a pipe, or with --plain, lines: what happens on
    standard output, what to say from standard input. It ends with its input, once everything said
    is confirmed. A line that begins with / is a command (see /help), and never said. With --json
    every event is an object on a line of its own, and packets or text come in: docs/json.md.

    Examples:
      chatctl connect alice
      chatctl connect bob --plain --server chat.example.org
      echo "hello" | chatctl connect carol
      chatctl connect bot --json --follow < /dev/null | jq -r 'select(.event == "said").text'
    """
    if plain and json:
        raise UsageError("--plain and --json do not go together")
    interactive = not json and _on_terminal()
    plan = _Plan(
        ClientSettings(
            nick=nick or login_name(),
            nonce=nonce(),
            jitter=jitter,
            base=base,
            rename=not nick,
            lag=interactive and not plain,
            patience=None if interactive else PATIENCE,
        ),
        route(server, tls_ca, tls_fingerprint, tls=tls),
        record,
        server,
        plain,
        json,
        follow,
        ctx.obj.profile,
    )
    status = asyncio.run(_run(plan))
    if status:
        raise typer.Exit(status)


def _on_terminal() -> bool:
    """Return whether keys come from a terminal that can be drawn on."""
    ends = (sys.stdin, sys.stdout)
    return all(each and each.isatty() for each in ends) and _can_draw()


def _can_draw() -> bool:
    return os.environ.get("TERM") not in {None, "", "dumb"}


async def _run(plan: _Plan) -> int:
    desk = Desk(ClientSession(plan.settings), plan.route, record=plan.record)
    try:
        async with desk:
            try:
                if plan.json or plan.plain or not (_on_terminal() and sys.stderr.isatty()):
                    return await _in_lines(plan, desk)
                return await _on_screen(plan, desk)
            finally:
                desk.stopped = warn  # nobody shows anything any more
    except* (ChatError, OSError) as group:
        raise _leaf(group) from None
    return 0


def _leaf(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _in_lines(plan: _Plan, desk: Desk) -> int:
    """Run line mode or JSON mode; return the exit status."""
    ended: list[int] = []
    loop = asyncio.get_running_loop()
    for number, status in _ENDING.items():
        loop.add_signal_handler(number, _end, desk, ended, status)
    if not plan.json and _on_terminal():
        from chatctl.tui.lines.prompting import Typewriter, converse
        from chatctl.tui.remembered import Remembered

        kept = Remembered(settings.written(plan.profile))
        terminal = Typewriter(
            sys.stdout, sys.stdout.fileno(), color=colored(sys.stdout), remembered=kept
        )
        if await converse(desk, terminal, sys.stdin.fileno()):
            return ExitStatus.INTERRUPTED
    else:
        await _in_pipe(plan, desk)
    if ended:
        return ended[0]
    if error := desk.outcome.error():
        raise error
    return 0


async def _in_pipe(plan: _Plan, desk: Desk) -> None:
    from chatctl.tui.lines.jsonlines import JsonMode, JsonSheet
    from chatctl.tui.lines.line import LineMode
    from chatctl.tui.lines.piping import Sheet, pipe

    front = (
        JsonMode(desk, JsonSheet(sys.stdout))
        if plan.json
        else LineMode(desk, Sheet(sys.stdout), newlines=False)
    )
    await pipe(desk, front, sys.stdin.fileno(), follow=plan.follow)


def _end(desk: Desk, ended: list[int], status: int) -> None:
    """Leave in good order at a signal; at the second one, at once."""
    if ended:
        os._exit(status)
    ended.append(status)
    desk.close()


async def _on_screen(plan: _Plan, desk: Desk) -> int:
    """Run the full screen; return the exit status."""
    from chatctl.tui.remembered import Remembered
    from chatctl.tui.screen.app import full_screen
    from chatctl.tui.screen.conversations import Conversations
    from chatctl.tui.screen.looks import looks
    from chatctl.view.escape import escape
    from chatctl.view.transcript import Tone

    chosen = looks(settings.table("ui", plan.profile), settings.table("keys", plan.profile))
    talk = Conversations(plan.settings.nick, time.time)
    talk.link.secure = plan.route.address.tls
    desk.stopped = lambda text: talk.note(escape(text), Tone.TROUBLE)
    kept = Remembered(settings.written(plan.profile))
    return await full_screen(desk, talk, str(plan.server), chosen, kept)
