"""Durations and moments as people write them: ``250ms``, ``+5s``, ``1m30s``."""

import re

from chatctl.errors import UsageError

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|min|m|h)?")


def seconds_of(text: str) -> float:
    """Return the seconds that *text* spells; a number without a unit is seconds.

    Raises:
        UsageError: it spells none.
    """
    rest = text.strip().removeprefix("+")
    seconds, place = 0.0, 0
    while found := _PART.match(rest, place):
        seconds += float(found[1]) * _UNITS[found[2] or "s"]
        place = found.end()
    if not rest or place != len(rest):
        raise UsageError(f"not a duration: {text!r} (write 250ms, 1.5s or 2m30s)")
    return seconds
