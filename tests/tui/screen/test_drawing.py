"""A row as lines of cells, at any width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from chatctl.tui.screen.drawing import Gutter, Palette, day_name, draw, draw_packet, rule
from chatctl.tui.screen.rows import Row
from chatctl.view.transcript import Tone

PLAIN = Palette(True, *[Style()] * 6)


def row(text, **more):
    made = {"at": 0, "day": 1, "clock": "18:33", "who": "carol", "tone": Tone.CHAT} | more
    return Row(text=text, **made)


def text(*arguments):
    return [strip.text for strip in draw(*arguments, again="Alt-R says it again")]


@pytest.mark.parametrize(
    ("made", "lines"),
    [
        (row("hi"), ["18:33          carol  │ hi"]),
        (row("hi", mention=True), ["18:33 ▌        carol  │ hi"]),
        (row("hi", own=True, state="pending"), ["18:33          carol… │ hi"]),
        (row("hi", own=True, state="pending", again=True), ["18:33          carol↻ │ hi"]),
        (row("hi", own=True, state="confirmed"), ["18:33          carol✓ │ hi"]),
        (row("hi", own=True, state="sent"), ["18:33          carol  │ hi"]),
        (row("a\nb"), ["18:33          carol  │ a", "                       │ b"]),
        (row("hi", who="x" * 20), ["18:33 xxxxxxxxxxxxx…  │ hi"]),
        (
            row("hi", own=True, state="failed", reason="no"),
            [
                "18:33          carol✗ │ hi",
                "                       │ not delivered: no · Alt-R says it again",
            ],
        ),
        (
            row("hi", own=True, state="failed", reason="too long", hopeless=True),
            ["18:33          carol✗ │ hi", "                       │ not delivered: too long"],
        ),
    ],
)
def test_row(made, lines):
    shown = [
        line.replace("18:33  ", "18:33 ", 1) if "▌" not in line else line
        for line in text(made, 80, PLAIN)
    ]
    assert [line.split() for line in shown] == [line.split() for line in lines]
    assert {line.index("│") for line in text(made, 80, PLAIN)} == {23}


def test_a_narrow_screen_has_no_columns():
    assert text(row("hello world"), 10, PLAIN) == ["carol: ", " hello ", " world"]


def test_a_narrow_screen_shows_no_words_of_a_peer_at_its_left_edge():
    lines = text(row("x\n*** bob has left\nwho: me"), 19, PLAIN)
    assert [line for line in lines if not line.startswith(" ")] == ["carol: x"]


def test_a_packet_is_an_arrow_and_octets_broken_behind_commas():
    made = row('{"type":"chat","message":"hello world","nick":"bob"}', who="←")
    assert [strip.text for strip in draw_packet(made, 24, PLAIN)] == [
        '← {"type":"chat",',
        '  "message":"hello ',
        '  world","nick":"bob"}',
    ]
    (line,) = [strip.text for strip in draw_packet(made, 80, PLAIN)]
    assert line.startswith('18:33 ← {"type"')


def test_what_is_missing_is_a_line_across():
    (line,) = text(row("14 messages missing", across=True), 40, PLAIN)
    assert line == "───────── 14 messages missing ──────────"


@given(st.text("ab 日👍\n", max_size=80), st.integers(1, 200))
def test_any_width_loses_no_words(words, width):
    lines = text(row(words), width, PLAIN)
    if Gutter.of(width).who:
        assert "".join(line.partition("│ ")[2] for line in lines) == words.replace("\n", "")


@pytest.mark.parametrize(("found", "how"), [(True, "reverse"), (False, "underline")])
@pytest.mark.parametrize("width", [80, 19])
def test_what_is_looked_for_is_shown_and_the_row_found_last_otherwise(width, found, how):
    def lit(row, how):
        strips = draw(row, width, PLAIN, "needle", found=found)
        return [s.text for strip in strips for s in strip if s.style and getattr(s.style, how)]

    other = {"reverse": "underline", "underline": "reverse"}[how]
    made = row("a Needle!", who="needles")
    assert lit(made, how) == ["needle", "Needle"]
    assert lit(made, other) == []


@pytest.mark.parametrize("width", [0, 1, 5, 80])
def test_a_rule_is_never_wider_than_the_screen_can_show(width):
    assert rule("new", width, Style()).cell_length <= max(width, 5)


def test_a_day_in_words():
    assert day_name(739942) == "Sunday 22 November 2026"


def test_a_nick_has_its_colour_for_good():
    assert PLAIN.nick("bob") == PLAIN.nick("BOB") != PLAIN.nick("carol")
