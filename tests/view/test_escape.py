import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.view.escape import BLANK, MAX_MARKS, escape, escape_json, escape_name
from chatctl.wire.codec import read_json, write_json

ANY = st.text(alphabet=st.characters(), max_size=60)

SPELLED = {
    "ESC": ("a\x1b[31mb", r"a\x1b[31mb"),
    "OSC 52": ("\x1b]52;c;aGk=\x07", r"\x1b]52;c;aGk=\x07"),
    "C1 CSI": ("\x9b2J", r"\x9b2J"),
    "DEL": ("\x7f", r"\x7f"),
    "CR": ("a\rb", r"a\rb"),
    "newline": ("a\nb", r"a\nb"),
    "tab": ("a\tb", r"a\tb"),
    "bidi override": ("\u202eevil", r"\u202eevil"),
    "bidi isolate": ("\u2066x\u2069", r"\u2066x\u2069"),
    "zero width space": ("a\u200bb", r"a\u200bb"),
    "joiner outside of emoji": ("a\u200db", r"a\u200db"),
    "byte order mark": ("\ufeffa", r"\ufeffa"),
    "line separator": ("a\u2028b", r"a\u2028b"),
    "Hangul filler": ("\u3164", r"\u3164"),
    "Braille blank": ("\u2800", r"\u2800"),
    "tag letters": ("a\U000e0041", r"a\U000e0041"),
    "lone surrogate": ("\ud800", r"\ud800"),
    "private use": ("\ue000", r"\ue000"),
    "selector in a word": ("a\ufe0f", r"a\ufe0f"),
    "selector of the supplement": ("a\U000e0101", r"a\U000e0101"),
    "mark without a letter": ("\u0301a", r"\u0301a"),
    "mark behind an escape": ("\u200b\u0301", r"\u200b\u0301"),
    "marks piled up": ("a" + "\u0301" * 6, "a" + "\u0301" * 4 + r"\u0301\u0301"),
    "a vowel of Hangul alone": ("\u1161", r"\u1161"),
}
KEPT = {
    "words": "hello, Wörld! [bold]not markup[/] \\x1b",
    "Vietnamese, decomposed": unicodedata.normalize("NFD", "Việt Nam"),
    "Hangul, decomposed": unicodedata.normalize("NFD", "한국어"),
    "Hindi": "नमस्ते दुनिया",
    "Thai": "สวัสดีชาวโลก",
    "Hebrew with points": "שָׁלוֹם",
    "Arabic": "مرحبا ١٢٣",
    "Japanese": "全角文字\u3000ー々",
    "family": "👨‍👩‍👧‍👦",
    "detective": "🕵🏽‍♂️",
    "heart": "❤️ ⚠️ ☎︎",
    "keycap": "1️⃣ #️⃣",
    "flags": "🇨🇭 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "black flag with a cross": "🏳️‍🌈🏴‍☠️",
}


@pytest.mark.parametrize(("text", "shown"), SPELLED.values(), ids=SPELLED)
def test_what_steers_or_hides_is_spelled_out(text, shown):
    assert escape(text) == shown


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_people_write_stays(text):
    assert escape(text) == text


def test_newlines_and_tabs_stay_where_asked_for():
    assert escape("a\n\tb\r\n\x1b", newlines=True) == "a\n\tb\\r\n\\x1b"


def test_mark_on_a_new_line_has_nothing_to_stand_on():
    assert escape("a\n\u0301", newlines=True) == "a\n\\u0301"


@given(ANY)
def test_nothing_shown_can_steer_a_terminal_or_break_a_line(text):
    shown = escape(text)
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Co", "Zl", "Zp"}]
    assert len(shown.splitlines()) <= 1
    shown.encode()


@given(ANY)
def test_hidden_characters_are_seen(text):
    shown = escape(text)
    assert not set(shown) & (BLANK - {"\ufe0e", "\ufe0f"})
    assert not set(shown) & set("\u200b\u200c\u200e\u200f\u061c\u2060\ufeff\u00ad\u202e\u2066")


@given(ANY)
def test_escaping_twice_changes_nothing(text):
    assert escape(escape(text)) == escape(text)


@given(st.text("a\u0301\u0300\u0489\u20dd", max_size=40))
def test_marks_never_pile_up(text):
    run = longest = 0
    for char in escape(text):
        run = run + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        longest = max(longest, run)
    assert longest <= MAX_MARKS


@given(ANY)
def test_a_name_is_one_word_that_cannot_imitate_a_line(name):
    shown = escape_name(name)
    assert shown
    assert not set(shown) & set(" :*<>\u02d0\u02f8\ua789\uff1a\u2236\ufe55\u3000\u00a0")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("alice_2.x-y", "alice_2.x-y"),
        ("*** bob has left the chat", r"\x2a\x2a\x2a\x20bob\x20has\x20left\x20the\x20chat"),
        ("bob: hi", r"bob\x3a\x20hi"),
        ("bob\uff1a", r"bob\uff1a"),
        ("日本太郎", "日本太郎"),
        ("🦊", "🦊"),
        ("", "''"),
        ("*****", "•••••"),
        ("•••••", r"\u2022" * 5),
    ],
)
def test_names(name, shown):
    assert escape_name(name) == shown


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_says_the_same_when_escaped(text):
    line = write_json({"text": text}).decode()
    assert read_json(escape_json(line).encode()) == {"text": text}


@pytest.mark.parametrize("char", "\x7f\x9b\u200b\u202e\u2066\u2028\ufeff")
def test_json_holds_nothing_that_steers_a_terminal(char):
    assert escape_json(f'{{"text":"é{char}"}}') == f'{{"text":"é\\u{ord(char):04x}"}}'
