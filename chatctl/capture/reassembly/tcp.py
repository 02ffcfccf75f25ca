"""TCP connections out of segments: who opened them, what crossed them, how they ended.

A connection whose beginning was not captured is joined midway; an address used anew is a new
connection. However many there are, memory is bounded: beyond a number the oldest is given up.
"""

from collections import OrderedDict, deque
from collections.abc import Callable

from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.link import Segment, ends, reverse
from chatctl.capture.reassembly.stream import Stream
from chatctl.capture.record import Kind, Lane, Record
from chatctl.errors import MalformedPayload
from chatctl.wire import codec
from chatctl.wire.packets import Direction

MIDSTREAM = "already open when the capture began"
"""How the note of an OPEN record begins when the connection's beginning was not captured."""

ABOUT = '{"conn":'
"""How the comment begins in which a recorder of ours tells of a connection, on its first packet.

It is the client's: also where the connection goes on in another file, or is joined by a copy.
"""

MARK = "mark: "
"""How the comment begins that marks a place."""

MAX_CONNECTIONS = 20_000
MAX_CLOSED = 1024

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

Half = tuple["Connection", Stream, Stream]
"""What a key leads to: the connection, the stream of its sender, and the one of its receiver."""

Plain = tuple[Stream, Stream, Lane]
"""The two streams of a plain one, and its lane."""


class Connection:
    """A connection's number and its ends.

    Its streams know it, it does not know them: in a flood of connections no garbage is left to
    collect.
    """

    __slots__ = ("_assembler", "client", "key", "number", "server")

    def __init__(self, number: int, key: bytes, assembler: "Assembler") -> None:
        """*key* is that of the client's segments."""
        self.number = number
        self.key = key
        self.client, self.server = ends(key)
        self._assembler = assembler

    def emit(
        self, kind: Kind, direction: Direction, data: bytes = b"", missing: int = 0, note: str = ""
    ) -> None:
        """Append a record of this connection."""
        at, ends = self._assembler.at, (self.client, self.server)
        self._assembler.out.append(
            Record(at, self.number, kind, direction, data, *ends, missing, note)
        )

    def emit_reset(self, direction: Direction, note: str) -> None:
        """Append the record of a reset."""
        at, ends = self._assembler.at, (self.client, self.server)
        self._assembler.out.append(
            Record(at, self.number, Kind.CLOSE, direction, b"", *ends, 0, note, reset=True)
        )

    def opened(self, note: str, nick: str) -> None:
        """Append the record of its beginning, or of when it was joined."""
        at, ends = self._assembler.at, (self.client, self.server)
        self._assembler.out.append(
            Record(at, self.number, Kind.OPEN, Direction.TO_SERVER, b"", *ends, 0, note, nick=nick)
        )

    def told(self, comment: str) -> tuple[str, str]:
        """Take what a recorder of ours wrote on the first packet; return its nick, and the rest.

        Ends without an IP address, such as unix sockets, have their real names there. A comment
        that is not ours is the rest as it is.
        """
        told = about(comment)
        if not told:
            return "", comment
        self.client = told.get("client", self.client)
        self.server = told.get("server", self.server)
        return told.get("nick", ""), ""


def about(comment: str) -> dict[str, str]:
    """Return what a recorder of ours told of a connection in *comment*; empty if it is another."""
    if not comment.startswith(ABOUT):
        return {}
    try:
        told = codec.read_json(comment.encode())
    except MalformedPayload:
        return {}
    return {name: str(value) for name, value in told.items()}


def _joined(segment: Segment, comment: str) -> str:
    """Return the note of a connection joined at *segment*, whose *comment* may be told elsewhere.

    With its data, its end, or as a mark.
    """
    elsewhere = segment.data or segment.flags & (FIN | RST) or comment.startswith(MARK)
    return MIDSTREAM if elsewhere else f"{MIDSTREAM}\n{comment}".rstrip()


class Assembler:
    """Turns segments into records.

    Attributes:
        out: records that came about and were not yet taken.
        at: the time of the newest segment.
        findings: where what was noticed is counted.
        halves: what each key leads to.
        plain: of these, the streams whose next data only has to be handed on: both ways are known,
            nothing waits for a hole to fill, and they have not ended.
    """

    def __init__(self, findings: Findings, from_client: Callable[[Segment], bool]) -> None:
        """*from_client* guesses, of a connection's first segment without SYN, who sent it."""
        self.out: list[Record] = []
        self.at = 0
        self.findings = findings
        self._from_client = from_client
        self.halves: dict[bytes, Half] = {}
        self.plain: dict[bytes, Plain] = {}
        self._open: OrderedDict[int, Half] = OrderedDict()
        self._closed: deque[Connection] = deque()
        self._numbers = 0

    def segment(self, at: int, segment: Segment, comment: str = "") -> None:
        """Take the next captured segment, seen *at* nanoseconds, with its comment."""
        self.at = at
        half = self.halves.get(segment.key)
        flags = segment.flags
        if half is None or flags & SYN:
            half = self._opening(half, segment, comment)
        conn, stream, peer = half
        if comment.startswith(MARK) and not (segment.data or flags & SYN):
            conn.emit(Kind.MARK, stream.direction, note=comment.removeprefix(MARK))
        if flags & SYN or (stream.over and not flags & RST):
            return
        if flags & ACK:
            peer.acknowledged(at, segment.ack)
        if segment.data and not stream.over:
            stream.data(at, segment.seq, segment.data, comment)
        if flags & (FIN | RST):
            self._ending(half, segment, comment)
        self._sort(conn)

    def taken(self) -> list[Record]:
        """Return the records that came about since this was asked last."""
        out = self.out
        if out:
            self.out = []
        return out

    def end(self) -> None:
        """Give up every hole: nothing more will come."""
        for _, *streams in self._open.values():
            for stream in streams:
                stream.give_up(self.at)
                stream.lost_tail()

    def abandon(self) -> None:
        """Give up on every connection: the addresses of what comes mean others."""
        self.end()
        for half in list(self._open.values()):
            self._abandon(half)

    def _opening(self, half: Half | None, segment: Segment, comment: str) -> Half:
        """Return the half that *segment*, a SYN or the first seen of a connection, belongs to."""
        is_syn = bool(segment.flags & SYN)
        if half is not None:
            _, stream, peer = half
            if stream.may_begin(segment.seq):
                return self._begun(half, segment)
            if stream.isn == segment.seq and not (stream.over or peer.over):
                self.findings.repeated += 1
                return half
            self._abandon(half)
        if is_syn:
            client = not segment.flags & ACK
        else:
            client = bool(about(comment)) or self._from_client(segment)
        conn = self._connection(segment.key if client else reverse(segment.key))
        nick, comment = conn.told(comment)
        conn.opened(comment if is_syn else _joined(segment, comment), nick)
        half = self.halves[segment.key]
        return self._begun(half, segment) if is_syn else half

    def _begun(self, half: Half, segment: Segment) -> Half:
        stream = half[1]
        stream.begin(segment.seq)
        stream.data(self.at, stream.next, segment.data, "")
        return half

    def _connection(self, key: bytes) -> Connection:
        self._numbers += 1
        conn = Connection(self._numbers, key, self)
        up = Stream(Direction.TO_SERVER, conn.emit, self.findings)
        down = Stream(Direction.TO_CLIENT, conn.emit, self.findings)
        self._open[conn.number] = self.halves[key] = (conn, up, down)
        self.halves[reverse(key)] = (conn, down, up)
        if len(self._open) > MAX_CONNECTIONS:
            self._abandon(next(iter(self._open.values())))
        return conn

    def _abandon(self, half: Half) -> None:
        """Give up on a connection: its addresses are used anew, or there are too many."""
        conn, *streams = half
        for stream in sorted(streams, key=lambda stream: stream.direction is Direction.TO_CLIENT):
            stream.give_up(self.at)
            if not stream.over:
                stream.over = True
                conn.emit(Kind.CLOSE, stream.direction, note="the end was not captured")
        self._open.pop(conn.number, None)
        self._forget(conn)

    def _sort(self, conn: Connection) -> None:
        """Put the streams of *conn* among the plain ones, or take them from there."""
        for key in (conn.key, reverse(conn.key)):
            half = self.halves.get(key)
            if half is None or half[0] is not conn:
                continue
            _, stream, peer = half
            waits = stream.pieces or peer.pieces or peer.next < 0
            if waits or stream.fin is not None or stream.over:
                self.plain.pop(key, None)
            elif key not in self.plain:
                lane = Lane(conn.number, stream.direction, conn.client, conn.server)
                self.plain[key] = (stream, peer, lane)

    def _forget(self, conn: Connection) -> None:
        for key in (conn.key, reverse(conn.key)):
            if key in self.halves and self.halves[key][0] is conn:
                del self.halves[key]
                self.plain.pop(key, None)

    def _ending(self, half: Half, segment: Segment, comment: str) -> None:
        conn, stream, peer = half
        if segment.flags & RST:
            self._reset(half, comment)
        else:
            stream.ends((segment.seq + len(segment.data) + segment.cut) & 0xFFFFFFFF, comment)
        if stream.over and peer.over:
            self._close(conn)

    def _reset(self, half: Half, comment: str) -> None:
        conn, stream, peer = half
        stream.give_up(self.at)
        peer.give_up(self.at)
        if not (stream.over and peer.over):
            conn.emit_reset(stream.direction, comment)
        stream.over = peer.over = True

    def _close(self, conn: Connection) -> None:
        """Let a closed connection be; it stays known a while for its last acknowledgements."""
        if self._open.pop(conn.number, None) is not None:
            self._closed.append(conn)
        if len(self._closed) > MAX_CLOSED:
            self._forget(self._closed.popleft())
