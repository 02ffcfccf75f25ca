"""The table of keys: sound in itself, and free of keys that terminals keep for themselves."""

import pytest

from chatctl.tui.screen import keys
from chatctl.tui.screen.composer import Composer
from chatctl.tui.screen.talking import Talking
from chatctl.tui.screen.watching import Watching

FORBIDDEN = {"ctrl+s", "ctrl+q", "ctrl+m", "ctrl+i", "ctrl+left_square_bracket", "ctrl+b"}


def of(actions):
    return [key for action in actions for key in action.keys.split(",")]


@pytest.mark.parametrize("actions", [(*keys.COMPOSER, *keys.SCREEN), keys.REPLAY])
def test_no_key_does_two_things_and_none_is_the_terminals_own(actions):
    assert len(of(actions)) == len(set(of(actions)))
    assert not FORBIDDEN & set(of(actions))


@pytest.mark.parametrize(
    ("holder", "actions"),
    [(Composer, keys.COMPOSER), (Talking, keys.SCREEN), (Watching, keys.REPLAY)],
)
def test_every_action_has_its_method(holder, actions):
    for action in actions:
        assert callable(getattr(holder, f"action_{action.name}")), action.name


def test_names_are_there_once():
    named = [action.name for action in (*keys.COMPOSER, *keys.SCREEN, *keys.REPLAY)]
    assert len(named) == len(set(named))


@pytest.mark.parametrize(
    ("spelling", "shown"),
    [
        ("alt+enter,ctrl+j", "Alt-Enter, Ctrl-J"),
        ("shift+pageup", "Shift-PageUp"),
        ("ctrl+underscore", "Ctrl-_"),
        ("f1", "F1"),
        ("m", "M"),
        ("shift+m,M", "Shift-M"),
    ],
)
def test_keys_for_people(spelling, shown):
    assert keys.spelled(spelling) == shown


def test_other_keys_are_shown_where_they_are_chosen():
    assert ("F2", "keys and commands") in keys.table({"help": "f2"}, keys.SCREEN)
