"""A recorded chat on the screen, as one of its people saw it, with its pauses or by keys.

space  pause, go on      right, n  one further      left, p  one back
+ -    faster, slower    ] [       10 s on, back    q        quit
"""

import math
import os
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from chatctl.capture.replay.scenes import Scene
from chatctl.view.transcript import Line, lines, rich_line

CLEAR_LINE = "\r\x1b[K"
CLEAR_SCREEN = "\x1b[H\x1b[2J"
LEAP = 10.0
FASTER = 1.5
SLOWEST, FASTEST = 1 / 64, 1024.0
_ARROWS = {"\x1b[C": "n", "\x1b[D": "p", "\x1bOC": "n", "\x1bOD": "p"}


@dataclass(slots=True)
class Playback:
    """Where a playback stands. Knows no terminal and no clock but the times it is given.

    Attributes:
        scenes: what there is to see.
        speed: 2 is twice as fast; infinite shows everything at once.
        position: how many scenes have been shown.
        paused: whether time stands still.
        moment: the recording's time, in seconds, at ``since`` of the caller's clock.
    """

    scenes: Sequence[Scene]
    speed: float = 1.0
    position: int = 0
    paused: bool = False
    moment: float = 0.0
    since: float = 0.0

    @property
    def over(self) -> bool:
        """Whether everything has been shown."""
        return self.position >= len(self.scenes)

    def wait(self, now: float) -> float:
        """Return the seconds until the next scene; infinite while paused, 0 for at once."""
        if self.over:
            return 0.0
        if self.paused:
            return math.inf
        if math.isinf(self.speed):
            return 0.0
        ahead = self.scenes[self.position].at - self.moment
        return max(0.0, ahead / self.speed - (now - self.since))

    def at(self, now: float) -> float:
        """Return the recording's time at *now*."""
        if self.paused:
            return self.moment
        if math.isinf(self.speed):
            return max(self.moment, self.scenes[self.position - 1].at if self.position else 0.0)
        return self.moment + (now - self.since) * self.speed

    def step(self, now: float) -> None:
        """Show one scene more, at once."""
        if not self.over:
            self.position += 1
            self._stand_at(self.scenes[self.position - 1].at, now)

    def back(self, now: float) -> None:
        """Take the last scene back, and pause."""
        self.paused = True
        self._look_closely()
        self.position = max(0, self.position - 1)
        self._stand_at(self.scenes[self.position - 1].at if self.position else 0.0, now)

    def leap(self, seconds: float, now: float) -> None:
        """Go *seconds* on, or back where negative."""
        self.go_to(self.at(now) + seconds, now)

    def go_to(self, moment: float, now: float) -> None:
        """Go to *moment* of the recording's time, or to its beginning where that is before it."""
        if moment < self.at(now):
            self._look_closely()
        self._stand_at(max(0.0, moment), now)
        self.position = sum(scene.at <= self.moment for scene in self.scenes)

    def pause(self, now: float) -> None:
        """Pause, or go on."""
        self._stand_at(self.at(now), now)
        self.paused = not self.paused

    def faster(self, factor: float, now: float) -> None:
        """Change the speed by *factor*, within reason; slower than no pauses is the usual speed."""
        self._stand_at(self.at(now), now)
        if math.isinf(self.speed) and factor < 1:
            self._look_closely()
            return
        low, high = min(SLOWEST, self.speed), max(FASTEST, self.speed)
        self.speed = max(low, min(high, self.speed * factor))

    def _look_closely(self) -> None:
        """Keep the pauses from here on: without them, whoever goes back is at the end at once."""
        if math.isinf(self.speed):
            self.speed = 1.0

    def _stand_at(self, moment: float, now: float) -> None:
        self.moment, self.since = moment, now


def show(playback: Playback, *, colour: bool) -> None:
    """Show *playback* on stdout, by its own time, until it is over."""
    write = _writer(sys.stdout, colour=colour)
    playback.since = time.monotonic()
    while not playback.over:
        now = time.monotonic()
        pause = playback.wait(now)
        if pause > 0:
            time.sleep(pause)
            continue
        for line in lines(playback.scenes[playback.position].event):
            write(line)
        sys.stdout.flush()
        playback.position += 1


class Console:
    """Shows a playback on a terminal and obeys its keys."""

    def __init__(self, playback: Playback, *, colour: bool) -> None:
        self._playback = playback
        self._write = _writer(sys.stdout, colour=colour)
        self._shown = 0

    def run(self) -> bool:
        """Show it to its end, or until somebody quits; return whether it came to its end."""
        self._playback.since = time.monotonic()
        try:
            with _keys(sys.stdin):
                return self._play()
        finally:
            sys.stdout.write(CLEAR_LINE)

    def _play(self) -> bool:
        playback = self._playback
        while not (playback.over and not playback.paused):
            now = time.monotonic()
            if playback.wait(now) == 0 and not playback.paused:
                playback.position += 1
                self._draw()
                continue
            self._status(now)
            if not self._obey(self._key(playback.wait(now)), time.monotonic()):
                return False
        return True

    def _key(self, patience: float) -> str:
        ready, _, _ = select.select([sys.stdin], [], [], min(patience, 0.25))
        if not ready:
            return ""
        key = os.read(sys.stdin.fileno(), 8).decode(errors="replace")
        return _ARROWS.get(key, key)

    def _obey(self, key: str, now: float) -> bool:
        """Do what *key* means; return False to quit."""
        playback = self._playback
        actions: dict[str, Callable[[], None]] = {
            " ": lambda: playback.pause(now),
            "n": lambda: playback.step(now),
            "\n": lambda: playback.step(now),
            "p": lambda: playback.back(now),
            "+": lambda: playback.faster(FASTER, now),
            "-": lambda: playback.faster(1 / FASTER, now),
            "]": lambda: playback.leap(LEAP, now),
            "[": lambda: playback.leap(-LEAP, now),
        }
        actions.get(key, lambda: None)()
        self._draw()
        return key not in ("q", "\x04")

    def _draw(self) -> None:
        """Bring the screen to the playback's position; going back draws it anew."""
        position = self._playback.position
        if position == self._shown:
            return
        sys.stdout.write(CLEAR_LINE)
        if position < self._shown:
            sys.stdout.write(CLEAR_SCREEN)
            self._shown = 0
        for scene in self._playback.scenes[self._shown : position]:
            for line in lines(scene.event):
                self._write(line)
        self._shown = position
        sys.stdout.flush()

    def _status(self, now: float) -> None:
        playback = self._playback
        end = playback.scenes[-1].at if playback.scenes else 0.0
        state = "paused, space goes on" if playback.paused else f"x{playback.speed:.3g}"
        text = f"{playback.at(now):.0f} of {end:.0f} s  {state}  (n p + - ] [ q)"
        sys.stdout.write(f"{CLEAR_LINE}{text}")
        sys.stdout.flush()


def _writer(out: TextIO, *, colour: bool) -> Callable[[Line], None]:
    if not colour:
        return lambda line: print(line, file=out)
    from rich.console import Console as RichConsole

    console = RichConsole(file=out, highlight=False, soft_wrap=True)
    return lambda line: console.print(rich_line(line))


@contextmanager
def _keys(stream: TextIO) -> Iterator[None]:
    """Give single keys, unechoed, while the block runs; Ctrl-C still interrupts."""
    number = stream.fileno()
    before = termios.tcgetattr(number)
    try:
        tty.setcbreak(number)
        yield
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)
