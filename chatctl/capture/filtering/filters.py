"""The filter language: which items of a capture are meant. docs/filters.md is its grammar.

    type == chat and nick ~ "^al" and conn == 3 and t in +5s..+20s
    malformed or gap or size > 1k
    not (type in (ping, pong)) and rtt > 50ms

A comparison holds only where the field is there: ``room != lobby`` means a room, and another one.
"""

import operator
from collections.abc import Callable
from typing import Any

from chatctl.capture.config import parse_nanoseconds, parse_size
from chatctl.capture.filtering.fields import FIELDS, FLAGS, VALUES, Begin, member
from chatctl.capture.filtering.patterns import TIP, searching
from chatctl.capture.filtering.words import Expression, Sort, Word
from chatctl.capture.items.item import Item
from chatctl.capture.moments import Moment, Since, parse_moment
from chatctl.errors import UsageError
from chatctl.suggesting import did_you_mean

Test = Callable[[Item], bool]
Get = Callable[[Item], Any]

MAX_DEPTH = 50
COMPARISONS = {
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPERATORS = [*COMPARISONS, "~", "!~", "contains", "in"]
ELSEWHERE = {"=~": "~", "matches": "~", "like": "contains", "is": "==", "eq": "==", "ne": "!="}
ELSEWHERE |= {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
"""Operators of other languages, and ours that mean the same."""

JOINING = ("and", "or", *OPERATORS)
"""Words that cannot begin a test."""


def compile_filter(text: str, begin: Begin | None = None) -> Test:
    """Return the test that *text* describes; of an empty text, one that all items pass.

    Relative times count from *begin*; by default, from the first item that the test sees. So it
    serves one capture.

    Raises:
        UsageError: the text is no filter; its notes mark the place with a caret.
    """
    if not text.strip():
        return lambda _item: True
    parser = _Parser(Expression(text), begin or Begin())
    return parser.whole()


class _Parser:
    """Recursive descent: or, and, not, primary."""

    def __init__(self, words: Expression, begin: Begin) -> None:
        self._words = words
        self._begin = begin
        self._depth = 0

    def whole(self) -> Test:
        test = self._or()
        rest = self._words.next
        if rest.sort is not Sort.END:
            tip = "join tests by 'and' or 'or'; quote a text that has spaces"
            raise self._words.error(f"{rest.text!r} was not expected", rest, tip=tip)
        if not self._begin.used:
            return test
        begin = self._begin

        def since_the_first(item: Item) -> bool:
            begin.see(item.record.at)
            return test(item)

        return since_the_first

    def _or(self) -> Test:
        tests = [self._and()]
        while self._words.took("or", "||"):
            tests.append(self._and())
        if len(tests) == 1:
            return tests[0]
        return lambda item: any(test(item) for test in tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self._words.took("and", "&&"):
            tests.append(self._not())
        if len(tests) == 1:
            return tests[0]
        return lambda item: all(test(item) for test in tests)

    def _not(self) -> Test:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._words.error("nested too deeply", self._words.next)
        try:
            if self._words.took("not", "!"):
                test = self._not()
                return lambda item: not test(item)
            return self._primary()
        finally:
            self._depth -= 1

    def _primary(self) -> Test:
        word = self._words.take()
        if word.sort is Sort.OPERATOR and word.text == "(":
            test = self._or()
            if not self._words.took(")"):
                raise self._words.error("a ')' is missing", self._words.next)
            return test
        if word.sort is not Sort.NAME or word.text.lower() in JOINING:
            said = word.text if word.sort is Sort.END else repr(word.text)
            raise self._words.error(f"a field was expected, not {said}", word)
        return self._field(word)

    def _field(self, word: Word) -> Test:
        name = word.text
        followed = self._words.next.text.lower() in OPERATORS
        if name in FLAGS and not followed:
            return FLAGS[name]
        get = member(name) if name.startswith(".") else FIELDS.get(name)
        if get is None:
            known = [*FIELDS] if followed else [*FLAGS, *FIELDS]
            raise self._words.error(
                f"there is no field {name!r}", word, tip=did_you_mean(name, known)
            )
        if not followed:
            raise self._no_operator(name)
        return self._comparison(name, get)

    def _no_operator(self, name: str) -> UsageError:
        word = self._words.next
        if ours := ELSEWHERE.get(word.text.lower()):
            return self._words.error(f"there is no {word.text!r}", word, tip=f"write {ours!r}")
        tip = f"one of {' '.join(OPERATORS)}"
        return self._words.error(f"{name!r} needs an operator", word, tip=tip)

    def _comparison(self, name: str, get: Get) -> Test:
        sign = self._words.take().text.lower()
        if sign == "in":
            return self._within(name, get)
        word = self._value()
        if sign in ("~", "!~"):
            return self._pattern(get, word, negative=sign == "!~")
        if sign == "contains":
            wanted = word.text.casefold()
            return lambda item: wanted in str(_or_empty(get(item))).casefold()
        return self._against(get, COMPARISONS[sign], self._convert(name, word))

    def _value(self) -> Word:
        word = self._words.take()
        if word.sort not in (Sort.NAME, Sort.TEXT):
            said = word.text if word.sort is Sort.END else repr(word.text)
            raise self._words.error(f"a value was expected, not {said}", word)
        return word

    def _pattern(self, get: Get, word: Word, *, negative: bool) -> Test:
        try:
            found_in = searching(word.text)
        except ValueError as error:
            raise self._words.error(f"not a pattern ({error})", word, tip=TIP) from None

        def matches(item: Item) -> bool:
            value = get(item)
            return value is not None and found_in(str(value)) != negative

        return matches

    def _within(self, name: str, get: Get) -> Test:
        if self._words.took("("):
            values = [self._convert(name, self._value())]
            while self._words.took(","):
                values.append(self._convert(name, self._value()))
            if not self._words.took(")"):
                raise self._words.error("a ')' is missing", self._words.next)
            tests = [self._against(get, operator.eq, value) for value in values]
            return lambda item: any(test(item) for test in tests)
        word = self._value()
        first, dots, last = word.text.partition("..")
        if not dots:
            tip = "write 'in 1..5', 'in +5s..+20s' or 'in (a, b)'"
            raise self._words.error("a range or a list was expected", word, tip=tip)
        return self._range(name, get, word, (first, last))

    def _range(self, name: str, get: Get, word: Word, ends: tuple[str, str]) -> Test:
        first, last = (
            self._convert(name, Word(word.sort, end, word.start, word.end)) if end else None
            for end in ends
        )
        tests = []
        if first is not None:
            tests.append(self._against(get, operator.ge, first))
        if last is not None:
            tests.append(self._against(get, operator.le, last))
        together = any if self._turned(first, last, word) else all
        return lambda item: together(test(item) for test in tests)

    def _turned(self, first: Any, last: Any, word: Word) -> bool:
        """Return whether a range goes over midnight, from late in the day to early.

        Raises:
            UsageError: it ends before it begins.
        """
        if isinstance(first, Moment) and isinstance(last, Moment):
            if first.since is not last.since or first.nanoseconds <= last.nanoseconds:
                return False
            if first.since is Since.MIDNIGHT:
                return True
        elif type(first) is not type(last) or first is None or first <= last:
            return False
        raise self._words.error("a range that ends before it begins", word)

    def _against(self, get: Get, compare: Callable[[Any, Any], bool], value: Any) -> Test:
        if not isinstance(value, Moment):
            return _compare(get, compare, value)
        begin = self._begin
        begin.used |= value.since is Since.BEGIN
        measured, wanted = value.measured, value.nanoseconds
        return lambda item: compare(measured(item.record.at, begin.at), wanted)

    def _convert(self, name: str, word: Word) -> Any:
        """Return the value of *word* in the measure of the field *name*.

        Raises:
            UsageError: it is none.
        """
        text = word.text
        try:
            if name == "t":
                return parse_moment(text)
            if name == "rtt":
                return parse_nanoseconds(text)
            if name == "size":
                return parse_size(text)
            if name in ("conn", "n", "seq"):
                return int(text)
        except (ValueError, UsageError) as error:
            reason = str(error) if isinstance(error, UsageError) else f"not a number: {text!r}"
            raise self._words.error(reason, word) from None
        if text not in (known := VALUES.get(name, (text,))):
            tip = did_you_mean(text, known)
            raise self._words.error(f"{name!r} is never {text!r}", word, tip=tip)
        return _plain(text) if name.startswith(".") and word.sort is Sort.NAME else text


def _compare(get: Get, compare: Callable[[Any, Any], bool], value: Any) -> Test:
    def holds(item: Item) -> bool:
        found = get(item)
        if found is None:
            return False
        try:
            return compare(found, value)
        except TypeError:
            return False

    return holds


def _plain(text: str) -> Any:
    words = {"true": True, "false": False}
    if text in words:
        return words[text]
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


def _or_empty(value: Any) -> Any:
    return "" if value is None else value
