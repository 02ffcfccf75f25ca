"""What Tab offers."""

import pytest

from chatctl.tui.completion import Completion, Sources, complete

NICKS = ["bob", "bobby", "carol"]


def beginning(words):
    return lambda begun: [word for word in words if word.startswith(begun)]


TAKES = {"msg": "nick", "join": "room", "help": "command", "theme": "theme", "save": "file"}
TAKES |= {"set": "setting"}
SOURCES = Sources(
    commands=beginning(["reconnect", "record", "msg", "help"]),
    nicks=beginning(NICKS),
    takes=lambda name: TAKES.get(name, ""),
    about=lambda name: f"does {name}",
    others={
        "room": beginning(["lobby", "ops"]),
        "theme": beginning(["nord"]),
        "setting": beginning(["theme", "title"]),
        "setting theme": beginning(["nord", "mono"]),
        "file": beginning(["docs/", "data.txt"]),
    },
)


@pytest.mark.parametrize(
    ("line", "start", "words"),
    [
        ("/msg bo", 5, ("bob ", "bobby ")),
        ("/msg bob ca", 9, ("carol ",)),
        ("/join o", 6, ("ops ",)),
        ("/join #o", 6, ("#ops ",)),
        ("/theme ", 7, ("nord ",)),
        ("/set t", 5, ("theme ", "title ")),
        ("/set theme ", 11, ("nord ", "mono ")),
        ("/set theme m", 11, ("mono ",)),
        ("/set title bo", 11, ("bob ", "bobby ")),
        ("/ bo", 2, ("bob ", "bobby ")),
        ("/help m", 6, ("msg ",)),
        ("/save d", 6, ("docs/", "data.txt ")),
        ("bo", 0, ("bob: ", "bobby: ")),
        ("hi bo", 3, ("bob ", "bobby ")),
        ("hi @ca", 3, ("@carol ",)),
        ("hi ", 3, ()),
        ("xyz", 0, ()),
        (":", 0, ()),
    ],
)
def test_complete(line, start, words):
    assert complete(line, SOURCES) == Completion(start, words)


def test_commands_are_offered_with_what_they_do():
    offered = complete("/re", SOURCES)
    assert offered.words == ("/reconnect ", "/record ")
    assert offered.notes == ("does reconnect", "does record")


@pytest.mark.parametrize("line", ["hi :tad", "hi :tada:"])
def test_an_emoji_by_its_name(line):
    assert complete(line, SOURCES) == Completion(3, ("🎉 ",), (":tada:",))


def test_the_shortest_name_is_the_likeliest():
    assert complete(":smi", SOURCES).notes[:2] == (":smile:", ":smirk:")
