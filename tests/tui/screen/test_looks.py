"""[ui] and [keys] of config.toml."""

import tomllib

import pytest

from chatctl.errors import UsageError
from chatctl.tui.screen.looks import SETTINGS, Looks, changed, looks, table, told


def test_what_is_chosen_and_what_is_not():
    assert looks({}, {}) == Looks()
    everything = {
        "theme": "nord",
        "mouse": False,
        "title": False,
        "notify": "osc777",
        "remember": False,
        "scrollback": 500,
        "frames": 10,
        "highlight": ["release", "ops"],
    }
    assert set(everything) == set(SETTINGS)
    keys = {"find": "f3"}
    words = ("release", "ops")
    assert looks(everything, keys) == Looks(
        "nord", False, False, "osc777", False, 500, 10, words, keys
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("theme", "nord", "nord"),
        ("mouse", "off", False),
        ("title", "YES", True),
        ("notify", "none", "none"),
        ("frames", "5", 5),
        ("highlight", "release ops", ("release", "ops")),
    ],
)
def test_a_setting_is_changed_by_its_text(name, text, value):
    assert getattr(changed(Looks(), name, text), name) == value


def test_settings_are_told_for_people():
    rows = told(Looks(highlight=("a", "b")))
    assert rows[0][1] == "its colours: textual-dark, textual-light, nord, mono, mono-light, …"
    assert [line for line, _ in rows] == [
        "theme = textual-dark",
        "mouse = on",
        "title = on",
        "notify = bell",
        "remember = on",
        "scrollback = 100000",
        "frames = 20",
        "highlight = a b",
    ]


def test_the_table_for_the_docs_is_toml_that_changes_nothing():
    text = "\n".join(line for line, _ in table())
    assert looks(tomllib.loads(text), {}) == Looks()


def test_what_is_offered_for_a_setting_is_taken():
    for name, setting in SETTINGS.items():
        for value in setting.values:
            assert changed(Looks(), name, value) is not None


@pytest.mark.parametrize(
    ("ui", "keys", "complaint"),
    [
        ({"theme": "nrd"}, {}, "no theme 'nrd'; did you mean 'nord'?"),
        ({"theme": 3}, {}, "no theme 3; there are textual-dark"),
        ({"mouse": "maybe"}, {}, "mouse is true or false"),
        ({"notify": "shout"}, {}, "notify is one of none, bell, osc9, osc777"),
        ({"frames": 0}, {}, "frames is a number from 1 to 60"),
        ({"frames": True}, {}, "frames is a number from 1 to 60"),
        ({"scrollback": "many"}, {}, "scrollback is a number from 100 to 1,000,000"),
        ({"highlight": 3}, {}, "highlight is a list of words"),
        ({"colour": "red"}, {}, "'colour' means nothing"),
        ({}, {"fnd": "f3"}, "no action 'fnd'; did you mean 'find'"),
    ],
)
def test_what_there_is_not_is_refused(ui, keys, complaint):
    with pytest.raises(UsageError, match=complaint):
        looks(ui, keys)
