"""Figures and assertions on them; durations."""

import math

import pytest

from chatctl.capture.replay.compare import Heard
from chatctl.capture.replay.figures import measure, parse_assertion, quantile
from chatctl.capture.replay.result import Result
from chatctl.capture.replay.units import seconds_of
from chatctl.errors import UsageError


def matcher(text):
    kind = text.removeprefix("type==")
    return lambda packet: packet.type == kind


RESULT = Result(
    seconds=2.0,
    lags=[0.001, 0.002, 0.003],
    latencies=[(0.010, 0.02), (0.030, 0.02), (0.050, 0.02)],
    heard=[Heard(b"", {"type": "error"}), Heard(b"", {"type": "chat"})],
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("p99(rtt)<50ms", [False]),
        ("p99(rtt) <= 50ms", [True]),
        ("p50(rtt)==30ms", [True]),
        ("mean(rtt)<0.031 and max(lag)<5ms", [True, True]),
        ("min(recorded)>=20ms", [True]),
        ("count(type==error)==0", [False]),
        ("count(type==error)==1 and count(type==chat)!=0", [True, True]),
        ("seconds<1", [False]),
        ("missing==0 and extra == 0", [True, True]),
    ],
)
def test_assertions(text, holds):
    assert [claim.check(RESULT).holds for claim in parse_assertion(text, matcher)] == holds


def test_a_figure_that_does_not_exist_holds_nothing():
    [claim] = parse_assertion("p99(rtt)<50ms", matcher)

    verdict = claim.check(Result())

    assert not verdict.holds
    assert math.isnan(verdict.value)


@pytest.mark.parametrize(
    "text", ["", "rtt", "p99(rtt)", "p99(rtt)<", "p98(rtt)<1", "p99(x)<1", "sent<many", "boo==1"]
)
def test_what_is_no_assertion(text):
    with pytest.raises(UsageError):
        parse_assertion(text, matcher)


@pytest.mark.parametrize(
    ("share", "value"), [(0.5, 2), (0.99, 4), (0.25, 1), (0.26, 2), (0.0, 1), (1.0, 4)]
)
def test_quantiles_are_values_that_were_measured(share, value):
    assert quantile([4, 1, 3, 2], share) == value


def test_measures_of_nothing():
    assert math.isnan(measure(Result(), "max", "lag"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("5", 5), ("+5s", 5), ("1m30s", 90), ("1.5h", 5400), ("2min", 120)],
)
def test_durations(text, seconds):
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "s", "5 s", "-1s", "1x", "1s2"[:2] + "z"])
def test_what_is_no_duration(text):
    with pytest.raises(UsageError, match="not a duration"):
        seconds_of(text)
