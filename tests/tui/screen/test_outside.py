"""What is written to a terminal beside drawing: exactly one sequence of ours, whatever was said."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.errors import UsageError
from chatctl.tui.screen.outside import CALLS, MOST_BEHIND, MOST_COPIED, Outside

EVIL = "\x1b]0;x\x07\x1b[2J\x9c\x9d52;c;eA==\x07\u202e\n;4;1"


@pytest.fixture
def written():
    return []


@pytest.fixture
def outside(written):
    return Outside(written.append)


def test_the_title_is_told_when_it_changes(outside, written):
    for text in ("lobby", "lobby", "ops"):
        outside.title(text)
    assert written == ["\x1b]2;lobby\x07", "\x1b]2;ops\x07"]


@pytest.mark.parametrize(
    ("how", "sequence"),
    [
        ("none", []),
        ("bell", ["\x07"]),
        ("osc9", ["\x1b]9;chatctl bob: hi\x07"]),
        ("osc777", ["\x1b]777;notify;chatctl bob;hi\x07"]),
    ],
)
def test_calls(outside, written, how, sequence):
    outside.call(how, "bob", "hi")
    assert written == sequence


@given(st.text(), st.text(), st.sampled_from([how for how in CALLS if how != "none"]))
def test_no_text_ends_a_sequence_or_begins_one(about, text, how):
    written = []
    outside = Outside(written.append)
    outside.title(about + EVIL)
    outside.call(how, about + EVIL, EVIL + text)
    for sequence in written:
        assert re.fullmatch("\x07|\x1b][0-9]+;[^\x00-\x1f\x7f-\x9f]{1,400}\x07", sequence)


def test_a_note_never_begins_with_digits_which_mean_something_else_to_some_terminals(written):
    outside = Outside(written.append)
    outside.call("osc9", "4;1;50", "4;1;50")
    outside.call("osc777", "a;b", "c;d")
    assert written[0].startswith("\x1b]9;chatctl ")
    assert written[1] == "\x1b]777;notify;chatctl a,b;c;d\x07"


def test_the_clipboard_gets_it_whole_or_not_at_all(outside, written):
    outside.copy("日本\n\x1b[2J")
    coded = written[0].removeprefix("\x1b]52;c;").removesuffix("\x07")
    assert base64.b64decode(coded).decode() == "日本\n\x1b[2J"

    with pytest.raises(UsageError, match="more than a terminal copies"):
        outside.copy("x" * MOST_COPIED)
    assert len(written) == 1


def test_the_mouse_is_let_go_and_taken_back(outside, written):
    outside.mouse(ours=False)
    outside.mouse(ours=True)
    assert written == ["\x1b[?1000l\x1b[?1003l", "\x1b[?1000h\x1b[?1003h"]


def test_a_terminal_that_does_not_keep_up_is_busy():
    behind = [0]
    outside = Outside(behind=lambda: behind[0])
    assert not outside.busy
    behind[0] = MOST_BEHIND + 1
    assert outside.busy
