"""Items as JSON lines, and JSON lines as records: for machines, for editing by hand, for diffs.

Lossless: a payload of printable ASCII stands in the line octet for octet as ``packet``; any other
is there as ``raw``, in base64, besides. docs/capture-format.md, "JSON lines".
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from time import gmtime, strftime
from typing import Annotated

import msgspec

from chatctl.capture.items.item import Item, What, tag_of
from chatctl.capture.reading.sources import Source
from chatctl.capture.record import Kind, Record, moment
from chatctl.errors import CaptureDamaged, MalformedPayload
from chatctl.wire import codec
from chatctl.wire.framing import frame
from chatctl.wire.packets import Direction, Packet, Unknown

NANO = 1_000_000_000
MAX_LINE = 1 << 20
MAX_ENDS = 10_000
MAX_MIDDLE = 1024
"""Characters about a connection that are remembered; a nick may be long."""

_BEYOND_ASCII = re.compile("[^\x20-\x7e]")


class Writer:
    """Makes lines; remembers what the lines before had in common with this one."""

    def __init__(self) -> None:
        """Begin."""
        self._second = "?"
        self._date = ""
        self._ends: dict[tuple[int, bool, str], str] = {}
        self._packet: Packet | Unknown | None = None
        self._content = ""

    def lines(self, items: Iterable[Item]) -> bytes:
        """Return *items* as lines, each with its end."""
        return "".join([self._line(item) for item in items]).encode()

    def _line(self, item: Item) -> str:
        record = item.record
        end = record.conn, record.direction is Direction.TO_CLIENT, item.nick
        middle = self._ends.get(end) or self._middle(end, record)
        at = str(record.at)
        second = at[:-9]
        time = f"{self._date}.{at[-9:]}Z" if second == self._second else self._time(record.at)
        packet = item.packet
        if packet is None:
            kind, content = item.what.value, _event(item)
        elif item.rtt >= 0 or item.resynced:
            kind, content = "packet", _content(item)
        else:
            if packet is not self._packet:  # what goes to a room is one object over and over
                self._packet, self._content = packet, _content(item)
            kind, content = "packet", self._content
        return (
            f'{{"n":{item.number},"at":{at},"time":"{time}","kind":"{kind}",{middle}{content}}}\n'
        )

    def _middle(self, end: tuple[int, bool, str], record: Record) -> str:
        """Return the members about the connection."""
        middle = (
            f'"conn":{record.conn},"dir":"{record.direction.value}",'
            f'"client":{_text(record.client)},"server":{_text(record.server)},'
            f'"nick":{_text(end[2])}'
        )
        if len(middle) <= MAX_MIDDLE:
            self._ends[end] = middle
        if len(self._ends) > MAX_ENDS:
            self._ends.clear()
        return middle

    def _time(self, at: int) -> str:
        """Return *at* in words, without a date if there is no such year."""
        second, nanoseconds = divmod(at, NANO)
        try:
            self._date = strftime("%Y-%m-%dT%H:%M:%S", gmtime(second))
        except (OverflowError, ValueError, OSError):
            self._date = ""
        self._second = str(second) if second > 0 else "?"
        return f"{self._date}.{nanoseconds:09}Z"


def _content(item: Item) -> str:
    tag = tag_of(item.packet.__class__)
    kind = f'"{tag}"' if tag else _text(item.type)
    more = f',"rtt":{item.rtt}' if item.rtt >= 0 else ""
    if item.resynced:
        more += ',"resynced":true'
    head = f',"type":{kind},"size":{item.size}{more},"packet":'
    payload = item.payload
    if payload.isascii() and (text := payload.decode()).isprintable():
        return head + text
    return f'{head}{_ascii(payload)},"raw":"{b64encode(payload).decode()}"'


def _event(item: Item) -> str:
    parts = []
    if item.note:
        parts.append(f',"note":{_text(item.note)}')
    if item.size:
        parts.append(f',"size":{item.size}')
    if item.record.reset:
        parts.append(',"reset":true')
    if item.payload or item.what is What.MALFORMED:
        parts.append(f',"raw":"{b64encode(item.payload).decode()}"')
    return "".join(parts)


def _text(text: str) -> str:
    """Return *text* as a JSON string of printable ASCII."""
    return _ascii(codec.write_json(text.encode(errors="replace").decode()))


def _ascii(payload: bytes) -> str:
    """Return JSON *payload* without what a terminal might obey or a line end at."""
    return _BEYOND_ASCII.sub(_spelled, payload.decode())


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
    nick: str = ""
    note: str = ""
    size: Annotated[int, msgspec.Meta(ge=0)] = 0
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
        moment(line.at),
        line.conn,
        kind,
        line.dir,
        data,
        line.client,
        line.server,
        missing,
        note,
        line.reset,
        line.nick if kind is Kind.OPEN else "",
    )


def _payload(line: _Line) -> bytes:
    if line.raw is not None:
        return b64decode(line.raw, validate=True)
    if payload := bytes(line.packet):
        return payload
    raise ValueError("neither packet nor raw")
