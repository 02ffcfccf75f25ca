"""The full screen of ``connect``: a screen, and the events that feed it.

Imported only once it is certain that there is a terminal to draw on (see ``worth_drawing``).
"""

import asyncio
import gc
import time
from collections.abc import Sequence

from textual import events as textual_events

from chatctl.errors import ChatError, LinkError
from chatctl.tui.port import Port
from chatctl.tui.remembered import Remembered
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.looks import Looks
from chatctl.tui.screen.obeying import OVER
from chatctl.tui.screen.program import Program
from chatctl.tui.screen.rows import Row
from chatctl.tui.screen.talking import Talking
from chatctl.view.transcript import Tone, messages_are

TURN = 0.005


class ChatApp(Program[Talking], inherit_bindings=False):
    """Feeds the screen of somebody who takes part with what happens."""

    def __init__(
        self,
        talk: Conversations,
        port: Port,
        *,
        server: str = "",
        looks: Looks | None = None,
        remembered: Remembered | None = None,
    ) -> None:
        super().__init__(Talking(talk, server, port, looks or Looks(), remembered))
        self.failure: ChatError | None = None
        self.over = False
        self.leaving = False
        self._port = port

    def begin(self) -> None:
        """Begin to listen."""
        self.run_worker(self._listen(), exit_on_error=True)
        if not self.is_headless:
            _calm_collector()

    async def _listen(self) -> None:
        """Take in events as they come, without keeping the keys waiting."""
        until = time.monotonic() + TURN
        try:
            async for batch in self._port.events():
                for event in batch:
                    self.chat.take(event)
                    if time.monotonic() > until:
                        await asyncio.sleep(0)
                        until = time.monotonic() + TURN
        except ChatError as error:
            self.failure = error
        self._over()

    def _over(self) -> None:
        """End, unless a link was lost for good: what was said stays before the person then."""
        self.over = True
        if self.failure is None or not self.chat.talk.link.ever or self.leaving:
            self.exit(0)
            return
        self.chat.talk.note(OVER, Tone.TROUBLE)

    def on_obeying_trying(self) -> None:
        """Listen again, if it was over."""
        if self.over:
            self.over, self.failure = False, None
            self.run_worker(self._listen(), exit_on_error=True)

    def on_obeying_leaving(self) -> None:
        """End once the link is closed, or at once where there is none any more."""
        self.leaving = True
        if self.over:
            self.exit(0)

    def on_app_focus(self, event: textual_events.AppFocus) -> None:  # noqa: ARG002
        """The person looks at the terminal again."""
        self.chat.talk.attend(here=True)

    def on_app_blur(self, event: textual_events.AppBlur) -> None:  # noqa: ARG002
        """The person looks away: what comes from here on is new."""
        self.chat.talk.attend(here=False)


async def full_screen(
    port: Port,
    talk: Conversations,
    server: str,
    looks: Looks,
    remembered: Remembered | None = None,
) -> int:
    """Show a chat until its end; return the exit status.

    It is that of ``Program.status``.

    Args:
        port: how to act on it.
        talk: what is shown; whoever made it may put notes into it.
        server: where we are, for the status line.
        looks: how it looks.
        remembered: what was written in sessions before, if that is kept.

    Raises:
        ChatError: what the session ended with.
    """
    app = ChatApp(talk, port, server=server, looks=looks, remembered=remembered)
    await app.run_async(mouse=looks.mouse)
    if app.failure is not None:
        raise app.failure
    if lost := app.chat.lost():
        raise _undelivered(lost)
    return app.status


def _undelivered(lost: Sequence[Row]) -> LinkError:
    """Return the error that tells the person, whose screen is gone, what did not arrive."""
    error = LinkError(f"{messages_are(len(lost))} not delivered:")
    for line in "\n".join(row.text for row in lost).split("\n"):
        error.add_note(f"  {line}")
    return error


def _calm_collector() -> None:
    """Keep what the program is made of out of garbage collections, whose pauses keys would feel."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
