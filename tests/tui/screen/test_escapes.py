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
