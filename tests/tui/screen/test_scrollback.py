"""Numbers stay with their rows."""

import pytest

from chatctl.tui.screen.rows import Row
from chatctl.tui.screen.scrollback import Scrollback
from chatctl.view.transcript import Tone


def row(text, key="", seq=0):
    return Row(at=0, day=1, clock="00:00", who="bob", text=text, tone=Tone.CHAT, key=key, seq=seq)


def texts(rows):
    return [rows[number].text for number in range(rows.first, rows.end)]


def test_rows_keep_their_numbers_when_older_ones_come_before():
    rows = Scrollback()
    for text in "cd":
        rows.append(row(text))
    rows.prepend([row("a"), row("b")])

    assert texts(rows) == ["a", "b", "c", "d"]
    assert (rows.first, rows.end, rows[0].text, rows[-1].text) == (-2, 2, "c", "b")
    assert rows.get(-3) is None
    assert rows.get(2) is None
    with pytest.raises(IndexError):
        rows[-3]


def test_the_oldest_are_let_go():
    rows = Scrollback(most=10)
    for number in range(10_000):
        rows.append(row(str(number), key=f"k{number}"))

    assert rows.end == 10_000
    assert len(rows) <= 10 + 5_000
    assert rows[9_999].text == "9999"
    assert rows.find_key("k0") is None
    assert rows.find_key("k9999") == 9_999


def test_what_was_loaded_stays_until_nobody_reads_there():
    rows = Scrollback(most=10)
    rows.append(row("newest"))
    rows.prepend([row(str(n)) for n in range(8000)])
    for number in range(5_009):
        assert not rows.append(row(str(number)))
    assert rows[-8000].text == "0"

    rows.back_at_the_end()
    assert rows.append(row("x"))
    assert len(rows) == 10


def test_the_oldest_seq_is_that_of_the_rows_that_are_here():
    rows = Scrollback(most=10)
    assert rows.oldest() == 0
    for seq in (0, 7, 0, 5, 9):
        rows.append(row("x", seq=seq))
    assert rows.oldest() == 5
    rows.clear()
    assert rows.oldest() == 0


def test_a_row_is_found_by_its_key_until_it_is_settled():
    rows = Scrollback()
    rows.append(row("a", key="k"))
    assert rows.find_key("k") == 0
    rows.replace(0, row("b"))
    assert rows[0].text == "b"
    rows.settled("k")
    assert rows.find_key("k") is None


def test_search_goes_both_ways_and_ends():
    rows = Scrollback()
    for text in ("x1", "y", "x2", "y"):
        rows.append(row(text))

    def is_x(candidate):
        return candidate.text.startswith("x")

    assert rows.search(is_x, 3, -1) == 2
    assert rows.search(is_x, 1, -1) == 0
    assert rows.search(is_x, 1, 1) == 2
    assert rows.search(is_x, 3, 1) is None
    assert rows.search(is_x, -1, -1) is None


def test_cleared_rows_are_gone_and_numbers_go_on():
    rows = Scrollback()
    rows.append(row("a"))
    rows.clear()
    rows.append(row("b"))
    assert (rows.first, texts(rows)) == (1, ["b"])
