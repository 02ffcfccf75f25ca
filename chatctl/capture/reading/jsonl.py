"""Items as JSON lines, and JSON lines as records: for machines, for editing by hand, for diffs.

Lossless: a payload of printable ASCII stands in the line octet for octet as ``packet``; any other
is there as ``raw``, in base64, besides. docs/capture-format.md, "JSON lines".
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from time import gmtime, strftime
from typing import Annotated

import msgspec

from chatctl.capture.items.item import Item, ItemRun, What, tag_of
from chatctl.capture.reading.sources import Source
from chatctl.capture.record import Batch, Kind, Lane, Record, moment
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
        self._ends: dict[tuple[int, Direction, str], str] = {}

    def lines(self, items: Batch[Item]) -> bytes:
        """Return *items* as lines, each with its end."""
        lines = self._of_run(items) if isinstance(items, ItemRun) else map(self._line, items)
        return "".join(lines).encode()

    def _of_run(self, run: ItemRun) -> Iterator[str]:
        middles = {lane: self._middle(lane, nick) for lane, nick in run.nicks.items()}
        said = dict(zip(run.payloads, run.packets, strict=True))  # once, however many heard it
        known = {payload: _content(payload, packet) for payload, packet in said.items()}
        contents = list(map(known.__getitem__, run.payloads))
        for place, rtt in run.rtts.items():
            contents[place] = _content(run.payloads[place], run.packets[place], rtt)
        rows = zip(run.records.at, run.records.lanes, contents, strict=True)
        for number, (at, lane, content) in enumerate(rows, run.number):
            text = str(at)
            time = text[-9:] if text[:-9] == self._second else self._turn(at)
            yield (
                f'{{"n":{number},"at":{at},"time":"{self._date}.{time}Z","kind":"packet",'
                f"{middles[lane]}{content}}}\n"
            )

    def _line(self, item: Item) -> str:
        record, packet = item.record, item.packet
        time = self._turn(record.at)
        middle = self._middle(record, item.nick)
        if packet is None:
            kind, content = item.what.value, _event(item)
        else:
            kind = "packet"
            content = _content(item.payload, packet, item.rtt, resynced=item.resynced)
        return (
            f'{{"n":{item.number},"at":{record.at},"time":"{self._date}.{time}Z","kind":"{kind}",'
            f"{middle}{content}}}\n"
        )

    def _middle(self, lane: Lane | Record, nick: str) -> str:
        """Return the members about the connection."""
        end = lane.conn, lane.direction, nick
        middle = self._ends.get(end)
        if middle is None:
            middle = (
                f'"conn":{lane.conn},"dir":"{lane.direction.value}",'
                f'"client":{_text(lane.client)},"server":{_text(lane.server)},"nick":{_text(nick)}'
            )
            if len(middle) <= MAX_MIDDLE:
                self._ends[end] = middle
            if len(self._ends) > MAX_ENDS:
                self._ends.clear()
        return middle

    def _turn(self, at: int) -> str:
        """Turn to the second of *at*; return the nanoseconds in it, nine digits.

        There is no date if there is no such year.
        """
        second, nanoseconds = divmod(at, NANO)
        if str(second) != self._second:
            try:
                self._date = strftime("%Y-%m-%dT%H:%M:%S", gmtime(second))
            except (OverflowError, ValueError, OSError):
                self._date = ""
            self._second = str(second) if second > 0 else "?"
        return f"{nanoseconds:09}"


def _content(
    payload: bytes, packet: Packet | Unknown, rtt: int = -1, *, resynced: bool = False
) -> str:
    kind = _text(packet.type) if isinstance(packet, Unknown) else f'"{tag_of(type(packet))}"'
    more = f',"rtt":{rtt}' if rtt >= 0 else ""
    if resynced:
        more += ',"resynced":true'
    head = f',"type":{kind},"size":{len(payload)}{more},"packet":'
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
    rest, offset = bytearray(), 0
    while chunk := source.chunk():
        *whole, last = chunk.split(b"\n")
        if whole:
            whole[0] = bytes(rest) + whole[0]
            rest.clear()
        rest += last
        for text in whole:
            if text.strip():
                yield offset, text
            offset += len(text) + 1
        if len(rest) > MAX_LINE:
            raise CaptureDamaged(f"a line is longer than {MAX_LINE} octets", offset)
    if rest.strip():
        yield offset, bytes(rest)


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
