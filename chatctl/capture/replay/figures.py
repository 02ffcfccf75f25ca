"""The figures of a result, and assertions on them: ``p99(rtt)<50ms and count(type==error)==0``."""

import math
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chatctl.capture.replay.compare import Heard
from chatctl.capture.replay.result import Result
from chatctl.capture.replay.units import seconds_of
from chatctl.errors import UsageError

COUNTS = (
    "sent", "skipped", "received", "matched", "changed", "missing", "extra", "disordered",
    "lost", "malformed", "substituted", "seconds",
)  # fmt: skip
SERIES = ("rtt", "lag", "recorded")
MEASURES = ("min", "max", "mean", "p50", "p90", "p95", "p99")

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_CLAIM = re.compile(r"\s*([^<>=!]*?)\s*(<=|>=|==|!=|<|>)\s*([\w.+]+)\s*\Z")
_CALL = re.compile(r"(\w+)\s*\((.*)\)\Z", re.DOTALL)

Matcher = Callable[[str], Callable[[Heard], bool]]


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that *share* of *values* do not exceed; not a number where there are none.

    The nearest rank: always one of the values.
    """
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def series(result: Result, name: str) -> list[float]:
    """Return the seconds of ``rtt``, ``lag`` or ``recorded`` (the recording's rtt)."""
    if name == "lag":
        return result.lags
    place = 0 if name == "rtt" else 1
    return [pair[place] for pair in result.latencies]


def measure(result: Result, how: str, name: str) -> float:
    """Return one of ``MEASURES`` of a series; not a number where it is empty."""
    values = series(result, name)
    if not values:
        return math.nan
    if how == "mean":
        return sum(values) / len(values)
    if how in ("min", "max"):
        return min(values) if how == "min" else max(values)
    return quantile(values, int(how[1:]) / 100)


@dataclass(frozen=True, slots=True)
class Claim:
    """One comparison of an assertion.

    Attributes:
        text: as written.
        figure: reads the left side from a result.
        holds: compares it with the right side.
        limit: the right side.
    """

    text: str
    figure: Callable[[Result], float]
    holds: Callable[[float, float], bool]
    limit: float

    def check(self, result: Result) -> "Verdict":
        """Return whether it holds; a figure that does not exist holds nothing."""
        value = self.figure(result)
        return Verdict(self.text, value, not math.isnan(value) and self.holds(value, self.limit))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a claim holds, and the figure it is about."""

    text: str
    value: float
    holds: bool


def parse_assertion(text: str, matcher: Matcher) -> list[Claim]:
    """Return the claims of *text*, joined by ``and``.

    Args:
        text: what was written.
        matcher: makes a predicate of the filter in ``count(FILTER)``.

    Raises:
        UsageError: one of them cannot be understood.
    """
    return list(_claims(text, matcher))


def _claims(text: str, matcher: Matcher) -> Iterator[Claim]:
    for part in _split(text):
        found = _last_comparison(part)
        if found is None:
            raise UsageError(f"not an assertion: {part.strip()!r} (write p99(rtt)<50ms)")
        figure = _figure(found[0], matcher)
        yield Claim(part.strip(), figure, _COMPARISONS[found[1]], _number(found[2]))


def _split(text: str) -> list[str]:
    """Split at ``and`` outside of parentheses."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(r"[()]|\band\b", text):
        if found[0] == "and":
            if depth == 0:
                parts.append(text[start : found.start()])
                start = found.end()
        else:
            depth += 1 if found[0] == "(" else -1
    return [*parts, text[start:]]


def _last_comparison(text: str) -> tuple[str, str, str] | None:
    """Split at the comparison outside of parentheses: a filter inside may have its own."""
    close = text.rfind(")") + 1
    found = _CLAIM.match(text[close:])
    return found and ((text[:close] + found[1]).strip(), found[2], found[3])


def _figure(text: str, matcher: Matcher) -> Callable[[Result], float]:
    if text in COUNTS:
        return lambda result: float(getattr(result, text))
    call = _CALL.match(text)
    if call and call[1] == "count":
        matches = matcher(call[2])
        return lambda result: float(sum(map(matches, result.heard)))
    if call and call[1] in MEASURES and call[2].strip() in SERIES:
        how, name = call[1], call[2].strip()
        return lambda result: measure(result, how, name)
    raise UsageError(
        f"no such figure: {text!r} (there are {', '.join(COUNTS)}, count(FILTER),"
        f" and {', '.join(MEASURES)} of {', '.join(SERIES)})"
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return seconds_of(text)
