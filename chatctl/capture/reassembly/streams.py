"""Which of a capture's connections are chat: by port, or by how their octets begin.

A capture of tcpdump may hold anything. A server's address is taken for a chat as soon as one of
its connections frames as a length and a JSON object; until then what it sent is held, for a
bounded while, so that records still come in the order of time.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Batch, Kind, Lane, Record, RecordRun
from chatctl.errors import NotACapture

MAX_HELD = 4096
MAX_HELD_TIME = 2_000_000_000
_USUAL_PORT = ":3490"
_TLS_HELLO = b"\x16\x03"
_BLANKS = b" \t\r\n"


def looks_framed(data: bytes) -> bool:
    """Return whether *data* begins like a frame: a length, and a payload that opens an object."""
    size = int.from_bytes(data[:2], "big")
    body = data[2 : 2 + size].lstrip(_BLANKS)
    return size >= 2 and body[:1] == b"{" and (body[1:].lstrip(_BLANKS)[:1] in (b'"', b"}", b""))


def _frame_within(data: bytes) -> bool:
    """Return whether *data*, taken up anywhere, has two frames in a row, as chat joined midway."""
    start = data.find(b'{"', 2)
    while start >= 0:
        end = start + int.from_bytes(data[start - 2 : start], "big")
        if end <= len(data) - 3 and data[end - 1] == 0x7D and data[end + 2] == 0x7B:
            return True
        start = data.find(b'{"', start + 1)
    return False


class Chooser:
    """Lets the records of chat connections through, numbered anew from 1."""

    def __init__(self, findings: Findings) -> None:
        """Count what is left out in *findings*."""
        self._findings = findings
        self._chat: dict[str, bool] = {}
        self._held: deque[Record] = deque()
        self._starts: OrderedDict[tuple[int, str], bytes] = OrderedDict()
        self._numbers: dict[int, int] = {}
        self._seen: dict[str, None] = {}
        self._tls = False

    def choose(self, batches: Iterable[Batch[Record]]) -> Iterator[Batch[Record]]:
        """Yield the records of chat connections.

        Raises:
            NotACapture: there are connections, and none looks like chat.
        """
        for batch in batches:
            if isinstance(batch, RecordRun) and self._settled(batch):
                yield self._passed(batch)
                continue
            chosen: list[Record] = []
            for record in batch:
                self._take(record, chosen)
            if chosen:
                yield chosen
        yield self._rest()
        if self._seen and not any(self._chat.values()):
            raise NotACapture(self._nothing())

    def _settled(self, run: RecordRun) -> bool:
        """Return whether nothing is held, and all servers of *run* are known."""
        return not self._held and all(lane.server in self._chat for lane in set(run.lanes))

    def _passed(self, run: RecordRun) -> RecordRun:
        """Return what is chat of *run*, numbered anew."""
        lanes = {lane: self._numbered(lane) for lane in set(run.lanes) if self._chat[lane.server]}
        places = [place for place, lane in enumerate(run.lanes) if lane in lanes]
        if len(places) < len(run):
            self._findings.foreign += len(run) - len(places)
            run = run.chosen(places)
        return run.moved(lanes)

    def _numbered(self, lane: Lane) -> Lane:
        number = self._numbers.setdefault(lane.conn, len(self._numbers) + 1)
        return Lane(number, lane.direction, lane.client, lane.server)

    def _take(self, record: Record, chosen: list[Record]) -> None:
        if self._decided(record):
            if not self._held:
                self._pass(record, chosen)
                return
            self._release(chosen)
        self._held.append(record)
        if len(self._held) > MAX_HELD or record.at - self._held[0].at > MAX_HELD_TIME:
            self._chat.setdefault(self._held[0].server, False)
            self._release(chosen)

    def _rest(self) -> list[Record]:
        chosen: list[Record] = []
        for record in self._held:
            self._chat.setdefault(record.server, False)
            self._pass(record, chosen)
        return chosen

    def _decided(self, record: Record) -> bool:
        """Return whether it is settled if the record's server is one of chat."""
        server = record.server
        known = self._chat.get(server)
        if known:
            return True
        self._seen.setdefault(server)
        if record.kind is Kind.DATA and self._begins_framed(record):
            self._chat[server] = True
            return True
        return known is not None

    def _begins_framed(self, record: Record) -> bool:
        self._tls = self._tls or record.data.startswith(_TLS_HELLO)
        if record.server.endswith(_USUAL_PORT) or _frame_within(record.data[:4096]):
            return True
        key = record.conn, record.direction
        start = self._starts.get(key, b"")
        if len(start) >= 4:
            return False
        self._starts[key] = start = (start + record.data[:64])[:64]
        if len(self._starts) > 4 * MAX_HELD:
            self._starts.popitem(last=False)
        return len(start) >= 4 and looks_framed(start)

    def _release(self, chosen: list[Record]) -> None:
        """Pass on from the front what is settled."""
        held = self._held
        while held and held[0].server in self._chat:
            self._pass(held.popleft(), chosen)

    def _pass(self, record: Record, chosen: list[Record]) -> None:
        if not self._chat[record.server]:
            self._findings.foreign += 1
            return
        number = self._numbers.setdefault(record.conn, len(self._numbers) + 1)
        chosen.append(record if number == record.conn else replace(record, conn=number))

    def _nothing(self) -> str:
        if self._tls:
            return (
                "a packet capture, but its connections speak TLS, which cannot be read without "
                "their keys; record at an end instead: --record of serve, connect, send or tap"
            )
        servers = ", ".join(list(self._seen)[:4]) + (", ..." if len(self._seen) > 4 else "")
        return (
            f"a packet capture, but none of its connections looks like chat (servers: {servers}); "
            "--port shows one anyway"
        )
