"""How a replay ends: its reports, and the one exit status."""

import sys
from collections.abc import Sequence

from chatctl.capture.replay.figures import Claim, Verdict
from chatctl.capture.replay.loading import Loaded
from chatctl.capture.replay.result import Result
from chatctl.cli.output import write_file
from chatctl.cli.replaying.config import ReplayConfig
from chatctl.cli.status import ExitStatus
from chatctl.cli.terminal import colored


def conclude(
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
    unreached = bool(result.failure) and not result.unwelcome
    found = [
        (result.interrupted, result.ended_by),
        (unreached or (result.lost > 0 and result.skipped > 0), ExitStatus.LINK),
        (result.malformed > 0, ExitStatus.PROTOCOL),
        (result.silent or result.gave_up, ExitStatus.TIMEOUT),
        (differs or result.unwelcome, ExitStatus.NO),
        (lossy, ExitStatus.DAMAGED),
    ]
    return next((ExitStatus(status) for holds, status in found if holds), ExitStatus.DONE)


def _report(
    config: ReplayConfig, result: Result, verdicts: Sequence[Verdict], status: ExitStatus
) -> None:
    from chatctl.view import replay_report

    if config.junit is not None:
        xml = replay_report.as_junit(result, verdicts, config.capture)
        write_file(config.junit, xml)
    out = sys.stderr if config.record == "-" else sys.stdout
    if config.json:
        from chatctl.view.escape import escape_json
        from chatctl.wire import codec

        text = codec.write_json(replay_report.as_object(result, verdicts, status)).decode()
        out.write(f"{escape_json(text)}\n")
        return
    from rich.console import Console

    from chatctl.view.replay import report

    if not config.quiet or status is not ExitStatus.DONE:
        console = Console(file=out, highlight=False, no_color=not colored(out))
        judged = config.compare and result.received > 0
        console.print(report(result, verdicts, judged=judged), soft_wrap=True)
