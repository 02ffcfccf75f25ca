"""[keys] of config.toml: what is taken, what is refused, and in which words."""

import pytest

from chatctl.errors import UsageError
from chatctl.tui.screen.keymap import keymap, named


@pytest.mark.parametrize(
    ("chosen", "made"),
    [
        ({}, {}),
        ({"find": "ctrl+f, f3"}, {"find": "ctrl+f,f3"}),
        ({"find": "ctrl+n", "next_room": "ctrl+f"}, {"find": "ctrl+n", "next_room": "ctrl+f"}),
        ({"find": ""}, {"find": ""}),
        ({"find": "alt+."}, {"find": "alt+full_stop"}),
        ({"find": "shift+ctrl+up"}, {"find": "ctrl+shift+up"}),
        ({"pause": "p", "faster": "?"}, {"pause": "p", "faster": "question_mark"}),
        ({"previous_mark": "shift+p"}, {"previous_mark": "shift+p,P"}),
        ({"put_away": "x"}, {"put_away": "x"}),
    ],
)
def test_what_is_chosen(chosen, made):
    assert keymap(chosen) == made


@pytest.mark.parametrize(
    ("chosen", "complaint"),
    [
        ({"fnd": "f3"}, "no action 'fnd'; did you mean 'find'?"),
        ({"xyzzy": "f3"}, "no action 'xyzzy'; docs/cli.md names them all"),
        ({"help": 3}, "help = 3 is not a key"),
        ({"page_up": "pgup"}, "page_up = 'pgup' is no key; did you mean 'pageup'?"),
        ({"find": "ctrl+PgUp"}, "find = 'ctrl+PgUp' is no key; did you mean 'ctrl+pageup'?"),
        ({"find": "Ctrl+F"}, "find = 'Ctrl+F' is no key; did you mean 'ctrl+f'?"),
        ({"find": "banana"}, "find = 'banana' is no key such as 'ctrl+f'"),
        ({"find": "hyper+x"}, "find = 'hyper+x' is no key"),
        ({"find": "ctrl+"}, "find = 'ctrl+' is no key"),
        ({"find": "f3,"}, "find = '' is no key"),
        ({"leave": "ctrl+i"}, "leave = 'ctrl+i' is what terminals send for 'tab'"),
        ({"find": "a"}, "find = 'a' could not be typed any more"),
        ({"find": "?"}, "find = '?' could not be typed"),
        ({"find": "shift+a"}, "find = 'shift+a' could not be typed"),
        ({"find_newer": "space"}, "find_newer = 'space' could not be typed"),
        ({"find": "backspace"}, "find = 'backspace' could not be typed"),
        ({"send": ""}, "send cannot be without a key"),
        (
            {"find": "ctrl+n"},
            "'ctrl+n' would do both 'next_room' and 'find'; next_room can have another key, or",
        ),
        ({"find": "f3", "raw": "f3"}, "'f3' would do both 'find' and 'raw'"),
        ({"find": "ctrl+r"}, "'ctrl+r' would do both 'recall' and 'find'"),
        ({"quit": "space"}, "'space' would do both 'pause' and 'quit' in a replay"),
        ({"find_newer": "ctrl+f"}, "'ctrl+f' would do both 'find_newer' and 'find' while finding"),
        ({"drop": "y"}, "'y' would do both 'paste' and 'drop' for a big paste"),
    ],
)
def test_what_is_refused(chosen, complaint):
    with pytest.raises(UsageError) as raised:
        keymap(chosen)
    assert str(raised.value).startswith(f"[keys]: {complaint}")


@pytest.mark.parametrize(
    ("character", "name"), [("a", "a"), ("?", "question_mark"), ("+", "plus"), ("-", "minus")]
)
def test_characters_have_the_names_that_textual_gives_them(character, name):
    assert named(character) == name
