"""[ui] and [keys] of config.toml."""

import pytest

from chatctl.errors import UsageError
from chatctl.tui.screen.looks import Looks, looks


def test_what_is_chosen_and_what_is_not():
    assert looks({}, {}) == Looks("textual-dark", True, {})
    chosen = looks({"theme": "nord", "mouse": False}, {"find": "f3"})
    assert chosen == Looks("nord", False, {"find": "f3"})


@pytest.mark.parametrize(
    ("ui", "keys", "complaint"),
    [
        ({"theme": "nrd"}, {}, "no theme 'nrd'; did you mean 'nord'?"),
        ({"theme": 3}, {}, "no theme 3; there are textual-dark"),
        ({"mouse": "no"}, {}, "mouse is true or false"),
        ({"colour": "red"}, {}, "'colour' means nothing"),
        ({}, {"fnd": "f3"}, "no action 'fnd'; 'find'?"),
    ],
)
def test_what_there_is_not_is_refused(ui, keys, complaint):
    with pytest.raises(UsageError, match=complaint):
        looks(ui, keys)
