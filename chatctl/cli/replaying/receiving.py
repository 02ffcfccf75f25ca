"""``chatctl replay --listen``: the recording's server for a client, or a comparison in between."""

import sys
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from rich.console import Console

from chatctl.capture.replay.compare import Heard
from chatctl.capture.replay.diff import differences
from chatctl.capture.replay.loading import Loaded
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.plan import Expected, Line, Selection, plan_clients, plan_server
from chatctl.capture.replay.player import Player
from chatctl.capture.replay.result import Result, result_of
from chatctl.capture.replay.steps import read_value
from chatctl.capture.replay.unmatched import OnUnmatched
from chatctl.cli.replaying.config import ReplayConfig
from chatctl.cli.terminal import colored
from chatctl.errors import LinkError, UsageError
from chatctl.transport.address import Address
from chatctl.transport.between import Ears, compare_between
from chatctl.transport.ending import run_until_signal
from chatctl.transport.stage import Rig
from chatctl.transport.stand_in import Reception, play_server
from chatctl.view.escape import escape
from chatctl.view.replay import packet_text, value_text
from chatctl.wire.packet import Direction


class Reporter:
    """Says on stderr what differs, at the moment it does."""

    def __init__(self, masks: Masks, *, quiet: bool) -> None:
        self._masks = masks
        self._quiet = quiet
        self._console = Console(stderr=True, highlight=False, no_color=not colored(sys.stderr))

    def listening(self, addresses: list[Address]) -> None:
        """Say where clients can connect."""
        for address in addresses:
            self._say(f"listening on {address}")

    def told(self, line: Line, direction: Direction, payload: bytes, item: Expected | None) -> None:
        """Say what is different about a packet."""
        now = Heard(payload, read_value(payload))
        who = f"{escape(line.nick) or 'nobody'} {'→' if direction is Direction.TO_SERVER else '←'}"
        if item is None:
            self._say(f"{who} not recorded: {packet_text(now)}", "red")
            return
        recorded = item.packet
        for each in differences(self._masks, recorded.type, recorded.value or {}, now.value or {}):
            self._say(
                f"{who} {recorded.type}.{escape(each.path)}: recorded {value_text(each.recorded)},"
                f" now {value_text(each.now)}",
                "yellow",
            )

    def _say(self, text: str, style: str = "") -> None:
        if not self._quiet:
            self._console.print(text, style=style, markup=False, soft_wrap=True)


def receive(
    config: ReplayConfig, loaded: Loaded, part: Selection, masks: Masks, rig: Rig
) -> Result:
    """Play the server of the capture to whoever connects; return what came of it.

    Raises:
        LinkError: the address cannot be had.
        UsageError: the capture holds nothing that a server said.
    """
    plan = plan_server(loaded.steps, part)
    if not plan.packets:
        raise UsageError(f"nothing to answer: {config.capture} holds no packet of a server's")
    lenient = config.on_unmatched is OnUnmatched.CLOSEST
    player = Player(plan, config.pacing, masks, lenient=lenient)
    reporter = Reporter(masks, quiet=config.quiet or config.json)
    reception = Reception(
        config.listen or Address(),
        unmatched=config.on_unmatched,
        listening=reporter.listening,
        heard=lambda line, payload, item: reporter.told(line, Direction.TO_SERVER, payload, item),
    )
    began = time.monotonic()
    ended_by = _run(play_server(player, rig, reception))
    return _finished(result_of(player, masks, time.monotonic() - began), ended_by)


def stand_between(
    config: ReplayConfig, loaded: Loaded, part: Selection, masks: Masks, rig: Rig
) -> list[Result]:
    """Compare live clients and a live server with the capture; return what came of either.

    The server's comes first.

    Raises:
        LinkError: the address cannot be had.
    """
    assert config.target is not None  # noqa: S101 - narrows the type
    target, listen = config.target, config.listen or Address()
    reporter = Reporter(masks, quiet=config.quiet or config.json)
    watching = replace(config.pacing, watching=True)
    answers = Player(plan_clients(loaded.steps, part), watching, masks)
    questions = Player(plan_server(loaded.steps, part), watching, masks)
    ears = Ears(answers, questions, reporter.told)
    began = time.monotonic()
    ended_by = _run(compare_between(ears, listen, target, rig, reporter.listening))
    seconds = time.monotonic() - began
    return [_finished(result_of(ear, masks, seconds), ended_by) for ear in (answers, questions)]


def _run(action: Coroutine[Any, Any, None]) -> int:
    """Run *action*; return the status of the signal that ended it, or 0."""
    try:
        return run_until_signal(action)
    except OSError as error:
        raise LinkError(f"cannot listen: {error.strerror or error}") from None


def _finished(result: Result, ended_by: int) -> Result:
    result.ended_by = ended_by
    return result
