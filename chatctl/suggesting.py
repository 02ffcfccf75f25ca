"""What somebody may have meant who wrote a name that nothing is called by. Pure."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the one of *known* that most resembles *word*, capitals aside; none: nothing."""
    spelled = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), spelled, 1)
    return spelled[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return ``did you mean 'nick'?`` for *word*, if one of *known* resembles it.

    Else it is *otherwise*, by default all that there are.
    """
    names = [str(name) for name in known]  # an enum's member is shown as what it spells
    if near := nearest(word, names):
        return f"did you mean {near!r}?"
    return otherwise or f"there are {', '.join(names) or 'none'}"
