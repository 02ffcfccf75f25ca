"""What ``send`` does: say some words, wait until the server has them, go. Nothing is shown."""

import os
import time
from collections.abc import Callable

from chatctl.errors import TimedOut
from chatctl.session.client.events import Event
from chatctl.session.client.settings import Phase
from chatctl.transport.blocking import BlockingClient
from chatctl.transport.dialling import READ_SIZE
from chatctl.tui.lines.stream import Lines
from chatctl.tui.outcome import Outcome
from chatctl.view.counts import count_of

MOST_PENDING = 64
"""Words that wait for their receipt before more input is read: the input's writer has to wait."""


class Post:
    """Says *first*, if anything, and then each line of *source* until that ends."""

    def __init__(
        self,
        client: BlockingClient,
        *,
        first: str | None,
        source: int | None,
        timeout: float | None,
        told: Callable[[Event], None],
    ) -> None:
        """Prepare to say it.

        Args:
            client: over which.
            first: said before anything else.
            source: a file descriptor to read lines from, until its end.
            timeout: seconds the whole may take.
            told: called with every event, to show the troubles among them.
        """
        self._client = client
        self._source = source
        self._lines = Lines()
        self._told = told
        self._outcome = Outcome()
        self._until = None if timeout is None else time.monotonic() + timeout
        if first is not None:
            client.say(first)

    def run(self) -> None:
        """Do it.

        Raises:
            RequestRefused: the server did not let us in, or refused words of ours.
            LinkError: there was no link, or it was lost and not recovered.
            ProtocolError: what answers there is no chat server.
            TimedOut: the server did not answer in time.
        """
        session = self._client.session
        self._note()
        while session.phase is not Phase.OVER and not self._done():
            self._step()
            self._note()
        self._client.close()
        self._note()
        if error := self._outcome.error():
            raise error

    def _done(self) -> bool:
        return self._source is None and not self._client.session.pending

    def _step(self) -> None:
        room = self._client.session.pending < MOST_PENDING
        source = self._source if room else None
        if self._client.wait(source, self._until) and source is not None:
            self._read(source)
        if self._until is not None and time.monotonic() >= self._until:
            pending = self._client.session.pending
            raise TimedOut(f"{count_of(pending, 'message is', 'messages are')} unconfirmed")

    def _read(self, source: int) -> None:
        data = os.read(source, READ_SIZE)
        if not data:
            self._source = None
        for line in self._lines.feed(data) if data else self._lines.end():
            if line.strip():
                self._client.say(line)

    def _note(self) -> None:
        for event in self._client.session.events():
            self._outcome.note(event)
            self._told(event)
