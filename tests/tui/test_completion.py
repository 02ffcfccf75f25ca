"""What Tab offers."""

import pytest

from chatctl.tui.completion import Completion, Sources, complete

NICKS = ["bob", "bobby", "carol"]


def beginning(words):
    return lambda begun: [word for word in words if word.startswith(begun)]


SOURCES = Sources(
    commands=beginning(["reconnect", "record", "msg", "help"]),
    nicks=beginning(NICKS),
    rooms=beginning(["lobby", "ops"]),
    takes=lambda name: {"msg": "nick", "join": "room", "help": "command", "theme": "theme"}.get(
        name, ""
    ),
    themes=beginning(["nord"]),
)


@pytest.mark.parametrize(
    ("line", "start", "words"),
    [
        ("/re", 0, ("/reconnect ", "/record ")),
        ("/msg bo", 5, ("bob ", "bobby ")),
        ("/msg bob ca", 9, ("carol ",)),
        ("/join o", 6, ("ops ",)),
        ("/theme ", 7, ("nord ",)),
        ("/help m", 6, ("msg ",)),
        ("bo", 0, ("bob: ", "bobby: ")),
        ("hi bo", 3, ("bob ", "bobby ")),
        ("hi @ca", 3, ("@carol ",)),
        ("hi ", 3, ()),
        ("xyz", 0, ()),
    ],
)
def test_complete(line, start, words):
    assert complete(line, SOURCES) == Completion(start, words)
