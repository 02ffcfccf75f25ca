"""Before each move of ``replay --step``: what it is, and Enter to let it go."""

import asyncio
import sys
import threading

from chatctl.capture.replay.compare import Heard
from chatctl.capture.replay.plan import Line, Move
from chatctl.capture.replay.steps import Act
from chatctl.view.escape import escape
from chatctl.view.replay import packet_text


async def ask(line: Line, move: Move) -> None:
    """Show what is to be done on stderr and wait for a line on stdin; its end lets all go."""
    sys.stderr.write(f"{_text(line, move)}  [Enter] ")
    sys.stderr.flush()
    loop = asyncio.get_running_loop()
    answered = asyncio.Event()

    def read() -> None:
        """Block in a thread of its own: asyncio cannot watch every kind of standard input."""
        sys.stdin.readline()
        loop.call_soon_threadsafe(answered.set)

    threading.Thread(target=read, daemon=True).start()
    await answered.wait()


def _text(line: Line, move: Move) -> str:
    who = escape(line.nick) or f"connection {line.conn}"
    if move.step.act in (Act.PACKET, Act.JUNK):
        return f"{who} → {packet_text(Heard(move.payload, move.value))}"
    doing = {Act.OPEN: "connects", Act.CLOSE: "closes", Act.RESET: "resets"}
    return f"{who} {doing[move.step.act]}"
