"""Nicks that look alike: Unicode's table of confusable letters, as a library keeps it.

Apart from ``session.names`` because the table is read from a file; only ``serve --unicode-nicks``
needs it.
"""

from functools import cache

from confusable_homoglyphs.confusables import is_confusable

from chatctl.session.names import same_name


def look(nick: str) -> str:
    """Return *nick* without case, each letter replaced by the ASCII one it can be taken for."""
    return "".join(map(_ascii_twin, same_name(nick)))


@cache
def _ascii_twin(char: str) -> str:
    if char.isascii():
        return char
    for found in is_confusable(char, greedy=True) or ():
        for homoglyph in found["homoglyphs"]:
            if homoglyph["c"].isascii():
                twin: str = homoglyph["c"].casefold()
                return twin
    return char
