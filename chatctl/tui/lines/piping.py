"""Line mode and JSON mode in a pipe: lines in, lines out, an end when the input ends."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol, TextIO

from chatctl.session.client.events import Event
from chatctl.session.client.settings import TALKING
from chatctl.tui.desk import Desk
from chatctl.tui.lines.source import Source
from chatctl.view.transcript import Line

MOST_PENDING = 64


class Front(Protocol):
    """What is shown and typed, without how."""

    @property
    def settled(self) -> bool:
        """Whether all that was said and asked has been answered."""

    def tell(self, events: Iterable[Event]) -> None:
        """Show what happened."""

    def typed(self, line: str) -> None:
        """Do what *line* means."""


class Sheet:
    """Paper that is a stream: one line of output for each, flushed after each batch."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def put(self, shown: Iterable[Line]) -> None:
        """Write *shown*."""
        self._stream.write("".join(f"{line}\n" for line in shown))
        self._stream.flush()


async def pipe(desk: Desk, front: Front, descriptor: int, *, follow: bool) -> None:
    """Run *front* until the input ends and all is answered, or the session is over.

    Args:
        desk: the session, entered already.
        front: what is shown and typed.
        descriptor: the input.
        follow: stay after the input has ended.

    Raises:
        ChatError: see ``Desk.events``.
    """
    run = _Run(desk, front, descriptor, follow=follow)
    async with asyncio.TaskGroup() as tasks:
        typing = tasks.create_task(run.read())
        await run.listen()
        typing.cancel()


class _Run:
    def __init__(self, desk: Desk, front: Front, descriptor: int, *, follow: bool) -> None:
        self._desk = desk
        self._front = front
        self._source = Source(descriptor)
        self._follow = follow
        self._talked = False
        self._wake = asyncio.Event()

    async def listen(self) -> None:
        async for batch in self._desk.events():
            self._front.tell(batch)
            self._talked = self._talked or self._desk.session.phase in TALKING
            self._wake.set()

    async def read(self) -> None:
        async for line in self._source.lines(self._ready, self._wake):
            self._front.typed(line)
            if self._desk.session.leaving:
                return
        if not self._follow:
            await self._until(lambda: self._front.settled)
            self._desk.close()

    def _ready(self) -> bool:
        """Whether one more line may be taken.

        Not before we are in, nor while too much waits, nor before a question is answered: what
        follows a /join is meant for that room.
        """
        session = self._desk.session
        return self._talked and session.pending < MOST_PENDING and not session.asked

    async def _until(self, so: Callable[[], bool]) -> None:
        while not so():
            self._wake.clear()
            await self._wake.wait()
