"""Ctrl-C on something live means that somebody has seen enough: the input ends there.

What came before is still counted, drawn, or written in good order. A second Ctrl-C ends at once.
"""

import signal
from collections.abc import Iterator
from types import FrameType
from typing import TypeVar

T = TypeVar("T")


def until_interrupted(items: Iterator[T]) -> Iterator[T]:
    """Yield *items*; end with KeyboardInterrupt between two of them, or while waiting for one."""
    asked = waiting = False

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if waiting or asked:
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        while not asked:
            waiting = True
            try:
                item = next(items)
            except StopIteration:
                return
            finally:
                waiting = False
            yield item
        raise KeyboardInterrupt
    finally:
        signal.signal(signal.SIGINT, before)
