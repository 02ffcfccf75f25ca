"""The themes of the full screen, Textual's and two without colours, and the styles they give."""

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme
from textual.widget import Widget

from chatctl.tui.screen.drawing import Palette

MONO = "mono"
"""What the names of themes begin with in which nothing is told by colour, nicks least of all."""


def _mono(name: str, ink: str, shades: tuple[str, str, str], *, dark: bool) -> Theme:
    """Return a theme of *ink* on the *shades* of background, surface and panel."""
    inks = ("primary", "secondary", "accent", "warning", "error", "success")
    background, surface, panel = shades
    return Theme(
        name,
        primary=ink,
        secondary=ink,
        accent=ink,
        warning=ink,
        error=ink,
        success=ink,
        foreground=ink,
        background=background,
        surface=surface,
        panel=panel,
        dark=dark,
        variables={f"text-{each}": ink for each in inks},
    )


_OURS = (
    _mono("mono", "#d8d8d8", ("#101010", "#181818", "#2c2c2c"), dark=True),
    _mono("mono-light", "#181818", ("#ffffff", "#f4f4f4", "#e0e0e0"), dark=False),
)
THEMES: Mapping[str, Theme] = {**BUILTIN_THEMES, **{theme.name: theme for theme in _OURS}}


def is_mono(name: str) -> bool:
    """Say whether the theme *name* is one without colours."""
    return name.partition("-")[0] == MONO


def palette_of(widget: Widget) -> Palette:
    """Return the styles that the app's theme gives to *widget*."""
    base = widget.rich_style
    variables = widget.app.theme_variables

    def color(name: str) -> Style:
        return base + Style.from_color(Color.parse(variables[name]).rich_color)

    return Palette(
        dark=widget.app.current_theme.dark,
        mono=is_mono(widget.app.theme),
        base=base,
        dim=base + Style(dim=True),
        accent=color("text-accent") + Style(bold=True),
        trouble=color("text-error"),
        notice=color("text-primary"),
        own=base + Style(bold=True),
    )
