"""The filter language: what it finds, and how it says what is wrong."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.capture.filtering.filters import compile_filter
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.record import Kind, Record
from chatctl.errors import UsageError
from chatctl.wire.codec import encode_frame
from chatctl.wire.framing import frame
from chatctl.wire.packets import Chat, Direction, Error, Hello, Ping, Pong, Say, Welcome

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
START = 1_790_000_000_000_000_000
WELCOME = Welcome(v=1, server="s", nick="alice", limits={"nick": 32})
TALK = [
    (0, 1, UP, encode_frame(Hello(nick="alice", v=1))),
    (20, 1, DOWN, encode_frame(WELCOME)),
    (1000, 1, UP, encode_frame(Say(message="hello there", id="a1"))),
    (1080, 1, DOWN, encode_frame(Chat(nick="alice", message="hello there", seq=7, id="a1"))),
    (2000, 2, UP, encode_frame(Hello(nick="bob"))),
    (3000, 2, UP, b"\x00\x05oops!"),
    (4000, 2, DOWN, encode_frame(Error(code="malformed", message="no JSON"))),
    (5000, 1, DOWN, encode_frame(Ping(id="p"))),
    (5001, 1, UP, encode_frame(Pong(id="p"))),
    (9000, 1, DOWN, encode_frame(Chat(nick="bob", message="x" * 2000, room="ops", seq=1))),
    (9500, 1, DOWN, frame(b'{"type":"weather","sun":{"up":true}}')),
]


def items():
    yield from Dissector().dissect(
        Record(START + at * 1_000_000, conn, Kind.DATA, way, data, f"c{conn}", "s")
        for at, conn, way, data in TALK
    )


def found(text: str) -> list[int]:
    return [item.number for item in filter(compile_filter(text), items())]


CASES = {
    "": list(range(1, 12)),
    "type == chat": [3, 4, 10],
    "type=chat": [3, 4, 10],
    "type != chat": [1, 2, 5, 6, 7, 8, 9, 11],
    "conn == 2": [5, 6, 7],
    "conn >= 2 and up": [5, 6],
    'nick ~ "^al" and type == chat': [3, 4],
    "nick !~ a": [5, 6, 7, 10],
    "text ~ '(?i)^HELLO'": [3, 4],
    r'text ~ "^hello\\b"': [3, 4],
    "size ~ 0": [10],
    "peer == alice and nick == bob": [10],
    'text contains "HELLO"': [3, 4],
    "size > 1k": [10],
    "size in 5..5": [6],
    "malformed": [6],
    "not malformed and conn == 2": [5, 7],
    "malformed or type == error": [6, 7],
    "code == malformed": [7],
    "room != lobby": [10],
    "room == lobby": [3, 4],
    "seq == 7": [4],
    "id == a1": [3, 4],
    "rtt > 50ms": [4],
    "rtt <= 20ms": [2],
    "rtt <= 20000us": [2],
    "rtt <= 20000µs": [2],
    "t > +4s": [8, 9, 10, 11],
    "t in +5s..+9s": [8, 9, 10],
    "t in ..1s": [1, 2, 3],
    "t in (20ms, 4s)": [2, 7],
    "t in +4s..2026-09-21T14:13:29.1Z": [7, 8, 9, 10],
    "t > 1min": [],
    "type in (ping, pong)": [8, 9],
    "not (type in (ping, pong)) and t >= 5s": [10, 11],
    "type == chat && !(up)": [4, 10],
    "up || malformed": [1, 3, 5, 6, 9],
    ".limits.nick == 32": [2],
    ".sun.up == true": [11],
    ".message contains there": [3, 4],
    "type == 'weather'": [11],
    "kind == malformed": [6],
    "client == c2 and down": [7],
    "n in (1, 3)": [1, 3],
    "dir == to-client and conn == 2": [7],
    "T == 1".lower() + "s": [3],
}


@pytest.mark.parametrize("text", CASES)
def test_filter_finds(text):
    assert found(text) == CASES[text]


@pytest.mark.timeout(10)
def test_no_pattern_lets_a_stranger_keep_the_server_busy():
    said = encode_frame(Say(message="a" * 30_000 + "!"))
    (item,) = Dissector().dissect([Record(START, 1, Kind.DATA, UP, said)])

    assert not compile_filter('text ~ "(a+)+$"')(item)
    assert compile_filter('text ~ "(a+)+!$"')(item)


def test_absolute_times():
    assert found("t >= 2026-09-21T14:13:25Z and t < 2026-09-21T14:13:29.1Z") == [8, 9, 10]


def test_a_range_of_the_day_may_go_over_midnight(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert found("t in 14:13:29..14:13:25") == [*range(1, 9), 10, 11]
    assert found("t in 14:13:25..14:13:29") == [8, 9, 10]
    monkeypatch.undo()
    time.tzset()


MISTAKES = {
    "typ == chat": ("no field 'typ'", 1, "did you mean 'type'?"),
    "malformd": ("no field 'malformd'", 1, "did you mean 'malformed'?"),
    "type ==": ("a value was expected, not the end", 8, ""),
    "type chat": ("'type' needs an operator", 6, "=="),
    "type == chat conn == 3": ("'conn' was not expected", 14, "join tests by"),
    "(type == chat": ("a ')' is missing", 14, ""),
    "type == chat)": ("')' was not expected", 13, ""),
    'nick == "al': ("this quote is not closed", 9, ""),
    "nick ~ '['": ("not a pattern (missing ]: [)", 8, "RE2"),
    "nick ~ '(?=al)'": ("not a pattern (invalid perl operator: (?=)", 8, "docs/filters.md"),
    "nick ~ 'a\udc80'": ("not a pattern (it is not UTF-8)", 8, ""),
    "size > big": ("not a size: 'big'", 8, ""),
    "rtt > soon": ("not a duration", 7, ""),
    "conn == x": ("not a number: 'x'", 9, ""),
    "t > yesterday": ("not a time", 5, "+5s"),
    "t > 25:00:00": ("no time of the day", 5, ""),
    "type in chat": ("a range or a list was expected", 9, "in 1..5"),
    "and": ("a field was expected, not 'and'", 1, ""),
    "type == chat and and up": ("a field was expected, not 'and'", 18, ""),
    "or up": ("a field was expected, not 'or'", 1, ""),
    "dir == up": ("'dir' is never 'up'", 8, "to-server, to-client"),
    "kind == pakcet": ("'kind' is never 'pakcet'", 9, "did you mean 'packet'?"),
    "kind in (open, clsoe)": ("'kind' is never 'clsoe'", 16, "did you mean 'close'?"),
    "nick =~ al": ("there is no '=~'", 6, "write '~'"),
    "nick matches al": ("there is no 'matches'", 6, "write '~'"),
    "type eq chat": ("there is no 'eq'", 6, "write '=='"),
    "size in 5..3": ("a range that ends before it begins", 9, ""),
    "t in +5s..+3s": ("a range that ends before it begins", 6, ""),
    "type == & ": ("'&' means nothing", 9, ""),
    "not": ("a field was expected, not the end", 4, ""),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_are_shown_at_their_place(text):
    reason, place, tip = MISTAKES[text]

    with pytest.raises(UsageError) as caught:
        compile_filter(text)

    assert reason in str(caught.value)
    assert f"at character {place}" in str(caught.value)
    assert caught.value.__notes__[0] == f"  {text}"
    assert caught.value.__notes__[1].index("^") == place + 1
    assert tip in " ".join(caught.value.__notes__) + str(caught.value)


WORDS = st.sampled_from(
    [
        "type",
        "nick",
        "size",
        "t",
        "and",
        "or",
        "not",
        "(",
        ")",
        "==",
        "!=",
        "~",
        "in",
        "contains",
        "chat",
        '"x"',
        "1..5",
        "+5s",
        "malformed",
        "rtt",
        ">",
        ",",
        ".a.b",
        "&&",
        "!",
        "50ms",
        "'",
    ]
)


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_filter_or_a_usage_error(text):
    try:
        test = compile_filter(text)
    except UsageError:
        return
    for item in items():
        assert test(item) in (True, False)


def test_nesting_is_bounded():
    with pytest.raises(UsageError, match="nested too deeply"):
        compile_filter("(" * 500 + "malformed" + ")" * 500)
