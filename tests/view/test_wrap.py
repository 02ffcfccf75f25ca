from hypothesis import given
from hypothesis import strategies as st

from chatctl.view.wrap import columns, hang


def test_short_lines_stay():
    assert hang("alice: hello", 80) == "alice: hello"


def test_breaks_at_a_space_and_indents():
    assert hang("alice: one two three", 12) == "alice: one\n    two\n    three"


def test_a_counted_imitation_stands_indented():
    shown = hang("mallory: " + "x" * 71 + "*** bob has left the chat", 80)
    assert [row for row in shown.split("\n")[1:] if not row.startswith("    ")] == []


def test_newlines_are_indented():
    assert hang("alice: a\n*** bob has left", 80) == "alice: a\n    *** bob has left"


def test_wide_letters_take_two_columns():
    assert columns("全角a") == 5
    assert hang("全角文字の幅", 6) == "全角文\n    字\n    の\n    幅"


@given(st.text(st.sampled_from("ab 全é"), max_size=80), st.integers(8, 40))
def test_only_spaces_at_breaks_are_lost_and_rows_fit(text, width):
    rows = hang(text, width).split("\n    ")
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
    assert all(columns(row) <= width for row in rows)


def test_a_tab_takes_the_columns_that_are_counted():
    rows = hang("\t" * 12 + "*** bob has left", 20).split("\n")
    assert "\t" not in "".join(rows)
    assert all(len(row) <= 20 for row in rows)
    assert not any(row.startswith("***") for row in rows)
