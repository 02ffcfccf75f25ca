"""What may have been meant: the nearest name, else all of them."""

import pytest

from chatctl.errors import ErrorCode
from chatctl.suggesting import did_you_mean, nearest


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("nikc", ["server", "nick"], "nick"),
        ("NICK", ["server", "nick"], "nick"),
        ("ctrl+pgup", ["Ctrl+PageUp", "ctrl+f"], "Ctrl+PageUp"),
        ("xyzzy", ["server", "nick"], ""),
        ("", ["nick"], ""),
        ("nick", [], ""),
    ],
)
def test_the_nearest_is_what_resembles_it_whatever_its_capitals(word, known, meant):
    assert nearest(word, known) == meant


def test_what_was_meant_is_asked():
    assert did_you_mean("nikc", iter(["server", "nick"])) == "did you mean 'nick'?"
    assert did_you_mean("shutdwn", ErrorCode) == "did you mean 'shutdown'?"


def test_where_nothing_resembles_it_all_are_named():
    assert did_you_mean("xyzzy", iter(["server", "nick"])) == "there are server, nick"
    assert did_you_mean("xyzzy", []) == "there are none"


def test_a_caller_may_know_a_better_way_than_naming_all():
    assert did_you_mean("xyzzy", ["nick"], "see --help") == "see --help"
    assert did_you_mean("nikc", ["nick"], "see --help") == "did you mean 'nick'?"
