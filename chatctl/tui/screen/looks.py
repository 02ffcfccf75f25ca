"""How the full screen looks and feels: ``[ui]`` and ``[keys]`` of config.toml, and ``/set``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chatctl.errors import UsageError
from chatctl.suggesting import did_you_mean
from chatctl.tui.screen.keymap import keymap
from chatctl.tui.screen.outside import CALLS
from chatctl.tui.screen.scrollback import MOST
from chatctl.tui.screen.themes import THEMES

THEME = "textual-dark"
_Check = Callable[[str, object], object]
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Looks:
    """What was chosen.

    Attributes:
        theme: one of ``THEMES``, such as ``textual-dark``, ``textual-light``, ``nord``, ``mono``.
        mouse: whether the mouse is ours; else the terminal selects text by itself.
        title: whether the window is called after the room.
        notify: how a mention calls somebody who looks elsewhere, one of ``CALLS``.
        remember: whether what was written can be had again next time.
        scrollback: rows kept of each room.
        frames: how often a second the screen is drawn, at most.
        highlight: words that call the person as their nick does.
        keys: action name to keys, see ``keys``.
    """

    theme: str = THEME
    mouse: bool = True
    title: bool = True
    notify: str = "bell"
    remember: bool = True
    scrollback: int = MOST
    frames: int = 20
    highlight: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """One of ``SETTINGS``.

    Attributes:
        check: makes its value of its name and of what was written.
        about: what it is, for people.
        values: what it can be, where there are few.
    """

    check: _Check
    about: str
    values: tuple[str, ...] = ()


def looks(ui: Mapping[str, Any], chosen: Mapping[str, Any]) -> Looks:
    """Return the looks that *ui* and *chosen*, two tables of config.toml, ask for.

    Raises:
        UsageError: they ask for what there is not.
    """
    made = Looks(keys=keymap(chosen))
    for name, value in ui.items():
        try:
            made = changed(made, name, value)
        except UsageError as error:
            raise UsageError(f"[ui]: {error}") from None
    return made


def changed(before: Looks, name: str, value: object) -> Looks:
    """Return *before* with the setting *name* made *value*, which may be its text.

    Raises:
        UsageError: there is no such setting, or it cannot be that.
    """
    check_name(name)
    made: Any = SETTINGS[name].check(name, value)
    return replace(before, **{name: made})


def check_name(name: str) -> None:
    """Raise UsageError, with what resembles it, where *name* is no setting."""
    if name not in SETTINGS:
        raise UsageError(f"{name!r} means nothing; {did_you_mean(name, SETTINGS)}")


def told(made: Looks) -> list[tuple[str, str]]:
    """Return (setting and its value, what it is) of every setting, for people."""
    return [
        (f"{name} = {_spelled(getattr(made, name))}", setting.about)
        for name, setting in SETTINGS.items()
    ]


def table() -> list[tuple[str, str]]:
    """Return (usual value as a line of TOML, what it is) of every setting."""
    usual = Looks()
    return [(f"{n} = {_as_toml(getattr(usual, n))}", s.about) for n, s in SETTINGS.items()]


def _as_toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return str(list(value))
    return f'"{value}"' if isinstance(value, str) else str(value)


def _spelled(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _theme(_: str, value: object) -> str:
    if value in THEMES:
        return str(value)
    raise UsageError(f"no theme {value!r}; {did_you_mean(str(value), THEMES)}")


def _flag(name: str, value: object) -> bool:
    found = _FLAGS.get(str(value).lower())
    if found is None:
        raise UsageError(f"{name} is true or false")
    return found


def _call(name: str, value: object) -> str:
    if value not in CALLS:
        raise UsageError(f"{name} is one of {', '.join(CALLS)}")
    return str(value)


def _number(low: int, high: int) -> _Check:
    def check(name: str, value: object) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise UsageError(f"{name} is a number from {low} to {high:,}")
        return int(text)

    return check


def _words(name: str, value: object) -> tuple[str, ...]:
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
        raise UsageError(f"{name} is a list of words")
    return tuple(words)


_SWITCH = ("on", "off")
SETTINGS = {
    "theme": Setting(
        _theme, "its colours: textual-dark, textual-light, nord, mono, mono-light, …", tuple(THEMES)
    ),
    "mouse": Setting(
        _flag, "whether the mouse scrolls and picks here, or selects as always", _SWITCH
    ),
    "title": Setting(
        _flag, "whether the window is called after the room, with what is unread", _SWITCH
    ),
    "notify": Setting(_call, f"how a mention elsewhere calls you: {', '.join(CALLS)}", CALLS),
    "remember": Setting(_flag, "whether what you wrote can be had again next time", _SWITCH),
    "scrollback": Setting(_number(100, 1_000_000), "rows kept of each room, at least"),
    "frames": Setting(_number(1, 60), "how often a second it is drawn, at most"),
    "highlight": Setting(_words, "words that call you as your nick does"),
}
"""Every setting by its name in ``[ui]``."""
