"""How the full screen looks and feels: the tables ``[ui]`` and ``[keys]`` of config.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from textual.theme import BUILTIN_THEMES

from chatctl.errors import UsageError
from chatctl.tui.screen.keys import keymap

THEME = "textual-dark"


@dataclass(frozen=True, slots=True)
class Looks:
    """What was chosen.

    Attributes:
        theme: one of Textual's, such as ``textual-dark``, ``textual-light``, ``nord``, ``gruvbox``.
        mouse: whether the mouse is ours; else the terminal selects text by itself.
        keys: action name to keys, see ``keys``.
    """

    theme: str = THEME
    mouse: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)


def looks(ui: Mapping[str, Any], chosen: Mapping[str, Any]) -> Looks:
    """Return the looks that *ui* and *chosen*, two tables of config.toml, ask for.

    Raises:
        UsageError: they ask for what there is not.
    """
    for name in ui:
        if name not in {"theme", "mouse"}:
            raise UsageError(f"[ui]: {name!r} means nothing; there are theme and mouse")
    theme, mouse = ui.get("theme", THEME), ui.get("mouse", True)
    if theme not in BUILTIN_THEMES:
        near = get_close_matches(str(theme), BUILTIN_THEMES, 1)
        tip = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(BUILTIN_THEMES)}"
        raise UsageError(f"[ui]: no theme {theme!r}{tip}")
    if not isinstance(mouse, bool):
        raise UsageError("[ui]: mouse is true or false")
    return Looks(theme, mouse, keymap(chosen))
