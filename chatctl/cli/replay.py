"""``chatctl replay``: what was typed, understood. What is done about it is in ``replaying``."""

import math
import re
from typing import Annotated

import typer

from chatctl.capture.replay.pace import OnTimeout, Order
from chatctl.capture.replay.shape import STANDARD_NICK
from chatctl.capture.replay.units import seconds_of
from chatctl.capture.replay.unmatched import OnUnmatched
from chatctl.cli.options import TlsCa
from chatctl.cli.replaying import options as options
from chatctl.cli.replaying.config import ReplayConfig
from chatctl.cli.replaying.options import Expect
from chatctl.cli.replaying.roles import run
from chatctl.errors import UsageError


def replay(  # noqa: PLR0913 - a command's parameters are its options
    ctx: typer.Context,
    capture: Annotated[str, typer.Argument(metavar="CAPTURE", help="A capture; - is stdin.")],
    *,
    to: options.To = None,
    listen: options.Listen = None,
    yes: options.Yes = False,
    tls_ca: TlsCa = None,
    order: options.TheOrder = Order.CAUSAL,
    speed: options.Speed = "1",
    max_gap: options.MaxGap = "",
    timeout: options.Timeout = None,
    on_timeout: options.TheOnTimeout = OnTimeout.SEND,
    loop: options.Loop = 1,
    step: options.Step = False,
    plain: options.Plain = False,
    begin: options.From = "",
    until: options.Until = "",
    conns: options.Conns = "",
    where: options.Filter = "",
    port: options.Port = 0,
    clients: options.Clients = "x1",
    nick_template: options.NickTemplate = STANDARD_NICK,
    ramp: options.Ramp = "",
    rewrite: options.Rewrite = None,
    fault: options.Fault = None,
    seed: options.Seed = 0,
    expect: options.Expecting = Expect.NOTHING,
    mask: options.Mask = None,
    unmask: options.Unmask = None,
    mask_from: options.MaskFrom = None,
    claims: options.Assert = None,
    on_unmatched: options.Unmatched = OnUnmatched.CLOSEST,
    dry_run: options.DryRun = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
    junit: options.Junit = None,
    record: options.Record = "",
    to_pytest: options.ToPytest = None,
    minimize: options.Minimize = None,
) -> None:
    """Play a recorded chat again: to you, to a server, or to a client.

    Without a role it is shown on the screen. With --to its clients talk to a server, in the order
    and with the pauses of the recording; tokens and numbers that the server hands out are replaced
    by what it hands out this time. It always ends, with a report.

    Examples:
      chatctl replay chat.pcapng --max-gap 2s                # watch it
      chatctl replay chat.pcapng --to :3490 --expect recorded  # does the server still do the same?
      chatctl replay chat.pcapng --to :3490 --speed max --clients x50 --assert 'p99(rtt)<50ms'
      chatctl replay chat.pcapng --listen :4000              # be the server, for a client
    """
    config = ReplayConfig(
        capture=capture,
        target=to,
        listen=listen,
        yes=yes,
        tls_ca=tls_ca,
        order=order,
        speed=_speed(speed),
        max_gap=_moment(max_gap, math.inf),
        timeout=timeout if timeout is not None else (60.0 if listen and not to else 5.0),
        on_timeout=on_timeout,
        loops=loop,
        step=step,
        plain=plain,
        begin=_moment(begin, 0.0),
        end=_moment(until, math.inf),
        conns=_conns(conns),
        where=where,
        port=port,
        clients=_count(clients),
        nick_template=nick_template,
        ramp=_moment(ramp, 0.0),
        rewrites=tuple(rewrite or ()),
        faults=tuple(fault or ()),
        seed=seed,
        compare=expect is Expect.RECORDED,
        masks=tuple(mask or ()),
        unmasks=tuple(unmask or ()),
        mask_from=mask_from,
        claims=tuple(claims or ()),
        on_unmatched=on_unmatched,
        dry_run=dry_run,
        quiet=quiet,
        json=json,
        junit=junit,
        record=record,
        to_pytest=to_pytest,
        minimize=minimize,
        profile=ctx.obj.profile,
    )
    raise typer.Exit(run(config))


def _speed(text: str) -> float:
    if text == "max":
        return math.inf
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = math.nan
    if not 0 < speed < math.inf:
        raise UsageError(f"--speed is a number above 0, or max: not {text!r}")
    return speed


def _moment(text: str, standard: float) -> float:
    return seconds_of(text) if text else standard


def _count(text: str) -> int:
    digits = text.removeprefix("x")
    if not digits.isdecimal() or int(digits) < 1:
        raise UsageError(f"--clients is x and a number, 1 or more: not {text!r}")
    return int(digits)


def _conns(text: str) -> frozenset[int] | None:
    """Return the connections of ``1,3-5``; None for an empty text."""
    numbers: set[int] = set()
    for part in text.split(",") if text else ():
        found = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        if found is None or int(found[2] or found[1]) - int(found[1]) > 1_000_000:
            raise UsageError(f"--conns is a list like 1,3-5: not {text!r}")
        numbers.update(range(int(found[1]), int(found[2] or found[1]) + 1))
    return frozenset(numbers) if text else None
