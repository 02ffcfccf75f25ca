"""The table of keys: sound in itself, and free of keys that terminals keep for themselves."""

import pytest

from chatctl.tui.screen import keys
from chatctl.tui.screen.composer import Composer
from chatctl.tui.screen.dialogs import Bare, Find, Help, PasteGuard
from chatctl.tui.screen.talking import Talking
from chatctl.tui.screen.watching import Watching

FORBIDDEN = {"ctrl+s", "ctrl+q", "ctrl+m", "ctrl+i", "ctrl+left_square_bracket", "ctrl+b"}


def of(actions):
    return [key for action in actions for key in action.keys.split(",")]


def test_no_key_is_the_terminals_own():
    assert not FORBIDDEN & set(of(keys.ALL.values()))


@pytest.mark.parametrize(
    ("holder", "actions"),
    [
        (Composer, keys.COMPOSER),
        (Talking, keys.SCREEN),
        (Watching, (*keys.MOVING, *keys.REPLAY)),
        (Find, (*keys.FIND, keys.ALL["find"])),
        (Help, (keys.ALL["put_away"], keys.ALL["help"])),
        (Bare, (keys.ALL["put_away"], keys.ALL["bare"])),
        (PasteGuard, (keys.ALL["paste"], keys.ALL["drop"])),
    ],
)
def test_every_action_has_its_method(holder, actions):
    for action in actions:
        assert callable(getattr(holder, f"action_{action.name}")), action.name


def test_names_are_there_once():
    named = [action.name for actions in keys.GROUPS.values() for action in actions]
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
    assert ("no key", "keys and commands") in keys.table({"help": ""}, keys.SCREEN)


def test_the_rooms_stand_in_one_row_while_their_keys_are_the_usual_ones():
    usual = [shown for shown, _ in keys.table({}, keys.SCREEN)]
    assert "Alt-1 … Alt-9" in usual
    assert "Alt-2" not in usual
    assert "Alt-2" in [shown for shown, _ in keys.table({"room_3": "f3"}, keys.SCREEN)]


def test_a_label_is_the_first_key_or_what_is_there_instead():
    assert keys.label("newline", {}) == "Alt-Enter"
    assert keys.label("again", {"again": "f5,alt+r"}, "/retry") == "F5"
    assert keys.label("again", {"again": ""}, "/retry") == "/retry"


def test_an_action_without_keys_is_done_by_none():
    class Holder:
        def action_find(self):
            return "found"

    find = [keys.ALL["find"]]
    assert keys.deeds(Holder(), find, {"find": ""}) == {}
    assert keys.deeds(Holder(), find, {"find": "f3"})["f3"]() == "found"
