"""What chunks of whole frames say, worked out for many at a time.

That depends on their octets and direction alone. So the chunks of a batch are understood at once,
which is quicker than one by one; and a room's members all get the same octets, so most of what a
server's capture holds is understood for one connection, and known for all others.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import cast

from chatctl.capture.naming import NAMING
from chatctl.capture.record import RecordRun
from chatctl.errors import MalformedPayload
from chatctl.wire.codec import decode_each_to_client, decode_each_to_server
from chatctl.wire.framing import HEADER_SIZE, Deframer
from chatctl.wire.packets import Direction, Packet, Unknown

_Decoded = Packet | Unknown | MalformedPayload

Said = tuple[bytes, _Decoded]
"""A payload; and the packet that it is, or why it is none."""

Plain = tuple[bytes, Packet | Unknown]
"""A payload, and the packet that it is."""

_Said = tuple[list[bytes], list[Packet | Unknown]]
"""Payloads, and the packets that they are."""

Columns = tuple[RecordRun, list[bytes], list[Packet | Unknown]]
"""The records that frames crossed in, their payloads, and the packets that they are."""

_ODD = frozenset({MalformedPayload, *NAMING})
"""What a payload may be that takes a further look."""


def understood(payloads: list[bytes], direction: Direction) -> list[Said]:
    """Return what each of *payloads* says."""
    return list(zip(payloads, _decoder(direction)(payloads), strict=True))


def plain_run(run: RecordRun) -> Columns | None:
    """Return the frames of *run* understood; None unless all of it is whole frames, and plain.

    Plain are packets that leave nicks as they are. Nothing is said about whether the chunks stand
    where a frame begins.
    """
    ways = {lane.direction for lane in set(run.lanes)}
    single = _single_frames(run, ways)
    if single is not None:
        return run, *single
    sent = list(zip([lane.direction for lane in run.lanes], run.data, strict=True))
    plain = {way: _plain_chunks([data for its, data in sent if its is way], way) for way in ways}
    if not all(data in plain[way] for way, data in sent):
        return None
    said = [plain[way][data] for way, data in sent]
    payloads, packets = map(list, zip(*chain.from_iterable(said), strict=True))
    return run.chosen([n for n, frames in enumerate(said) for _ in frames]), payloads, packets


def _single_frames(run: RecordRun, ways: set[Direction]) -> _Said | None:
    """Return what *run* says, which went these *ways*; None unless each is one plain frame."""
    if len(ways) == 1:
        return _each_one_frame(run.data, *ways)
    said: dict[int, Plain] = {}
    for way in ways:
        places = [place for place, lane in enumerate(run.lanes) if lane.direction is way]
        its = _each_one_frame([run.data[place] for place in places], way)
        if its is None:
            return None
        said.update(zip(places, zip(*its, strict=True), strict=True))
    payloads, packets = zip(*map(said.__getitem__, range(len(run))), strict=True)
    return list(payloads), list(packets)


def _each_one_frame(chunks: list[bytes], direction: Direction) -> _Said | None:
    """Return what *chunks* say; None unless each is one plain frame."""
    some = dict.fromkeys(chunks)
    frames = _single(some)
    if len(frames) < len(some):
        return None
    payloads, packets = _said(frames, direction)
    if not _ODD.isdisjoint(map(type, packets)):
        return None
    if len(frames) < len(chunks):
        places = dict(zip(frames, range(len(frames)), strict=True))
        order = [places[chunk] for chunk in chunks]
        payloads, packets = [payloads[n] for n in order], [packets[n] for n in order]
    return payloads, packets


def _plain_chunks(chunks: list[bytes], direction: Direction) -> dict[bytes, list[Plain]]:
    """Return what those of *chunks* say that are one or several whole frames, all of them plain."""
    some = dict.fromkeys(chunks)
    frames = _single(some)
    said = zip(*_said(frames, direction), strict=True)
    plain = {frame: [each] for frame, each in zip(frames, said, strict=True) if _are_plain([each])}
    if len(frames) < len(some):
        plain.update(_joined(set(some).difference(frames), direction))
    return plain


def _single(chunks: Iterable[bytes]) -> list[bytes]:
    """Return those of *chunks* that are one whole frame."""
    return [
        it
        for it in chunks
        if len(it) > HEADER_SIZE and (it[0] << 8 | it[1]) == len(it) - HEADER_SIZE
    ]


def _said(frames: list[bytes], direction: Direction) -> _Said:
    """Return what *frames* say; what is wrong with a malformed one is among the packets."""
    payloads = [frame[HEADER_SIZE:] for frame in frames]
    return payloads, cast("list[Packet | Unknown]", _decoder(direction)(payloads))


def _joined(chunks: Iterable[bytes], direction: Direction) -> Iterator[tuple[bytes, list[Plain]]]:
    """Yield those of *chunks* that are several frames, and what they say."""
    for chunk in chunks:
        deframer = Deframer()
        said = understood(deframer.feed(chunk), direction)
        if not deframer.pending and _are_plain(said):
            yield chunk, cast("list[Plain]", said)


def _are_plain(said: Iterable[Said]) -> bool:
    return all(packet.__class__ not in _ODD for _, packet in said)


def _decoder(direction: Direction) -> Callable[[list[bytes]], Sequence[_Decoded]]:
    to_client = direction is Direction.TO_CLIENT
    return decode_each_to_client if to_client else decode_each_to_server
