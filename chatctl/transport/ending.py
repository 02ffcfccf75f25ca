"""An event loop that signals end in good order.

A handler that raises does it wherever the interpreter happens to be; inside a finalizer or the
callback of a weak reference the exception is swallowed, and the signal with it. Here a signal
cancels what runs, between two steps of the loop.
"""

import asyncio
import signal
import threading
from collections.abc import Coroutine
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_until_signal(action: Coroutine[Any, Any, None]) -> int:
    """Run *action* in a loop of its own; return 0, or the status of the signal that cancelled it.

    The status is a shell's: 128 and the signal's number. Signals that are ignored stay ignored, and
    outside the main thread, where none arrives, *action* runs as it is.

    Raises:
        KeyboardInterrupt: a second signal came before *action* had ended.
    """
    told: list[int] = []

    async def run() -> None:
        running = asyncio.current_task()

        def end(number: int) -> None:
            told.append(number)
            if len(told) > 1 or running is None:
                raise KeyboardInterrupt
            running.cancel()

        loop = asyncio.get_running_loop()
        for number in before:
            loop.add_signal_handler(number, end, number)
        try:
            await action
        except asyncio.CancelledError:
            if not told:
                raise

    before = _heard()
    try:
        asyncio.run(run())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 128 + told[0] if told else 0


def _heard() -> dict[signal.Signals, Any]:
    """Return the handlers of the signals that are to end something here."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    handlers = {number: signal.getsignal(number) for number in ENDING}
    return {number: h for number, h in handlers.items() if h not in (None, signal.SIG_IGN)}
