"""``chatctl replay`` without a role: the chat on the screen, as one of its people saw it."""

import sys

from chatctl.capture.replay.loading import Loaded
from chatctl.capture.replay.scenes import scenes, viewers
from chatctl.cli.replay_config import ReplayConfig
from chatctl.cli.status import ExitStatus
from chatctl.cli.terminal import colored
from chatctl.errors import UsageError


def show_capture(config: ReplayConfig, loaded: Loaded) -> int:
    """Show the capture; return the status."""
    from chatctl.tui.playback import Console, Playback, show

    steps = loaded.steps.steps
    seen = [conn for conn in viewers(steps) if config.conns is None or conn in config.conns]
    if not seen:
        raise UsageError(f"nothing to show: no client of {config.capture} was sent anything")
    shown = list(scenes(steps, seen[0], config.window))
    playback = Playback(shown, config.speed, paused=config.step)
    colour = colored(sys.stdout)
    if sys.stdin.isatty() and sys.stdout.isatty():
        Console(playback, colour=colour).run()
    else:
        show(playback, colour=colour)
    return ExitStatus.DAMAGED if loaded.lossy else ExitStatus.DONE
