"""The filter language applied to what is replayed: steps of a recording, and what came back."""

from collections.abc import Callable, Iterable

from chatctl.capture.filtering.filters import compile_filter
from chatctl.capture.items.item import Item, What
from chatctl.capture.record import Kind, Record
from chatctl.capture.replay.cause import Causes
from chatctl.capture.replay.compare import Heard
from chatctl.capture.replay.steps import Act, Step
from chatctl.errors import MalformedPayload
from chatctl.wire import codec
from chatctl.wire.packet import Direction

NS = 1_000_000_000


def matching_steps(text: str, steps: Iterable[Step]) -> frozenset[int]:
    """Return the indices of the packets among *steps*, all of a capture, that *text* matches.

    Raises:
        UsageError: it is no filter.
    """
    test = compile_filter(text)
    steps = list(steps)
    nicks = Causes(steps).nicks
    found = set()
    for step in steps:
        record = Record(step.at, step.conn, Kind.DATA, step.direction, step.payload)
        item = _item(record, nicks.get(step.conn, ""))
        if test(item) and step.act is Act.PACKET:
            found.add(step.index)
    return frozenset(found)


def heard_test(text: str) -> Callable[[Heard], bool]:
    """Return the test by *text* of a packet that came; times count from the run's start.

    Raises:
        UsageError: it is no filter.
    """
    test = compile_filter(text)
    test(_item(Record(0, 0, Kind.DATA, Direction.TO_CLIENT), ""))
    return lambda heard: test(
        _item(Record(int(heard.at * NS), 0, Kind.DATA, Direction.TO_CLIENT, heard.payload), "")
    )


def _item(record: Record, nick: str) -> Item:
    size = len(record.data)
    try:
        packet = codec.decode(record.data, record.direction)
    except MalformedPayload as error:
        return Item(1, What.MALFORMED, record, nick, record.data, None, str(error), size)
    return Item(1, What.PACKET, record, nick, record.data, packet, "", size)
