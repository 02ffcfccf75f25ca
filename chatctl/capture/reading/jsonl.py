"""Items as JSON lines, and JSON lines as records: for machines, for editing by hand, for diffs.

Lossless: a payload of printable ASCII stands in the line octet for octet as ``packet``; any other
is there as ``raw``, in base64, besides. docs/capture-format.md, "JSON lines".
"""

import re
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator

import msgspec

from chatctl.capture.items.dissect import Item, What
from chatctl.capture.reading.sources import Source
from chatctl.capture.record import Kind, Record
from chatctl.errors import CaptureDamaged, MalformedPayload
from chatctl.wire import codec
from chatctl.wire.framing import frame
from chatctl.wire.packets import Direction

MAX_LINE = 1 << 20
MAX_TYPES = 1000

_STRANGE = bytes([*range(0x20), 0x7F])
_BEYOND_ASCII = re.compile("[^\x20-\x7e]")
_SHORT = {Direction.TO_SERVER: b"to-server", Direction.TO_CLIENT: b"to-client"}


class Writer:
    """Makes lines; remembers what the line before had in common."""

    def __init__(self) -> None:
        """Begin."""
        self._second = -1
        self._date = b""
        self._types: dict[str, bytes] = {}
        self._ends: dict[tuple[int, Direction, str], bytes] = {}

    def line(self, item: Item) -> bytes:
        """Return *item* as one line, with its end."""
        record = item.record
        middle = self._ends.get((record.conn, record.direction, item.nick))
        if middle is None:
            middle = self._middle(item)
        at = record.at
        kind = b"packet" if item.packet is not None else item.what.value.encode()
        return b'{"n":%d,"at":%d,"time":"%s","kind":"%s",%s%s}\n' % (
            item.number,
            at,
            self._time(at),
            kind,
            middle,
            self._content(item),
        )

    def _content(self, item: Item) -> bytes:
        payload = item.payload
        packet = item.packet
        if packet is None:
            return _event(item)
        more = b',"rtt":%d' % item.rtt if item.rtt >= 0 else b""
        if item.resynced:
            more += b',"resynced":true'
        head = b',"type":%s,"size":%d%s,"packet":' % (self._type(item.type), item.size, more)
        if payload.isascii() and len(payload.translate(None, _STRANGE)) == len(payload):
            return head + payload
        return b'%s%s,"raw":"%s"' % (head, _ascii(payload), b64encode(payload))

    def _type(self, kind: str) -> bytes:
        text = self._types.get(kind)
        if text is None:
            text = _text(kind)
            if len(self._types) < MAX_TYPES:
                self._types[kind] = text
        return text

    def _middle(self, item: Item) -> bytes:
        record = item.record
        if len(self._ends) > 10_000:
            self._ends.clear()
        middle = self._ends[record.conn, record.direction, item.nick] = (
            b'"conn":%d,"dir":"%s","client":%s,"server":%s,"nick":%s'
            % (
                record.conn,
                _SHORT[record.direction],
                _text(record.client),
                _text(record.server),
                _text(item.nick),
            )
        )
        return middle

    def _time(self, at: int) -> bytes:
        second, nanoseconds = divmod(at, 1_000_000_000)
        if second != self._second:
            self._second = second
            try:
                self._date = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)).encode()
            except (OverflowError, ValueError, OSError):
                self._date = b""
        return b"%s.%09dZ" % (self._date, nanoseconds)


def _event(item: Item) -> bytes:
    parts = []
    if item.note:
        parts.append(b',"note":%s' % _text(item.note))
    if item.size:
        parts.append(b',"size":%d' % item.size)
    if item.record.reset:
        parts.append(b',"reset":true')
    if item.payload or item.what is What.MALFORMED:
        parts.append(b',"raw":"%s"' % b64encode(item.payload))
    return b"".join(parts)


def _text(text: str) -> bytes:
    """Return *text* as a JSON string of printable ASCII."""
    return _ascii(codec.write_json(text.encode(errors="replace").decode()))


def _ascii(payload: bytes) -> bytes:
    """Return JSON *payload* without what a terminal might obey or a line end at."""
    return _BEYOND_ASCII.sub(_spelled, payload.decode()).encode()


def _spelled(found: re.Match[str]) -> str:
    char = found[0]
    if char in "\t\r\n":
        return " "
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))


# ---------------------------------------------------------------- reading


class _Line(msgspec.Struct):
    """What a line of ours, or one written by hand, may say."""

    conn: int = 1
    kind: str = "packet"
    dir: Direction = Direction.TO_SERVER
    at: int = 0
    client: str = ""
    server: str = ""
    note: str = ""
    size: int = 0
    reset: bool = False
    raw: str | None = None
    packet: msgspec.Raw = msgspec.Raw()


def read_jsonl(source: Source) -> Iterator[Record]:
    """Yield a record for each line of *source*; an OPEN before a connection's first, if missing.

    Raises:
        CaptureDamaged: at a line that is none of ours, after everything before it.
    """
    seen: set[int] = set()
    for offset, text in lines(source):
        try:
            record = _record(codec.read_as(_Line, text))
        except (MalformedPayload, ValueError) as error:
            raise CaptureDamaged(f"a line is no record ({error})", offset) from None
        if record is None:
            continue
        if record.conn not in seen:
            seen.add(record.conn)
            if record.kind is not Kind.OPEN:
                ends = record.client, record.server
                yield Record(record.at, record.conn, Kind.OPEN, Direction.TO_SERVER, b"", *ends)
        yield record


def lines(source: Source) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of *source* that are not blank, each with its offset.

    Raises:
        CaptureDamaged: a line is longer than 1 MiB.
    """
    rest, offset = b"", 0
    while chunk := source.chunk():
        *whole, rest = (rest + chunk).split(b"\n")
        for text in whole:
            if text.strip():
                yield offset, text
            offset += len(text) + 1
        if len(rest) > MAX_LINE:
            raise CaptureDamaged(f"a line is longer than {MAX_LINE} octets", offset)
    if rest.strip():
        yield offset, rest


def _record(line: _Line) -> Record | None:
    kinds = {"open": Kind.OPEN, "close": Kind.CLOSE, "gap": Kind.GAP, "mark": Kind.MARK}
    kind = kinds.get(line.kind, Kind.DATA)
    data = b""
    if line.kind == "skipped":
        return None
    if kind is Kind.DATA:
        payload = _payload(line)
        data = payload if line.kind == "truncated" else frame(payload)
    missing = line.size if kind is Kind.GAP else 0
    note = line.note if kind is not Kind.DATA and kind is not Kind.GAP else ""
    note = note.removeprefix("reset: ").removeprefix("reset") if line.reset else note
    return Record(
        line.at,
        line.conn,
        kind,
        line.dir,
        data,
        line.client,
        line.server,
        missing,
        note,
        line.reset,
    )


def _payload(line: _Line) -> bytes:
    if line.raw is not None:
        return b64decode(line.raw, validate=True)
    if payload := bytes(line.packet):
        return payload
    raise ValueError("neither packet nor raw")
