"""What chunks of whole frames say, worked out for many at a time.

That depends on their octets and direction alone. So the chunks of a batch are understood at once,
which is quicker than one by one; and a room's members all get the same octets, so most of what a
server's capture holds is understood for one connection, and known for all others.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress
from typing import cast

from chatctl.capture.naming import NAMING
from chatctl.errors import MalformedPayload
from chatctl.wire.codec import decode_each_to_client, decode_each_to_server
from chatctl.wire.framing import HEADER_SIZE, Deframer
from chatctl.wire.packets import Direction, Packet, Unknown

_Decoded = Packet | Unknown | MalformedPayload

Said = tuple[bytes, _Decoded]
"""A payload; and the packet that it is, or why it is none."""

Plain = tuple[bytes, Packet | Unknown]
"""A payload, and the packet that it is."""

_ODD = frozenset({MalformedPayload, *NAMING})
"""What a payload may be that takes a further look."""


def understood(payloads: list[bytes], direction: Direction) -> list[Said]:
    """Return what each of *payloads* says."""
    return list(zip(payloads, _decoder(direction)(payloads), strict=True))


def plain_chunks(chunks: Iterable[bytes], direction: Direction) -> dict[bytes, Sequence[Plain]]:
    """Return what those of *chunks* say that are whole frames, all packets, none about nicks.

    Nothing is said about whether they stand where a frame begins.
    """
    some = dict.fromkeys(chunks)
    frames = [
        it for it in some if len(it) > HEADER_SIZE and (it[0] << 8 | it[1]) == len(it) - HEADER_SIZE
    ]
    payloads = [frame[HEADER_SIZE:] for frame in frames]
    packets = _decoder(direction)(payloads)
    said = zip(payloads, cast("list[Packet | Unknown]", packets), strict=True)
    sound = [packet.__class__ not in _ODD for packet in packets]
    plain: dict[bytes, Sequence[Plain]] = dict(
        compress(zip(frames, zip(said, strict=True), strict=True), sound)
    )
    if len(frames) < len(some):
        plain.update(_joined(set(some).difference(frames), direction))
    return plain


def _joined(chunks: Iterable[bytes], direction: Direction) -> Iterator[tuple[bytes, list[Plain]]]:
    """Yield those of *chunks* that are several frames, and what they say."""
    for chunk in chunks:
        deframer = Deframer()
        said = understood(deframer.feed(chunk), direction)
        if not deframer.pending and all(packet.__class__ not in _ODD for _, packet in said):
            yield chunk, cast("list[Plain]", said)


def _decoder(direction: Direction) -> Callable[[list[bytes]], Sequence[_Decoded]]:
    to_client = direction is Direction.TO_CLIENT
    return decode_each_to_client if to_client else decode_each_to_server
