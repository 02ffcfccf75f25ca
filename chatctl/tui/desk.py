"""Where a person's wishes meet the link: the port of the full screen and of the line mode."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec.structs import replace

from chatctl.capture.config import RecordConfig
from chatctl.capture.record import Tap
from chatctl.capture.writing.recorder import Recorder, open_recorder
from chatctl.capture.writing.tape import Trouble
from chatctl.errors import UsageError
from chatctl.session.client.events import Event, Saying
from chatctl.session.client.session import ClientSession
from chatctl.session.client.speaking import Question
from chatctl.transport.client import Client
from chatctl.transport.dialling import Route, nothing
from chatctl.tui.outcome import Outcome
from chatctl.wire.packets import LOBBY


class Desk:
    """A client that runs while the ``async with`` block does, and its recording.

    Attributes:
        session: what is known of the conversation.
        outcome: how it went; ``events`` raises what it ended with.
    """

    def __init__(
        self, session: ClientSession, route: Route, *, record: RecordConfig | None = None
    ) -> None:
        self.session = session
        self.outcome = Outcome()
        self.stopped: Callable[[str], None] = lambda _: None
        self._route = route
        self._first_recording = record
        self._recorder: Recorder | None = None

    async def __aenter__(self) -> Self:
        """Begin to dial."""
        if self._first_recording is not None:
            self._recorder = self._open(self._first_recording)
            self._route = replace(self._route, tap=self._recorder, flush=self._recorder.flush)
        self._client = Client(self.session, self._route)
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self._running = self._tasks.create_task(self._client.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the link, whatever its state, and the recording."""
        self._running.cancel()
        try:
            await self._tasks.__aexit__(kind, error, trace)
        finally:
            self.record(None)

    async def events(self) -> AsyncIterator[list[Event]]:
        """Yield what happens, in batches, until the session is over.

        Raises:
            ChatError: what the session ended with, if it did not end well.
        """
        async for batch in self._client.events():
            for event in batch:
                self.outcome.note(event)
            yield batch
        if error := self.outcome.link_error():
            raise error

    # ------------------------------------------------------------ what a person wants

    def say(self, text: str, room: str = LOBBY, how: Saying = Saying.CHAT) -> str:
        """Say *text* in *room* (``@nick`` for a direct message); return the key of its receipt."""
        return self._client.say(text, how=how, room=room)

    def ask(self, question: Question) -> str:
        """Put *question* to the server; return the id of its answer."""
        return self._client.ask(question)

    def retry(self, key: str) -> bool:
        """Say again, under the same id, what failed; False if nothing has under *key*."""
        return self._client.retry(key)

    def too_long(self, text: str) -> str:
        """Return why the server would refuse the length of *text*; empty if it would not."""
        return self.session.too_long(text)

    def try_now(self) -> bool:
        """Make the next attempt at a link at once, also after the end; False if none is needed.

        After the end ``events`` have to be taken anew.
        """
        tried = self._client.try_now()
        if tried and self._running.done():
            self._running = self._tasks.create_task(self._client.run())
        return tried

    def raw(self, *, wanted: bool) -> None:
        """Give every payload as an event, or stop doing so."""
        self.session.raw = wanted

    def record(self, file: Path | None) -> None:
        """Record the link into *file*, or stop recording.

        Raises:
            UsageError: the file cannot be written, or is standard output; what was recorded
                before goes on.
        """
        recorder = self._open(RecordConfig(str(file))) if file is not None else None
        before, self._recorder = self._recorder, recorder
        if recorder is not None:
            self._client.tap_with(recorder, recorder.flush)
        elif before is not None:
            self._client.tap_with(Tap(), nothing)
        if before is not None:
            before.flush()
            before.close()

    @property
    def recording(self) -> bool:
        """Whether the link is being recorded."""
        return self._recorder is not None and not self._recorder.failure

    def mark(self, text: str) -> bool:
        """Put a mark into the recording; False if there is none."""
        if self._recorder is None:
            return False
        self._recorder.marked(0, text)
        self._recorder.flush()
        return True

    def close(self, reason: str = "") -> None:
        """Leave, and tell the others why; the events end once everything said has gone out."""
        self._client.close(reason)

    def _open(self, config: RecordConfig) -> Recorder:
        if config.path == "-":
            raise UsageError("standard output is where the chat is shown: record into a file")
        listen = str(self._route.address)
        return open_recorder(config, side="client", listen=listen, stopped=self._stopped)

    def _stopped(self, trouble: Trouble) -> None:
        self.stopped(str(trouble))
