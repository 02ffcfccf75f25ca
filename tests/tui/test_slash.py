import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.session.client.events import Saying
from chatctl.tui import slash
from chatctl.tui.slash import Ask, Do, Speak, Wrong, parse
from chatctl.wire.packets import (
    AskHistory,
    AskRooms,
    AskWho,
    ChangeNick,
    Enter,
    Exit,
    SetTopic,
)

MEANT = {
    "hello": Speak("hello", "lobby"),
    "  hello": Speak("  hello", "lobby"),
    "//etc/passwd": Speak("/etc/passwd", "lobby"),
    "/me waves": Speak("waves", "lobby", Saying.ACTION),
    "/msg bob how are you": Speak("how are you", "@bob", Saying.DIRECT),
    "/msg @bob hi": Speak("hi", "@bob", Saying.DIRECT),
    "/q": Do("quit"),
    "/QUIT": Do("quit"),
    "/exit now": Do("quit", "now"),
    "/join #ops": Ask(Enter("ops")),
    "/part": Ask(Exit("lobby")),
    "/part ops": Ask(Exit("ops")),
    "/rooms": Ask(AskRooms()),
    "/who": Ask(AskWho()),
    "/who ops": Ask(AskWho("ops")),
    "/nick ally": Ask(ChangeNick("ally")),
    "/topic": Ask(SetTopic()),
    "/topic release on friday": Ask(SetTopic(topic="release on friday")),
    "/topic -": Ask(SetTopic(topic="")),
    "/history": Ask(AskHistory(limit=20)),
    "/history 50": Ask(AskHistory(limit=50)),
    "/record chat.pcapng": Do("record", "chat.pcapng"),
    "/mark here": Do("mark", "here"),
    "/raw": Do("raw"),
    "/help msg": Do("help", "msg"),
}
WRONG = ["/me", "/msg", "/msg bob", "/msg bob  ", "/join", "/nick", "/history x", "/history 0"]
WRONG += ["/history ²", "/record", "/", "/ hello", "/nonsense", "/etc/passwd"]


@pytest.mark.parametrize(("line", "intent"), MEANT.items())
def test_means(line, intent):
    assert parse(line) == intent


@pytest.mark.parametrize("line", WRONG)
def test_wrong(line):
    assert isinstance(parse(line), Wrong)


@pytest.mark.parametrize("line", ["", " ", "\t"])
def test_nothing(line):
    assert parse(line) is None


def test_an_unknown_command_is_told_with_what_resembles_it():
    assert "did you mean /nick?" in parse("/nickk").text


def test_of_a_long_line_that_is_no_command_the_beginning_is_repeated():
    text = parse("/" + "n" * 5000).text
    assert text.startswith(f"no command /{'n' * 80}… (5,000 characters) (see /help)")


def test_the_room_in_view_is_meant():
    assert parse("hi", "ops") == Speak("hi", "ops")
    assert parse("/topic x", "ops") == Ask(SetTopic("ops", "x"))
    assert parse("/part", "@bob") == Do("close", "@bob")
    assert isinstance(parse("/me waves", "@bob"), Wrong)


@given(st.text(max_size=20).filter(lambda rest: not rest.startswith("/")))
def test_a_line_that_begins_with_a_slash_is_never_said_as_it_is(rest):
    intent = parse(f"/{rest}")
    assert not (isinstance(intent, Speak) and intent.text.startswith("/") and "/" not in rest)


def test_every_command_can_be_found_completed_and_helped():
    for command in slash.COMMANDS:
        assert slash.find(f"/{command.name}") is command
        assert command.name in slash.beginning(command.name[:2])
        assert (command.line, command.about) in slash.help_rows(screen=True)
    names = [name for command in slash.COMMANDS for name in (command.name, *command.aliases)]
    assert len(names) == len(set(names))
    assert slash.takes("msg") == "nick"
