"""The port of the room log: what every adapter does, and the hub's node relies on.

A log numbers messages: within one room 1, 2, 3 ... without holes. It answers in the order it was
asked, by calling back on the thread that asked.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from chatctl.errors import HistoryError
from chatctl.session.entries import Draft, Entry, LogState, Page, Query

OnCommitted = Callable[[list[Entry]], None]
OnPage = Callable[[Page | HistoryError], None]


class Log(Protocol):
    """A place for the messages of all rooms of a node."""

    def secret(self) -> bytes:
        """Return the key that signs resume tokens; the same after a restart, if the log is."""

    def states(self) -> list[LogState]:
        """Return what is known of each room."""

    def recent(self, since: int) -> list[Entry]:
        """Return the entries with an id of their author, of *since* (milliseconds) or later."""

    def append(self, drafts: Sequence[Draft], committed: OnCommitted) -> None:
        """Keep *drafts*; then call *committed* with their entries, all, in their order.

        An entry the log could not keep has the seq 0.
        """

    def read(self, query: Query, answered: OnPage) -> None:
        """Call *answered* with the page *query* asks for."""

    def close(self) -> None:
        """Finish what was asked, and let go of all files."""
