"""What a plain terminal sends for a key is that key."""

import pytest
from textual._xterm_parser import XTermParser

from chatctl.tui.screen.escapes import teach


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b1", "alt+1"),
        ("\x1b9", "alt+9"),
        ("\x1b\r", "alt+enter"),
        ("\n", "ctrl+j"),
        ("\x1ba", "alt+a"),
        ("\x1bb", "alt+b"),
        ("\x1b.", "alt+full_stop"),
        ("\x1b<", "alt+less_than_sign"),
        ("\x1bA", "alt+A"),
        ("\x1bx", "alt+x"),
        ("\x1b ", "alt+space"),
        ("\x1b[3;3~", "alt+delete"),
        ("\x1b[1;3C", "alt+right"),
        ("\x1b[1;3A", "alt+up"),
        ("\x1b[5;3~", "alt+pageup"),
        ("\x1b[6;3~", "alt+pagedown"),
        ("\x1b[5;5~", "ctrl+pageup"),
        ("\r", "enter"),
        ("¡", "inverted_exclamation_mark"),
        ("\x1bOP", "f1"),
    ],
)
def test_key(sent, key):
    teach()
    parser = XTermParser()
    keys = [*parser.feed(sent), *parser.feed("")]
    assert [event.key for event in keys] == [key]


def test_keys_that_come_at_once_are_told_apart():
    teach()
    parser = XTermParser()
    keys = [*parser.feed("\x1ba\x1ba\x1b2x\x1b[18~"), *parser.feed("")]
    assert [event.key for event in keys] == ["alt+a", "alt+a", "alt+2", "x", "f7"]
