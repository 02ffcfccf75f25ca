"""Which frames a recording keeps, where a filter says that not all are wanted."""

from collections.abc import Callable

from chatctl.capture.filtering.filters import compile_filter
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.items.item import Item
from chatctl.capture.record import Kind, Record
from chatctl.wire.framing import frame
from chatctl.wire.packets import Direction


class Sieve:
    """Cuts what crossed into frames and lets those through that match."""

    def __init__(self, text: str, clock: Callable[[], int]) -> None:
        """Match against the filter *text*.

        Raises:
            UsageError: it is no filter.
        """
        self._test = compile_filter(text)
        self._clock = clock
        self._dissector = Dissector()
        self._ends: dict[int, tuple[str, str]] = {}

    def opened(self, conn: int, client: str, server: str) -> None:
        """Take the ends of a connection; filters may ask for them."""
        self._ends[conn] = client, server

    def closed(self, conn: int) -> None:
        """Let go of a connection."""
        self._ends.pop(conn, None)
        self._dissector.forget(conn)

    def frames(self, conn: int, direction: Direction, data: bytes) -> list[bytes]:
        """Return the frames completed by *data* that are wanted."""
        ends = self._ends.get(conn, ("", ""))
        record = Record(self._clock(), conn, Kind.DATA, direction, data, *ends)
        return [frame(item.payload) for item in self._dissector.take([record]) if self._wants(item)]

    def _wants(self, item: Item) -> bool:
        return bool(item.payload) and self._test(item)
