"""Terms and meanings side by side, whatever the width."""

from chatctl.tui.screen.glossary import lines

ROWS = [("F1", "keys and commands"), ("Ctrl-F", "find in the scrollback; Enter: the next older")]


def text(width):
    return [term + meaning for term, meaning in lines(ROWS, width)]


def test_what_is_wrapped_stays_under_itself():
    assert text(80) == [
        "  F1      keys and commands",
        "  Ctrl-F  find in the scrollback; Enter: the next older",
    ]
    assert text(36) == [
        "  F1      keys and commands",
        "  Ctrl-F  find in the scrollback;",
        "          Enter: the next older",
    ]


def test_meanings_stand_below_where_there_is_no_room_beside():
    assert text(30) == [
        "F1",
        "  keys and commands",
        "Ctrl-F",
        "  find in the scrollback;",
        "  Enter: the next older",
    ]


def test_no_width_is_too_small():
    assert all(lines(ROWS, width) for width in range(5))
