"""Figures as text."""

import pytest

from chatctl.capture.items.dissect import Dissector
from chatctl.capture.items.statistics import Statistics
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Kind, Record
from chatctl.view.figures import figures
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Direction, Hello, Say


def told(*packets):
    """Return the figures of packets at so many seconds."""
    dissector, statistics = Dissector(), Statistics()
    statistics.gather(
        dissector.take(
            [
                Record(1 + int(at * 1e9), 1, Kind.DATA, Direction.TO_SERVER, encode_frame(packet))
                for at, packet in packets
            ]
        )
    )
    return list(figures(statistics, dissector.pairing, Findings()))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1e-9, "packets      2 in 0.000 s"), (4, "packets      2 in 4.000 s, 0.5 a second")],
)
def test_so_many_a_second_is_said_where_it_says_something(seconds, said):
    assert told((0, Hello("al")), (seconds, Say("hi")))[0] == said
