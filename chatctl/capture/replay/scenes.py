"""A capture as one of the people in it saw it: events for a screen, each with its moment."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatctl.capture.replay.cause import Causes
from chatctl.capture.replay.pace import Window, offsets
from chatctl.capture.replay.steps import Act, Step
from chatctl.errors import MalformedPayload
from chatctl.session.client import translate
from chatctl.session.client.events import Event, Goodbye, LinkLost, MalformedPacket
from chatctl.wire.codec import decode_to_client
from chatctl.wire.packet import Bye, Direction
from chatctl.wire.to_client import (
    Action,
    Chat,
    Direct,
    Error,
    Gap,
    History,
    Join,
    Leave,
    NickChange,
    Rooms,
    Topic,
    Who,
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that was seen, and when: seconds after the start, with long silences cut."""

    at: float
    event: Event


def viewers(steps: Sequence[Step]) -> list[int]:
    """Return the connections that saw something, the one that saw most first."""
    seen = Counter(
        step.conn
        for step in steps
        if step.act is Act.PACKET and step.direction is Direction.TO_CLIENT
    )
    return sorted(seen, key=lambda conn: (-seen[conn], conn))


def scenes(steps: Sequence[Step], conn: int, window: Window) -> Iterator[Scene]:
    """Yield what the client of *conn* saw, in order; what is before the window at moment 0."""
    nick = Causes(steps).nicks.get(conn, "")
    due = offsets(steps, window)
    start = steps[0].at if steps else 0
    ended = False
    for step in steps:
        if step.conn != conn or (step.at - start) * 1e-9 > window.end:
            continue
        if step.act in (Act.CLOSE, Act.RESET):
            if step.direction is Direction.TO_CLIENT and not ended:
                yield Scene(due[step.index], LinkLost("closed by the server", None))
            ended = True
        elif step.act is Act.PACKET and step.direction is Direction.TO_CLIENT:
            yield from (Scene(due[step.index], event) for event in _events(step.payload, nick))


def _events(payload: bytes, nick: str) -> Iterator[Event]:
    try:
        packet = decode_to_client(payload)
    except MalformedPayload as error:
        yield MalformedPacket(payload, str(error))
        return
    names = {nick}
    match packet:
        case Chat() | Action() | Direct() | Topic():
            yield translate.entry(packet, names)
        case Join() | Leave() | NickChange():
            yield translate.presence(packet, names)
        case Who() | Rooms() | History():
            yield translate.answer(packet, names)
        case Gap():
            yield translate.hole(packet)
        case Error():
            yield translate.refusal(packet)
        case Bye():
            yield Goodbye(packet.code, packet.reason, packet.retry_after)
        case _:
            return
