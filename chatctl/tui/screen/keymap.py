"""What ``[keys]`` of config.toml says, checked: real keys, each for one thing. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from chatctl.errors import UsageError
from chatctl.suggesting import did_you_mean, nearest
from chatctl.tui.screen import keys
from chatctl.tui.screen.keys import ALL, Action, keys_of

_ELSE = "docs/cli.md names them all"
MODIFIERS = ("alt", "ctrl", "shift", "super")
NEEDED = frozenset({"send", "find_stop", "put_away", "drop", "quit"})
"""Actions without which somebody would be stuck."""

TYPING = frozenset(action.name for action in (*keys.COMPOSER, *keys.SCREEN, *keys.FIND))
"""Actions whose keys are looked at while somebody writes."""

_TOGETHER = {
    "": (*keys.COMPOSER, *keys.SCREEN),
    " in a replay": (*keys.MOVING, *keys.REPLAY),
    " while finding": (*keys.FIND, ALL["find"]),
    " for a big paste": (ALL["paste"], ALL["drop"]),
}
"""Actions whose keys mean something at the same time, by what is said of that."""

_SENT_AS = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
    "ctrl+h": "backspace",
}


def named(character: str) -> str:
    """Return what Textual calls the key of *character*: itself, or ``question_mark``."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


_EDITING = frozenset({"backspace", "delete", "left", "right"})
_SIGNS = frozenset(named(chr(code)) for code in range(0x20, 0x7F) if not chr(code).isalnum())
_NAMED = {key.value.split("+")[-1] for key in Keys}
_OTHERS = frozenset(name for name in _NAMED if len(name) > 1 and name.isalnum()) - {"return"}


def keymap(chosen: Mapping[str, Any]) -> dict[str, str]:
    """Return what ``[keys]`` says, checked, every key under its one name.

    Raises:
        UsageError: it names no action of ours or no key, or gives a key two things to do.
    """
    made = {name: ",".join(_keys(name, value)) for name, value in chosen.items()}
    for where, actions in _TOGETHER.items():
        _refuse_doubles(made, actions, where)
    return made


def _keys(name: str, value: object) -> Iterator[str]:
    if name not in ALL:
        raise UsageError(f"[keys]: no action {name!r}; {did_you_mean(name, ALL, _ELSE)}")
    if not isinstance(value, str):
        raise UsageError(f"[keys]: {name} = {value!r} is not a key such as 'ctrl+f' or 'f3'")
    if not value.strip():
        if name in NEEDED:
            raise UsageError(f"[keys]: {name} cannot be without a key")
        return
    for key in value.split(","):
        yield from _forms(name, key.strip())


def _forms(name: str, written: str) -> Iterator[str]:
    """Yield the names under which the key *written* may come, for the action *name*."""
    *modifiers, key = written.split("+") if written != "+" else ["+"]
    key = named(key) if len(key) == 1 else key
    form = "+".join([*sorted(modifiers), key])
    if not (_is_key(key) and set(modifiers) <= set(MODIFIERS)):
        raise UsageError(f"[keys]: {name} = {written!r} is no key{_meant(modifiers, key)}")
    if form in _SENT_AS:
        sent = _SENT_AS[form]
        raise UsageError(f"[keys]: {name} = {written!r} is what terminals send for {sent!r}")
    typed = set(modifiers) <= {"shift"} and (len(key) == 1 or key in _SIGNS)
    typed |= form in _EDITING
    if typed and name in TYPING:
        raise UsageError(f"[keys]: {name} = {written!r} could not be typed any more")
    yield form
    if modifiers == ["shift"] and len(key) == 1 and key.isalpha():
        yield key.upper()  # as most terminals send it


def _is_key(name: str) -> bool:
    return (len(name) == 1 and name.isalnum()) or name in _SIGNS or name in _OTHERS


def _meant(modifiers: Iterable[str], name: str) -> str:
    """Return ``; did you mean 'ctrl+pageup'?`` or, where nothing resembles it, examples."""
    found = [_nearest(m.lower(), MODIFIERS) for m in modifiers]
    found.append(_nearest(name.lower(), [*_OTHERS, *_SIGNS]))
    if not all(found):
        return " such as 'ctrl+f', 'alt+n', 'pageup' or 'f3'"
    return f"; did you mean {'+'.join(found)!r}?"


def _nearest(word: str, known: Iterable[str]) -> str:
    if len(word) == 1 and word.isalnum():
        return word
    return nearest(word, known)


def _refuse_doubles(chosen: Mapping[str, str], actions: Iterable[Action], where: str) -> None:
    """Raise UsageError where a key does two of *actions*."""
    taken: dict[str, str] = {}
    for action in actions:
        for key in keys_of(action.name, chosen):
            if key in taken:
                first, second = taken[key], action.name
                tip = f'; {first if second in chosen else second} can have another key, or ""'
                raise UsageError(
                    f"[keys]: {key!r} would do both {first!r} and {second!r}{where}{tip}"
                )
            taken[key] = action.name
