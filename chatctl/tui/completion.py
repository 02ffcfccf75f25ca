"""What Tab offers, given what is written. Pure.

/re⇥            /reply, …           a command at the start of a line
/msg bo⇥        bob                 a command's argument, by what it takes
/set theme m⇥   mono                what may follow that, where it depends on it
bo⇥             bob:                a nick; at the start of a line with a colon
:ta⇥            🎉                  an emoji, by its short name
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chatctl.tui import emoji

Candidates = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where completions come from; each takes the beginning of a word.

    Attributes:
        commands: slash commands, without the slash.
        nicks: who is here, who spoke last first.
        takes: what the first argument of a command is: a name in ``others``, or nothing.
        about: what a command does, for people.
        others: what else there is to choose from, by what ``takes`` calls it; under
            ``setting theme``, what may follow ``theme`` where a ``setting`` is taken.
    """

    commands: Candidates
    nicks: Candidates
    takes: Callable[[str], str]
    about: Callable[[str], str]
    others: Mapping[str, Candidates] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completion:
    """A choice of words for the place before the caret.

    Attributes:
        start: where in the line the word begins that is being completed.
        words: what it may become, the likeliest first, each with what follows it.
        notes: what each of them is, for people; empty where they speak for themselves.
    """

    start: int
    words: tuple[str, ...]
    notes: tuple[str, ...] = ()


def complete(line: str, sources: Sources) -> Completion:
    """Return the completions of the last word of *line*, the text before the caret."""
    start = line.rfind(" ") + 1
    word = line[start:]
    if line.startswith("/") and start == 0:
        names = sources.commands(word[1:])
        notes = tuple(map(sources.about, names))
        return Completion(0, tuple(f"/{name} " for name in names), notes)
    if line.startswith("/"):
        command, *before = line[1:start].split() or [""]
        if (found := _argument(command, before, word, sources)) is not None:
            return _made(start, found)
    if word.startswith("@"):
        return _made(start, [f"@{nick} " for nick in sources.nicks(word[1:])])
    if word.startswith(":") and len(word) > 1:
        return _emoji(start, word[1:])
    if not word:
        return Completion(start, ())
    return _made(start, [nick + (": " if start == 0 else " ") for nick in sources.nicks(word)])


def _argument(
    command: str, before: Sequence[str], word: str, sources: Sources
) -> Sequence[str] | None:
    """Return what *word*, after *command* and the words *before*, may become; None: any words.

    A folder has no space behind.
    """
    kind = " ".join([sources.takes(command), *before])
    if before and kind not in sources.others:
        return None
    if kind == "command":
        found = sources.commands(word)
    elif kind == "room" and word.startswith("#"):
        found = [f"#{room}" for room in sources.others[kind](word[1:])]
    else:
        found = sources.others.get(kind, sources.nicks)(word)
    return [each if each.endswith("/") else f"{each} " for each in found]


def _emoji(start: int, begun: str) -> Completion:
    found = emoji.beginning(begun.removesuffix(":"))
    return Completion(
        start, tuple(f"{sign} " for _, sign in found), tuple(f":{name}:" for name, _ in found)
    )


def _made(start: int, words: Sequence[str]) -> Completion:
    return Completion(start, tuple(dict.fromkeys(words)))
