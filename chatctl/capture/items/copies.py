"""What chunks of octets say, worked out together, and kept for their copies.

What a chunk of whole frames says depends on its octets and direction alone. So those of a batch are
understood at once, which is quicker than one by one; and a room's members all get the same octets,
so most of what a server's capture holds was seen a moment ago on another connection.
"""

from collections.abc import Iterable, Sequence

from chatctl.capture.items.reframe import Reframer
from chatctl.capture.naming import NAMING
from chatctl.errors import MalformedPayload
from chatctl.wire.codec import decode_each_to_client, decode_each_to_server
from chatctl.wire.framing import HEADER_SIZE
from chatctl.wire.packets import Direction, Packet, Unknown

MAX_CHUNK = 4096
"""Octets of the longest chunk that is kept."""

MAX_OCTETS = 1 << 18
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
        self.sound: dict[bytes, Sequence[Said]] = {}
        self._decode_each = (
            decode_each_to_client if direction is Direction.TO_CLIENT else decode_each_to_server
        )
        self._octets = 0

    def learn(self, chunks: Iterable[bytes]) -> None:
        """Understand those of *chunks* that are new and one whole frame, before they are asked for.

        Nothing is said about whether they stand where a frame begins.
        """
        sound = self.sound
        fresh = [
            chunk
            for chunk in dict.fromkeys(chunks)
            if chunk not in sound
            and HEADER_SIZE < len(chunk) <= MAX_CHUNK
            and (chunk[0] << 8 | chunk[1]) == len(chunk) - HEADER_SIZE
        ]
        if not fresh:
            return
        self._make_room(sum(map(len, fresh)))
        payloads = [chunk[HEADER_SIZE:] for chunk in fresh]
        packets = self._decode_each(payloads)
        for chunk, payload, packet in zip(fresh, payloads, packets, strict=True):
            if not isinstance(packet, MalformedPayload) and packet.__class__ not in NAMING:
                sound[chunk] = ((payload, packet, ""),)

    def said(self, chunk: bytes, frames: Reframer) -> Sequence[Said]:
        """Return what *chunk*, the next of a stream cut by *frames* and in step, completes."""
        began = frames.between
        if began and (known := self.sound.get(chunk)) is not None:
            return known
        said = self.understood(frames.cut(chunk))
        if began and frames.between and len(chunk) <= MAX_CHUNK and _is_sound(said):
            self._make_room(len(chunk))
            self.sound[chunk] = said
        return said

    def understood(self, payloads: list[bytes]) -> list[Said]:
        """Return what each of *payloads* says."""
        return [
            (payload, None, str(packet))
            if isinstance(packet, MalformedPayload)
            else (payload, packet, "")
            for payload, packet in zip(payloads, self._decode_each(payloads), strict=True)
        ]

    def _make_room(self, octets: int) -> None:
        self._octets += octets
        if self._octets > MAX_OCTETS:
            self.sound.clear()
            self._octets = octets


def _is_sound(said: list[Said]) -> bool:
    return all(packet is not None and packet.__class__ not in NAMING for _, packet, _ in said)
