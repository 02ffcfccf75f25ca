"""What chunks of octets say, kept for their copies: a room's members all get the same octets.

So most of what a server's capture holds was seen a moment ago on another connection. What a chunk
of whole frames says depends on its octets and direction alone; it is worked out once.
"""

from chatctl.capture.items.reframe import Reframer
from chatctl.capture.naming import NAMING
from chatctl.errors import MalformedPayload
from chatctl.wire.codec import decode_to_client, decode_to_server
from chatctl.wire.packets import Direction, Packet, Unknown

MAX_CHUNK = 4096
"""Octets of the longest chunk that is kept."""

MAX_OCTETS = 1 << 20
"""Octets of chunks kept at a time."""

Said = tuple[bytes, Packet | Unknown | None, str]
"""A payload; the packet that it is, or None; and why it is none."""


class Copies:
    """Understands the octets of one direction, of any connection.

    Attributes:
        sound: what chunks said that were whole frames, all of them packets, none about nicks.
    """

    def __init__(self, direction: Direction) -> None:
        """Know nothing yet."""
        self.sound: dict[bytes, list[Said]] = {}
        self._decode = decode_to_client if direction is Direction.TO_CLIENT else decode_to_server
        self._octets = 0

    def said(self, chunk: bytes, frames: Reframer) -> list[Said]:
        """Return what *chunk*, the next of a stream cut by *frames* and in step, completes."""
        began = frames.between
        if began and (said := self.sound.get(chunk)) is not None:
            return said
        said = self.understood(frames.cut(chunk))
        if began and frames.between and _is_sound(said):
            self._keep(chunk, said)
        return said

    def understood(self, payloads: list[bytes]) -> list[Said]:
        """Return what each of *payloads* says."""
        said: list[Said] = []
        for payload in payloads:
            try:
                said.append((payload, self._decode(payload), ""))
            except MalformedPayload as error:
                said.append((payload, None, str(error)))
        return said

    def _keep(self, chunk: bytes, said: list[Said]) -> None:
        size = len(chunk)
        if size > MAX_CHUNK:
            return
        self._octets += size
        if self._octets > MAX_OCTETS:
            self.sound.clear()
            self._octets = size
        self.sound[chunk] = said


def _is_sound(said: list[Said]) -> bool:
    return all(packet is not None and packet.__class__ not in NAMING for _, packet, _ in said)
