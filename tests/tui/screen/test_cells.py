"""Wrapping loses nothing and fits; what terminals disagree on is not drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chatctl.tui.screen.cells import fit, settled, wrap
from chatctl.view.escape import escape

LETTERS = st.text(st.sampled_from("ab  é日本語ñ👍👨‍👩‍👧❤️️한글ำทักสวัสดี\u0301🇫🇮"), max_size=60).map(
    escape
)
CASES = [
    ("", 10, [""]),
    ("hello", 5, ["hello"]),
    ("hello world", 5, ["hello ", "world"]),
    ("hello world", 8, ["hello ", "world"]),
    ("abcdefgh", 3, ["abc", "def", "gh"]),
    ("one\n\ntwo", 9, ["one", "", "two"]),
    ("全角文字", 5, ["全角", "文字"]),
    ("全角 文字", 4, ["全角 ", "文字"]),
    ("全", 1, ["全"]),
    ("a  b", 1, ["a  ", "b"]),
]


@pytest.mark.parametrize(("text", "width", "rows"), CASES)
def test_wrap(text, width, rows):
    assert wrap(text, width) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('{"a":1,"bc":2}', ['{"a":1,', '"bc":2}']),
        ('{"a":"b c d"}', ['{"a":"b ', 'c d"}']),
        ('{"é":1,"bc":2}', ['{"é":1,', '"bc":2}']),
        ("abcdefgh,i", ["abcdefgh", ",i"]),
    ],
)
def test_wrap_behind_commas(text, rows):
    assert wrap(text, 8, behind=",") == rows


@given(LETTERS, st.integers(1, 30), st.sampled_from(["", "a,"]))
def test_wrapping_loses_nothing_and_fits(text, width, behind):
    rows = wrap(text, width, behind)

    assert "".join(rows) == text
    assert all(cell_len(row.rstrip(" ")) <= max(width, 2) for row in rows)


@given(LETTERS, st.integers(0, 30))
def test_fitted_text_is_exactly_as_wide_as_asked(text, width):
    assert cell_len(fit(text, width)) == width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb", "a    b"),
        ("❤️ ok", "❤ ok"),
        ("1️⃣", "1"),
        ("👍🏽", "👍"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f3f4"),
    ],
)
def test_settled_drops_what_terminals_disagree_on(text, shown):
    assert settled(escape(text, newlines=True)) == shown
