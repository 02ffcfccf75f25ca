"""What ``chatctl replay`` does with its configuration, role by role, and how it ends."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chatctl.capture.config import RecordConfig
from chatctl.capture.recorder import Recorder, open_recorder
from chatctl.capture.replay.faults import Faults, parse_fault
from chatctl.capture.replay.figures import Claim, Verdict, parse_assertion
from chatctl.capture.replay.loading import Loaded, load
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.plan import Plan, Selection, plan_clients
from chatctl.capture.replay.result import Result
from chatctl.capture.replay.shape import amplified, parse_rewrite, retold
from chatctl.cli.replay_config import ReplayConfig
from chatctl.cli.report import warn
from chatctl.cli.status import ExitStatus
from chatctl.cli.terminal import colored
from chatctl.errors import UsageError

if TYPE_CHECKING:
    from chatctl.transport.stage import Rig


def run(config: ReplayConfig) -> int:
    """Replay as *config* says and return the exit status."""
    _refuse_strangers(config)
    loaded = load(config.capture, config.port)
    for remark in loaded.remarks():
        warn(remark)
    if config.target is None and config.listen is None and not config.dry_run:
        from chatctl.cli.showing import show_capture

        return show_capture(config, loaded)
    return _against_server(config, loaded)


def _refuse_strangers(config: ReplayConfig) -> None:
    if config.target is not None and not config.target.loopback and not config.yes:
        error = UsageError(f"{config.target} is not this machine")
        error.add_note("--yes plays against it all the same")
        raise error


def _against_server(config: ReplayConfig, loaded: Loaded) -> int:
    masks = Masks().adding(config.masks).without(config.unmasks)
    claims = [claim for text in config.claims for claim in parse_assertion(text, _matcher)]
    faults = [parse_fault(text) for text in config.faults]
    plan = _shaped(config, plan_clients(loaded.steps, _selection(config)))
    if not plan.packets:
        raise UsageError(f"nothing to send: {config.capture} holds no packet of a client's")
    if config.dry_run or config.target is None:
        return _show_plan(plan)
    recorder = _recorder(config)
    try:
        rig = _rig(Faults(faults, config.seed) if faults else None, recorder)
        results = _perform(config, plan, masks, rig)
    finally:
        if recorder is not None:
            recorder.close()
    return _conclude(config, loaded, results, claims)


def _selection(config: ReplayConfig) -> Selection:
    wanted = _step_filter(config.where) if config.where else None
    return Selection(config.conns, wanted, config.window)


def _shaped(config: ReplayConfig, plan: Plan) -> Plan:
    for text in config.rewrites:
        plan = retold(plan, parse_rewrite(text))
    if config.clients > 1:
        plan = amplified(plan, config.clients, config.nick_template, config.ramp)
    return plan


def _recorder(config: ReplayConfig) -> Recorder | None:
    if not config.record:
        return None
    return open_recorder(
        RecordConfig(config.record),
        side="replay",
        listen=str(config.target or config.listen),
        stopped=lambda reason: warn(f"the recording stopped: {reason}"),
    )


def _rig(faults: Faults | None, recorder: Recorder | None) -> "Rig":
    from chatctl.transport.stage import Rig

    rig = Rig(faults=faults)
    if recorder is not None:
        rig.tap, rig.flush = recorder, recorder.flush
    return rig


def _perform(config: ReplayConfig, plan: Plan, masks: Masks, rig: "Rig") -> list[Result]:
    from chatctl.cli.progress import Progress
    from chatctl.transport.replaying import Performance, perform

    assert config.target is not None  # noqa: S101 - narrows the type
    with Progress(plan, rig, quiet=config.quiet or config.step) as progress:
        performance = Performance(
            config.target, config.pacing, masks, rig, config.loops, config.compare, progress.begin
        )
        return perform(plan, performance)


def _show_plan(plan: Plan) -> int:
    from rich.console import Console

    from chatctl.view.replay import plan_lines

    Console(highlight=False).print(plan_lines(plan))
    return ExitStatus.DONE


def _conclude(
    config: ReplayConfig, loaded: Loaded, results: Sequence[Result], claims: Sequence[Claim]
) -> int:
    """Report on *results* and return the status of the worst."""
    statuses = []
    for result in results:
        verdicts = [claim.check(result) for claim in claims]
        status = status_of(result, verdicts, compare=config.compare, lossy=loaded.lossy)
        statuses.append(status)
        _report(config, result, verdicts, status)
    return min(statuses, key=_SEVERITY.index)


_SEVERITY = [
    ExitStatus.TERMINATED,
    ExitStatus.HANGUP,
    ExitStatus.INTERRUPTED,
    ExitStatus.LINK,
    ExitStatus.PROTOCOL,
    ExitStatus.TIMEOUT,
    ExitStatus.NO,
    ExitStatus.DAMAGED,
    ExitStatus.DONE,
]
"""The worst first."""


def status_of(
    result: Result, verdicts: Sequence[Verdict], *, compare: bool, lossy: bool
) -> ExitStatus:
    """Return how a replay with this outcome ends.

    Args:
        result: the outcome.
        verdicts: what became of the assertions.
        compare: whether it had to come out as recorded.
        lossy: whether the capture could be read in part only.
    """
    differs = (compare and not result.same) or not all(verdict.holds for verdict in verdicts)
    found = [
        (result.interrupted, result.ended_by or ExitStatus.INTERRUPTED),
        (bool(result.failure) or (result.lost > 0 and result.skipped > 0), ExitStatus.LINK),
        (result.malformed > 0, ExitStatus.PROTOCOL),
        (result.silent or result.gave_up, ExitStatus.TIMEOUT),
        (differs, ExitStatus.NO),
        (lossy, ExitStatus.DAMAGED),
    ]
    return next((ExitStatus(status) for holds, status in found if holds), ExitStatus.DONE)


def _report(
    config: ReplayConfig, result: Result, verdicts: Sequence[Verdict], status: ExitStatus
) -> None:
    from chatctl.view import replay_report

    if config.junit is not None:
        xml = replay_report.as_junit(result, verdicts, config.capture)
        config.junit.write_bytes(xml)
    out = sys.stderr if config.record == "-" else sys.stdout
    if config.json:
        from chatctl.wire import codec

        text = codec.write_json(replay_report.as_object(result, verdicts, status)).decode()
        out.write(f"{text}\n")
        return
    from rich.console import Console

    from chatctl.view.replay import report

    if not config.quiet or status is not ExitStatus.DONE:
        console = Console(file=out, highlight=False, no_color=not colored(out))
        judged = config.compare and result.received > 0
        console.print(report(result, verdicts, judged=judged), soft_wrap=True)


def _matcher(text: str) -> Callable[[object], bool]:
    raise UsageError(f"filters are not there yet: {text}")


def _step_filter(text: str) -> Callable[[object], bool]:
    raise UsageError(f"filters are not there yet: {text}")
