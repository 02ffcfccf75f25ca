import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.tui.lines.editor import Editor, Told
from chatctl.view.wrap import columns

LEFT, RIGHT, UP, DOWN, DELETE = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B", "\x1b[3~"

TYPED = {
    "letters": ("hello", "hello", 5),
    "insert in the middle": (f"hllo{LEFT * 3}e", "hello", 2),
    "backspace": ("hellpo\x7f\x7fo", "hello", 5),
    "delete": (f"hxello\x01{RIGHT}{DELETE}", "hello", 1),
    "Ctrl-D deletes too": (f"hxello\x01{RIGHT}\x04", "hello", 1),
    "home and end": ("ello\x01h\x05!", "hello!", 6),
    "kill before": (f"xxhello{LEFT * 5}\x15", "hello", 0),
    "kill after": (f"helloxx{LEFT * 2}\x0b", "hello", 5),
    "kill a word": ("hello my world\x17\x17", "hello ", 6),
    "word left and right": ("one two\x1bb\x1bb\x1bfX", "oneX two", 4),
    "wide letters": (f"全角{LEFT}x", "全x角", 2),
    "an emoji is one step": ("a👩🏽‍🚀\x7f", "a", 1),
    "unknown keys do nothing": ("hi\x1b[15~\x1bq\x1b[200~", "hi", 2),
    "Ctrl-C clears": ("hello\x03", "", 0),
    "the edges hold": (f"\x7f{LEFT}{RIGHT}{DELETE}a{RIGHT}", "a", 1),
}


@pytest.mark.parametrize(("keys", "text", "caret"), TYPED.values(), ids=TYPED)
def test_keys_change_the_line(keys, text, caret):
    editor = Editor()
    assert editor.feed(keys) == []
    assert (editor.text, editor.caret) == (text, caret)


@pytest.mark.parametrize(("keys", "text", "caret"), TYPED.values(), ids=TYPED)
def test_a_key_may_come_in_pieces(keys, text, caret):
    editor = Editor()
    for each in keys:
        editor.feed(each)
    assert (editor.text, editor.caret) == (text, caret)


def test_enter_gives_lines_and_what_is_told():
    assert Editor().feed("one\rtwo\n\x03\x1a\x04") == [
        "one",
        "two",
        Told.INTERRUPT,
        Told.SUSPEND,
        Told.END,
    ]


def test_history_keeps_the_draft():
    editor = Editor()
    editor.feed("one\rtwo\rtwo\rdraft")
    seen = []
    for key in (UP, UP, UP, DOWN, DOWN, DOWN):
        editor.feed(key)
        seen.append(editor.text)
    assert seen == ["two", "one", "one", "two", "draft", "draft"]
    editor.feed("\x03" + UP)
    assert editor.text == "two"


def test_a_long_line_is_shown_around_its_caret():
    editor = Editor()
    editor.feed("x" * 50 + "end")
    row, column = editor.view("alice> ", 20)
    assert (row, column) == ("alice> xxxxxxxxxend", 19)
    editor.feed("\x01")
    assert editor.view("alice> ", 20)[1] == 7


@given(st.text(st.sampled_from("ab全👩🏽‍🚀\u0301\x1b[D\x7f\x01\t\u202e")), st.integers(8, 60))
def test_the_row_always_fits_and_holds_the_caret(keys, width):
    editor = Editor()
    editor.feed(keys)
    row, column = editor.view("me> ", width)
    assert columns(row) < width
    assert 4 <= column <= columns(row)
    assert 0 <= editor.caret <= len(editor.text)


def test_lines_of_sessions_before_come_after_those_of_this_one():
    entered = []
    editor = Editor(history=["old", "two\nlines"], entered=entered.append)
    editor.feed("new\rnew\r\r")
    assert entered == ["new"]
    editor.feed(UP)
    assert editor.text == "new"
    editor.feed(UP + UP)
    assert editor.text == "old"
