"""What the full screen wants of whoever owns the link; it never sees a socket.

``connect`` gives the real thing, tests a fake.
"""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol

from chatctl.session.client.events import Event, Saying
from chatctl.session.client.speaking import Question
from chatctl.wire.packets import LOBBY


class Port(Protocol):
    """The few things a person can want of a chat."""

    def events(self) -> AsyncIterator[Sequence[Event]]:
        """Yield what happens, in batches, until the session is over; after that, once more.

        Raises:
            ChatError: what the session ended with.
        """

    def too_long(self, text: str) -> str:
        """Return why the server would refuse the length of *text*; empty if it would not."""

    def say(self, text: str, room: str = LOBBY, how: Saying = Saying.CHAT) -> str:
        """Say *text* in *room* (``@nick`` for a direct message); return the key of its receipt."""

    def ask(self, question: Question) -> str:
        """Send a question or request; return the id of its answer."""

    def retry(self, key: str) -> bool:
        """Say again, under the same id, what failed; False if nothing has under *key*."""

    def try_now(self) -> bool:
        """Make the next attempt at a link at once, also after the end; False if none is needed.

        After the end ``events`` have to be taken anew.
        """

    def raw(self, *, wanted: bool) -> None:
        """Give every payload as an event, or stop doing so."""

    def record(self, file: Path | None) -> None:
        """Record the link into *file*, or stop recording.

        Raises:
            UsageError: the file cannot be written; what was recorded before goes on.
        """

    def mark(self, text: str) -> bool:
        """Put a mark into the recording; False where there is none."""

    @property
    def recording(self) -> bool:
        """Whether the link is being recorded."""

    def close(self, reason: str = "") -> None:
        """Leave, and tell the others why; the events end once everything said has gone out."""
