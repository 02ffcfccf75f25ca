"""Whether a stream gets colour. The choice lives in the environment, where Rich and Textual look.

``--color`` becomes ``NO_COLOR`` or ``FORCE_COLOR``, so everything in this process, and whatever
it starts, agrees on it. An empty variable is an unset one, as no-color.org has it.
"""

import os
from enum import StrEnum
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "1;31", "green": "1;32", "cyan": "1;36"}


class Color(StrEnum):
    """When output is coloured."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def choose(color: Color) -> None:
    """Make *color* the choice of this process."""
    if color is Color.AUTO:
        return
    chosen, other = ("FORCE_COLOR", "NO_COLOR")
    if color is Color.NEVER:
        chosen, other = other, chosen
    os.environ.pop(other, None)
    os.environ[chosen] = "1"


def colored(stream: TextIO | None) -> bool:
    """Return whether *stream* should be given colour."""
    if stream is None or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") not in {None, "", "dumb"}


def paint(text: str, style: str, *, color: bool) -> str:
    """Return *text* in *style* (bold, dim, red, green, cyan), or as it is without *color*."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if color else text
