"""Emoji by name: every one takes two cells wherever it is drawn."""

import unicodedata

from rich.cells import cell_len

from chatctl.tui.emoji import NAMES, beginning
from chatctl.view.escape import escape


def test_each_is_one_wide_character_that_passes_unharmed():
    for name, sign in NAMES.items():
        assert len(sign) == 1, name
        assert cell_len(sign) == 2, name
        assert unicodedata.east_asian_width(sign) == "W", name
        assert escape(sign) == sign, name


def test_they_are_found_by_the_beginning_whatever_the_case():
    assert ("tada", "🎉") in beginning("TA")
    assert beginning("nothing") == []
