"""What a typed line means: words to say, a question to the server, something to do here. Pure.

``COMMANDS`` is the one table of slash commands: parsing, completion, ``/help`` and the docs are
made from it. A line that begins with ``/`` is never sent as words unless the slash is doubled.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chatctl.session.client.events import Saying
from chatctl.session.client.speaking import Question
from chatctl.suggesting import nearest
from chatctl.view.transcript import repeated
from chatctl.wire.packets import (
    LOBBY,
    AskHistory,
    AskRooms,
    AskWho,
    ChangeNick,
    Enter,
    Exit,
    Ping,
    SetTopic,
)


@dataclass(frozen=True, slots=True)
class Speak:
    """Say *text*, in *room* (``@nick`` for a direct message)."""

    text: str
    room: str
    how: Saying = Saying.CHAT


@dataclass(frozen=True, slots=True)
class Ask:
    """Put *question* to the server."""

    question: Question


@dataclass(frozen=True, slots=True)
class Do:
    """Do something here: *name* is a command's, *argument* what followed it."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Nothing was done; *text* says why, and what would have been right."""

    text: str


Intent = Speak | Ask | Do | Wrong
Meaning = Callable[[str, str], Intent]


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command.

    Attributes:
        name: as typed, without the slash.
        usage: its arguments; those in brackets may be missing.
        about: what it does, for people.
        means: makes an intent of the argument and the room in view.
        takes: what completes its first word: ``nick``, ``room``, ``theme``, ``command``,
            ``setting``, ``file`` or nothing.
        aliases: other names of it.
        screen: whether only the full screen can do it.
    """

    name: str
    usage: str
    about: str
    means: Meaning
    takes: str = ""
    aliases: tuple[str, ...] = ()
    screen: bool = False

    @property
    def line(self) -> str:
        """How it is typed: ``/msg NICK TEXT``."""
        return f"/{self.name} {self.usage}".rstrip()


def parse(line: str, room: str = LOBBY) -> Intent | None:
    """Return what *line*, typed while *room* was in view, means; None where it holds nothing."""
    if not line.strip():
        return None
    if not line.startswith("/"):
        return Speak(line, room)
    if line.startswith("//"):
        return Speak(line[1:], room)
    name, _, argument = line[1:].partition(" ")
    command = _BY_NAME.get(name.lower())
    if command is None:
        said = f"no command /{repeated(name)}{_resembling(name)}"
        return Wrong(f"{said}; //… says a line that begins with /")
    return command.means(argument.strip(), room)


def find(name: str) -> Command | None:
    """Return the command called *name*, with or without its slash."""
    return _BY_NAME.get(name.removeprefix("/").lower())


def beginning(begun: str) -> list[str]:
    """Return the names that begin with *begun*, for completion."""
    return [name for name in _BY_NAME if name.startswith(begun.lower())]


def takes(name: str) -> str:
    """Return what completes the first word after the command *name*."""
    command = find(name)
    return command.takes if command else ""


def about(name: str) -> str:
    """Return what the command *name* does, for people; nothing where there is none."""
    command = find(name)
    return command.about if command else ""


def help_rows(*, screen: bool) -> list[tuple[str, str]]:
    """Return (how it is typed, what it does) of each command that this front has."""
    return [(command.line, command.about) for command in COMMANDS if screen or not command.screen]


def _resembling(name: str) -> str:
    near = nearest(name, _BY_NAME)
    return f"; did you mean /{near}?" if near else " (see /help)"


# ---------------------------------------------------------------- what each of them means


def _act(argument: str, room: str) -> Intent:
    if not argument:
        return Wrong("/me wants to know what you do: /me waves")
    if room.startswith("@"):
        return Wrong("/me works in rooms, not in direct messages")
    return Speak(argument, room, Saying.ACTION)


def _tell(argument: str, room: str) -> Intent:  # noqa: ARG001 - every meaning has this shape
    nick, _, text = argument.partition(" ")
    if not text.strip():
        return Wrong("/msg wants a nick and words: /msg bob hello")
    return Speak(text.strip(), f"@{nick.removeprefix('@')}", Saying.DIRECT)


def _join(argument: str, room: str) -> Intent:  # noqa: ARG001 - every meaning has this shape
    if not argument:
        return Wrong("/join wants the name of a room: /join ops")
    return Ask(Enter(argument.removeprefix("#")))


def _part(argument: str, room: str) -> Intent:
    leaving = argument.removeprefix("#") or room
    if leaving.startswith("@"):
        return Do("close", leaving)
    return Ask(Exit(leaving))


def _who(argument: str, room: str) -> Intent:
    asked = argument.removeprefix("#") or room
    return Ask(AskWho("" if asked.startswith("@") or asked == LOBBY else asked))


def _nick(argument: str, room: str) -> Intent:  # noqa: ARG001 - every meaning has this shape
    return Ask(ChangeNick(argument)) if argument else Wrong("/nick wants a nick: /nick ally")


def _topic(argument: str, room: str) -> Intent:
    if room.startswith("@"):
        return Wrong("/topic works in rooms, not in direct messages")
    topic = None if not argument else "" if argument == "-" else argument
    return Ask(SetTopic("" if room == LOBBY else room, topic))


def _history(argument: str, room: str) -> Intent:
    if argument and not _is_count(argument):
        return Wrong("/history wants a number of messages, up to 1000: /history 50")
    return Ask(AskHistory("" if room == LOBBY else room, limit=int(argument or 20)))


def _copy(argument: str, room: str) -> Intent:  # noqa: ARG001 - every meaning has this shape
    if argument and not _is_count(argument):
        return Wrong("/copy wants a number of messages, up to 1000: /copy 3")
    return Do("copy", argument)


def _ping(argument: str, room: str) -> Intent:  # noqa: ARG001 - every meaning has this shape
    return Ask(Ping())


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) <= 1000


def _here(name: str, missing: str = "") -> Meaning:
    def means(argument: str, room: str) -> Intent:  # noqa: ARG001 - every meaning has this shape
        return Wrong(missing) if missing and not argument else Do(name, argument)

    return means


def _rooms(argument: str, room: str) -> Intent:  # noqa: ARG001 - every meaning has this shape
    return Ask(AskRooms(argument))


_REPLY = "/reply wants words: /reply yes"
_WHOIS = "/whois wants a nick: /whois bob"
_RECORD = "/record wants a file, or stop: /record chat.pcapng"
_SEARCH = "/search wants a text"
_SAVE = "/save wants a file: /save chat.jsonl"
_UNIGNORE = "/unignore wants a nick; /ignore alone lists them"

COMMANDS = (
    Command("help", "[COMMAND]", "show the commands, or one of them", _here("help"), "command"),
    Command(
        "quit",
        "[REASON]",
        "leave; others are told the reason, if the server can",
        _here("quit"),
        aliases=("q", "exit"),
    ),
    Command("reconnect", "", "try for a link at once, also when it is over", _here("reconnect")),
    Command("me", "TEXT", "say what you do: * alice waves", _act),
    Command("msg", "NICK TEXT", "tell one person", _tell, "nick", aliases=("dm", "tell")),
    Command("reply", "TEXT", "tell whoever told you something last", _here("reply", _REPLY)),
    Command("join", "ROOM", "enter a room, and look at it", _join, "room", aliases=("j",)),
    Command("part", "[ROOM]", "leave a room", _part, "room", aliases=("leave",)),
    Command("rooms", "[AFTER]", "list the rooms", _rooms, aliases=("list",)),
    Command("who", "[ROOM]", "list who is in a room", _who, "room", aliases=("names",)),
    Command(
        "whois",
        "NICK",
        "say what is known of somebody",
        _here("whois", _WHOIS),
        "nick",
        screen=True,
    ),
    Command("nick", "NICK", "be called something else", _nick),
    Command("topic", "[TEXT]", "show the topic, or set it; - clears it", _topic),
    Command("history", "[N]", "show the last N messages, by default 20", _history),
    Command("retry", "", "say again what was not delivered", _here("retry")),
    Command("ping", "", "ask the server for a sign of life", _ping),
    Command("status", "", "say how things stand", _here("status"), screen=True),
    Command("record", "FILE|stop", "record the link, or stop", _here("record", _RECORD), "file"),
    Command("mark", "TEXT", "mark this place of the recording", _here("mark")),
    Command("raw", "", "show the packets beside the chat, or stop", _here("raw")),
    Command("search", "TEXT", "find in the scrollback", _here("search", _SEARCH), screen=True),
    Command("copy", "[N]", "copy the last N messages, by the terminal", _copy, screen=True),
    Command(
        "save",
        "FILE",
        "save what is here, as JSON lines",
        _here("save", _SAVE),
        "file",
        screen=True,
    ),
    Command("ignore", "[NICK]", "show nothing of somebody", _here("ignore"), "nick", screen=True),
    Command(
        "unignore", "NICK", "show them again", _here("unignore", _UNIGNORE), "ignored", screen=True
    ),
    Command(
        "highlight",
        "[WORD]",
        "be called by a word; -WORD: no more",
        _here("highlight"),
        screen=True,
    ),
    Command("clear", "", "empty the screen", _here("clear"), screen=True),
    Command("theme", "[THEME]", "change the colours", _here("theme"), "theme", screen=True),
    Command(
        "set", "[NAME [VALUE]]", "show or change a setting", _here("set"), "setting", screen=True
    ),
    Command("keys", "", "show the keys", _here("keys"), screen=True),
)
_BY_NAME = {name: each for each in COMMANDS for name in (each.name, *each.aliases)}
