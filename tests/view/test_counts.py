"""How many of what."""

import pytest

from chatctl.view.counts import count_of


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (1, ["packet"], "1 packet"),
        (0, ["packet"], "0 packets"),
        (1204, ["packet"], "1,204 packets"),
        (1, ["entry", "entries"], "1 entry"),
        (2, ["entry", "entries"], "2 entries"),
    ],
)
def test_one_is_one_of_them(number, words, said):
    assert count_of(number, *words) == said
