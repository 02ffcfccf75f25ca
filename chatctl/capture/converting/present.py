"""Who is connected while a capture goes by, so that a part of it can begin midway."""

from chatctl.capture.items.dissect import Dissector
from chatctl.capture.reassembly.tcp import MIDSTREAM
from chatctl.capture.record import Batch, Kind, Record


class Present:
    """Follows connections and their nicks."""

    def __init__(self) -> None:
        """Nobody is there yet."""
        self._opened: dict[int, Record] = {}
        self._half_closed: set[int] = set()
        self._dissector = Dissector()

    def see(self, records: Batch[Record]) -> None:
        """Take the next records."""
        self._dissector.take(records)
        for record in records if isinstance(records, list) else ():
            if record.kind is Kind.OPEN:
                self._opened[record.conn] = record
            elif record.kind is Kind.CLOSE:
                self._closed(record)

    def nick(self, conn: int) -> str:
        """Return who *conn* is by now, empty where that is not known."""
        return self._dissector.nick(conn)

    def joined(self, record: Record) -> Record:
        """Return what opens the connection of *record*, the first of it in a part."""
        opened = self._opened.get(record.conn, record)
        return Record(
            record.at,
            record.conn,
            Kind.OPEN,
            opened.direction,
            client=opened.client,
            server=opened.server,
            note=MIDSTREAM,
            nick=self.nick(record.conn),
        )

    def _closed(self, record: Record) -> None:
        conn = record.conn
        if record.reset or conn in self._half_closed:
            self._opened.pop(conn, None)
            self._half_closed.discard(conn)
            self._dissector.forget(conn)
        else:
            self._half_closed.add(conn)
