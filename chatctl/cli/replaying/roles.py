"""What ``chatctl replay`` does with its configuration, role by role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chatctl.capture.config import RecordConfig
from chatctl.capture.replay.faults import Faults, parse_fault
from chatctl.capture.replay.figures import Claim, parse_assertion
from chatctl.capture.replay.infer import inferred
from chatctl.capture.replay.loading import Loaded, load
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.plan import Plan, Selection, plan_clients
from chatctl.capture.replay.result import Result
from chatctl.capture.replay.selecting import heard_test, matching_steps
from chatctl.capture.replay.shape import amplified, parse_rewrite, retold
from chatctl.capture.writing.recorder import open_recorder
from chatctl.cli.output import refuse_inputs
from chatctl.cli.recording import check_place
from chatctl.cli.replaying.concluding import conclude
from chatctl.cli.replaying.config import ReplayConfig
from chatctl.cli.report import warn, warn_of
from chatctl.cli.status import ExitStatus
from chatctl.errors import UsageError

if TYPE_CHECKING:
    from chatctl.transport.stage import Rig


CROWDED = ("who.nicks", "history.entries", "history.more", "rooms.rooms")
"""Members that other companies of clones are seen in too."""


@dataclass(frozen=True, slots=True)
class Job:
    """A configuration understood: everything that can be refused before anything is done."""

    config: ReplayConfig
    loaded: Loaded
    part: Selection
    masks: Masks
    claims: list[Claim]
    faults: Faults | None

    def plan(self) -> Plan:
        """Return the plan of the clients, in the shape that was asked for.

        Raises:
            UsageError: there is nothing to send.
        """
        config = self.config
        plan = plan_clients(self.loaded.steps, self.part)
        if not plan.packets:
            raise UsageError(f"nothing to send: {config.capture} holds no packet of a client's")
        if self.loaded.damage is not None or self.loaded.steps.cut or not plan.expected:
            plan = replace(plan, open_end=True)
        if not plan.expected:
            note = "the capture holds nothing that the server said: nothing is compared"
            plan = replace(plan, notes=(*plan.notes, note))
        for text in config.rewrites:
            plan = retold(plan, parse_rewrite(text))
        if config.clients > 1:
            plan = amplified(plan, config.clients, config.nick_template, config.ramp)
        return plan


def run(config: ReplayConfig) -> int:
    """Replay as *config* says and return the exit status."""
    _refuse_strangers(config)
    _refuse_without_role(config)
    _refuse_overwriting(config)
    loaded = load(config.capture, config.port)
    for remark in loaded.remarks():
        warn(remark)
    job = _understood(config, loaded)
    if config.dry_run:
        return _show_plan(job.plan())
    if config.to_pytest is not None:
        from chatctl.cli.replaying.producing import write_test

        return write_test(job.plan(), job.masks, config.capture, config.to_pytest)
    if config.target is None and config.listen is None:
        from chatctl.cli.replaying.showing import show_capture

        return show_capture(config, loaded)
    if config.minimize is not None and config.target is not None:
        from chatctl.cli.replaying.producing import minimize

        return minimize(loaded.steps, job.part, job.masks, config.target, str(config.minimize))
    with _rig(job) as rig:
        results = _play(job, rig)
    return conclude(config, loaded, results, job.claims)


def _refuse_strangers(config: ReplayConfig) -> None:
    if config.target is not None and not config.target.loopback and not config.yes:
        error = UsageError(f"{config.target} is not this machine")
        error.add_note("--yes plays against it all the same")
        raise error


def _refuse_without_role(config: ReplayConfig) -> None:
    """Say so where something was asked for that only happens against somebody."""
    needs = {
        "--expect": config.compare,
        "--assert": bool(config.claims),
        "--record": bool(config.record),
        "--json": config.json,
        "--junit": config.junit is not None,
        "--fault": bool(config.faults),
        "--minimize": config.minimize is not None,
    }
    asked = [option for option, given in needs.items() if given]
    if asked and config.target is None and config.listen is None:
        raise UsageError(f"{asked[0]} needs a server to play against: --to HOST:PORT")
    if config.minimize is not None and config.target is None:
        raise UsageError("--minimize needs a server to try against: --to HOST:PORT")
    between = config.target if config.listen is not None else None
    if between is not None and (between.tls or between.path):
        raise UsageError(f"between two ends only TCP is compared, not {between}")


def _refuse_overwriting(config: ReplayConfig) -> None:
    read: list[Path | str] = [config.capture]
    if config.mask_from is not None:
        read.append(config.mask_from)
    for path in (config.record, config.junit, config.to_pytest, config.minimize):
        if path:
            refuse_inputs(Path(path), read)


def _understood(config: ReplayConfig, loaded: Loaded) -> Job:
    masks = Masks().adding(config.masks).without(config.unmasks)
    if config.clients > 1:
        masks = masks.adding(CROWDED)
    if config.mask_from is not None:
        masks = inferred(masks, loaded.steps, load(config.mask_from, config.port).steps)
    claims = [claim for text in config.claims for claim in parse_assertion(text, heard_test)]
    faults = [parse_fault(text) for text in config.faults]
    return Job(
        config,
        loaded,
        _selection(config, loaded),
        masks,
        claims,
        Faults(faults, config.seed) if faults else None,
    )


def _selection(config: ReplayConfig, loaded: Loaded) -> Selection:
    if not config.where:
        return Selection(config.conns, None, config.window)
    matching = matching_steps(config.where, loaded.steps.steps)
    return Selection(config.conns, lambda step: step.index in matching, config.window)


@contextmanager
def _rig(job: Job) -> "Iterator[Rig]":
    """Give what a replay works with; its recording is whole when the block ends."""
    from chatctl.cli.replaying.asking import ask
    from chatctl.transport.stage import Rig
    from chatctl.transport.trust import Trust

    config = job.config
    rig = Rig(faults=job.faults, ask=ask if config.step else None)
    if config.target is not None and config.target.tls:
        rig.tls = Trust(config.tls_ca).context
    if not config.record:
        yield rig
        return
    check_place(config.record)
    recorder = open_recorder(
        RecordConfig(config.record),
        side="replay",
        listen=str(config.target or config.listen),
        stopped=warn_of,
    )
    rig.tap, rig.flush = recorder, recorder.flush
    try:
        yield rig
    finally:
        recorder.close()


def _play(job: Job, rig: "Rig") -> list[Result]:
    config = job.config
    if config.listen is None:
        return _against_server(job, rig)
    from chatctl.cli.replaying.receiving import receive, stand_between

    if config.target is None:
        return [receive(config, job.loaded, job.part, job.masks, rig)]
    return stand_between(config, job.loaded, job.part, job.masks, rig)


def _against_server(job: Job, rig: "Rig") -> list[Result]:
    from chatctl.cli.replaying.progress import Progress
    from chatctl.transport.replaying import Performance, perform

    config, plan = job.config, job.plan()
    assert config.target is not None  # noqa: S101 - narrows the type
    with Progress(plan, rig, quiet=config.quiet or config.step) as progress:
        performance = Performance(
            config.target,
            config.pacing,
            job.masks,
            rig,
            config.loops,
            config.compare or any("count(" in claim.text for claim in job.claims),
            progress.begin,
        )
        return perform(plan, performance)


def _show_plan(plan: Plan) -> int:
    from rich.console import Console

    from chatctl.view.replay import plan_lines

    Console(highlight=False).print(plan_lines(plan), soft_wrap=True)
    return ExitStatus.DONE
