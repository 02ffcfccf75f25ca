"""The words of the filter language: cutting an expression up, and saying what is wrong where."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from chatctl.errors import UsageError


class Sort(Enum):
    """What a word is."""

    NAME = auto()
    TEXT = auto()
    OPERATOR = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of an expression, and where it stands.

    Attributes:
        sort: what it is.
        text: what it says; of a quoted text, what is between the quotes.
        start: where it begins; ``end`` where it ends.
    """

    sort: Sort
    text: str
    start: int
    end: int


_WORD = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<operator>==|=~|!=|!~|<=|>=|&&|\|\||[=~<>()!,])
    | (?P<name>(?:[^\s"'=~<>()!,&|])+)
    )""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)")


class Expression:
    """An expression's words, taken one at a time."""

    def __init__(self, text: str) -> None:
        """Cut *text* up.

        Raises:
            UsageError: a quote is not closed, or a character means nothing.
        """
        self.text = text
        self._words = self._cut(text)
        self._place = 0

    @property
    def next(self) -> Word:
        """The next word, not taken yet."""
        return self._words[self._place]

    def take(self) -> Word:
        """Take the next word; the end stays."""
        word = self._words[self._place]
        if word.sort is not Sort.END:
            self._place += 1
        return word

    def took(self, *texts: str) -> bool:
        """Take the next word if it is one of *texts*, unquoted; return whether it was."""
        word = self.next
        if word.sort in (Sort.TEXT, Sort.END) or word.text.lower() not in texts:
            return False
        self._place += 1
        return True

    def error(self, reason: str, word: Word, *, tip: str = "") -> UsageError:
        """Return an error that shows the expression with a caret under *word*."""
        caret = " " * word.start + "^" * max(1, word.end - word.start)
        error = UsageError(f"filter: {reason} at character {word.start + 1}")
        error.add_note(f"  {self.text}")
        error.add_note(f"  {caret}")
        if tip:
            error.add_note(tip)
        return error

    def _cut(self, text: str) -> list[Word]:
        words = []
        place = 0
        while text[place:].strip():
            found = _WORD.match(text, place)
            if found is None or found.lastgroup is None:
                start = place + len(text[place:]) - len(text[place:].lstrip())
                at = Word(Sort.OPERATOR, text[start], start, start + 1)
                quote = text[start] in "\"'"
                reason = "this quote is not closed" if quote else f"{text[start]!r} means nothing"
                raise self.error(reason, at)
            words.append(_word(found))
            place = found.end()
        words.append(Word(Sort.END, "the end", len(text.rstrip()), len(text.rstrip()) + 1))
        return words


def _word(found: re.Match[str]) -> Word:
    group = found.lastgroup or ""
    text = found[group]
    if group == "text":
        text = _ESCAPED.sub(r"\1", text[1:-1])
    return Word(Sort[group.upper()], text, found.start(group), found.end(group))
