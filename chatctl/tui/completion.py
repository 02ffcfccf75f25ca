"""What Tab offers, given what is written. Pure.

/re⇥            /reconnect, …       a command at the start of a line
/msg bo⇥        bob                 a command's argument, by what it takes
bo⇥             bob:                a nick; at the start of a line with a colon
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Candidates = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where completions come from; each takes the beginning of a word.

    Attributes:
        commands: slash commands, without the slash.
        nicks: who is here, who spoke last first.
        rooms: the rooms we know of.
        takes: what the first argument of a command is: ``nick``, ``room``, ``theme`` or nothing.
        themes: the looks there are.
    """

    commands: Candidates
    nicks: Candidates
    rooms: Candidates
    takes: Callable[[str], str]
    themes: Candidates


@dataclass(frozen=True, slots=True)
class Completion:
    """A choice of words for the place before the caret.

    Attributes:
        start: where in the line the word begins that is being completed.
        words: what it may become, the likeliest first, each with what follows it.
    """

    start: int
    words: tuple[str, ...]


def complete(line: str, sources: Sources) -> Completion:
    """Return the completions of the last word of *line*, the text before the caret."""
    start = line.rfind(" ") + 1
    word = line[start:]
    if line.startswith("/") and start == 0:
        return _made(0, [f"/{name} " for name in sources.commands(word[1:])])
    if line.startswith("/"):
        command, _, rest = line[1:].partition(" ")
        if " " not in rest:
            return _made(start, [f"{w} " for w in _argument(command, word, sources)])
    if word.startswith("@"):
        return _made(start, [f"@{nick} " for nick in sources.nicks(word[1:])])
    if not word:
        return Completion(start, ())
    return _made(start, [nick + (": " if start == 0 else " ") for nick in sources.nicks(word)])


def _argument(command: str, word: str, sources: Sources) -> Sequence[str]:
    by_kind = {"nick": sources.nicks, "room": sources.rooms, "theme": sources.themes}
    by_kind["command"] = sources.commands
    source = by_kind.get(sources.takes(command), sources.nicks)
    return source(word)


def _made(start: int, words: Sequence[str]) -> Completion:
    return Completion(start, tuple(dict.fromkeys(words)))
