"""JSON mode: every event an object on a line of its own, and objects or text as input.

The objects are the events of ``session.client.events`` as they are; docs/json.md describes them.
What comes in is a packet as a client may send it (docs/protocol.md), whose ``id`` comes back as
``ref`` in everything that belongs to it; or a line of text, as in line mode.
"""

from collections.abc import Iterable
from typing import TextIO

from chatctl.errors import MalformedPayload
from chatctl.session.client.events import Event, Saying
from chatctl.tui.desk import Desk
from chatctl.tui.lines.line import LineMode
from chatctl.view.escape import escape_json
from chatctl.view.transcript import Line, Tone
from chatctl.wire.codec import decode_to_server, read_json, write_json
from chatctl.wire.packets import (
    LOBBY,
    Act,
    Bye,
    Hello,
    Pong,
    Say,
    Tell,
    ToServer,
    Unknown,
)

MOST_REFS = 4096


class JsonSheet:
    """A stream that gets one object a line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def put(self, shown: Iterable[Line]) -> None:
        """Write what this front has to say itself: a notice, or a problem with the input."""
        kinds = {True: "problem", False: "notice"}
        self.write(
            write_json({"event": kinds[line.tone is Tone.TROUBLE], "text": line.text})
            for line in shown
        )

    def write(self, objects: Iterable[bytes]) -> None:
        """Write *objects*, one a line."""
        self._stream.write("".join(f"{escape_json(each.decode())}\n" for each in objects))
        self._stream.flush()


class JsonMode(LineMode):
    """One conversation in JSON lines."""

    def __init__(self, desk: Desk, sheet: JsonSheet) -> None:
        super().__init__(desk, sheet, newlines=False)
        self._sheet = sheet
        self._refs: dict[str, str] = {}

    def tell(self, events: Iterable[Event]) -> None:
        """Write what happened."""
        self._sheet.write([self._object(event) for event in events])

    def typed(self, line: str) -> None:
        """Do what *line* means: a packet where it is an object, else as in line mode."""
        if not line.lstrip().startswith("{"):
            super().typed(line)
            return
        try:
            packet = decode_to_server(line.encode(errors="replace"))
        except MalformedPayload as error:
            self.trouble(f"not a packet: {error}")
            return
        self._send(packet)

    def _send(self, packet: ToServer | Unknown) -> None:
        ref = getattr(packet, "id", "")
        match packet:
            case Say():
                key = self.desk.say(packet.message, packet.room or LOBBY)
            case Act():
                key = self.desk.say(packet.message, packet.room or LOBBY, Saying.ACTION)
            case Tell():
                key = self.desk.say(packet.message, f"@{packet.to}")
            case Bye():
                self.desk.close(packet.reason)
                return
            case Hello() | Pong() | Unknown():
                self.trouble("no packet of this type may be sent by hand")
                return
            case _:
                key = self.desk.ask(packet)
        if ref:
            self._refs[key] = ref
            if len(self._refs) > MOST_REFS:
                del self._refs[next(iter(self._refs))]

    def _object(self, event: Event) -> bytes:
        written = write_json(event)
        ref = self._refs.get(getattr(event, "id", ""))
        return write_json(read_json(written) | {"ref": ref}) if ref else written
