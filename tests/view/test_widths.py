"""Views that speak when everything was read keep to the columns of the terminal."""

import pytest
from rich.cells import cell_len

from chatctl.capture.items.dissect import Dissector
from chatctl.capture.items.statistics import Statistics
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Kind, Record
from chatctl.view.conversations import HEADER, conversations
from chatctl.view.figures import figures
from chatctl.view.ladder import ladder_of, text_lines
from chatctl.wire.codec import encode_frame
from chatctl.wire.framing import frame
from chatctl.wire.packets import Chat, Direction, Hello, Say

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
NICKS = [
    "al",
    "bob",
    "n" * 60,
    "日本太郎" * 5,
    "*" * 9,
    "e\x1b[2J",
    *(f"more{n}" for n in range(9)),
]
LONG = frame(b'{"type":"%b","x":"%b"}' % (b"weather" * 20, b"y" * 500))


def records():
    for number, nick in enumerate(NICKS):
        at = 1_790_000_000_000_000_000 + number * 700_000_000
        ends = (f"[2001:db8:1:2:3:4:5:{number:x}]:50000", "[2001:db8:1:2:3:4:5:ffff]:3490")
        yield Record(at, number, Kind.OPEN, UP, b"", *ends)
        yield Record(at + 1, number, Kind.DATA, UP, encode_frame(Hello(nick=nick)), *ends)
        yield Record(at + 2, number, Kind.DATA, UP, encode_frame(Say(message="hi " * 99)), *ends)
        chat = encode_frame(Chat(nick, "hi " * 99))
        yield Record(at + 9_000_000, number, Kind.DATA, DOWN, chat + LONG, *ends)
        yield Record(at + 9_000_001, number, Kind.CLOSE, UP, b"", *ends, note="reset " * 30)


def stats(items, dissector, width):
    statistics = Statistics()
    statistics.gather(items)
    return figures(statistics, dissector.pairing, Findings(gaps=3, skipped=12345678), width)


VIEWS = {
    "stats": stats,
    "conversations": lambda items, _, width: conversations(items, width),
    "sequence": lambda items, _, width: text_lines(ladder_of(items, 40), width),
}


def shown(view, width):
    dissector = Dissector()
    items = dissector.take(list(records()))
    return [row for line in VIEWS[view](items, dissector, width) for row in line.split("\n")]


@pytest.mark.parametrize("width", [40, 41, 59, 60, 80, 100, 140, 161, 200])
@pytest.mark.parametrize("view", VIEWS)
def test_no_row_is_wider_than_the_terminal(view, width):
    rows = shown(view, width)

    assert len(rows) > 10
    assert [row for row in rows if cell_len(row) > width] == []


def test_a_terminal_with_room_has_columns():
    assert shown("conversations", 161)[0] == HEADER
    assert shown("conversations", 0)[0] == HEADER
    assert HEADER not in shown("conversations", 80)


def test_lanes_come_closer_before_they_are_left_out():
    assert shown("sequence", 0)[0].split() == ["al", "bob", *shown("sequence", 200)[0].split()[2:]]
    assert shown("sequence", 40)[0].split()[:2] == ["al", "bob"]
    assert "connections more" in " ".join(shown("sequence", 40))
