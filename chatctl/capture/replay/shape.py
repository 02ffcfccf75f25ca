"""Plans in other shapes: many of each client under names of their own, or with words rewritten."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from chatctl.capture.replay.compare import Heard
from chatctl.capture.replay.plan import Expected, Line, Move, Plan
from chatctl.capture.replay.steps import Act
from chatctl.errors import UsageError
from chatctl.wire import codec

Value = dict[str, Any]
STANDARD_NICK = "{nick}-{i}"
NICK_MEMBERS = frozenset({"nick", "to", "nicks", "suggestion"})


def amplified(plan: Plan, count: int, template: str = STANDARD_NICK, ramp: float = 0.0) -> Plan:
    """Return a plan with *count* companies that each do what *plan*'s people do.

    The first company is as recorded; in the others nicks follow *template*, where ``{nick}`` is the
    recorded one and ``{i}`` the company's number, and ids get that number.

    Args:
        plan: what one company does.
        count: how many companies; 1 or more.
        template: how nicks are made.
        ramp: seconds over which the companies begin.

    Raises:
        UsageError: the template does not tell the companies apart.
    """
    if "{i}" not in template:
        raise UsageError(f"the nick template needs {{i}}, to tell clients apart: {template!r}")
    stride = max((line.conn for line in plan.lines), default=0) + 1
    lines: list[Line] = []
    scopes: list[tuple[Expected, ...]] = []
    casts: list[frozenset[str]] = []
    for number in range(count):
        company = _Company(plan, number, template, stride)
        lines += company.lines()
        scopes += company.scopes()
        casts += company.casts()
    starts = [ramp * number / count for number in range(count) for _ in plan.scopes]
    return replace(
        plan,
        lines=tuple(lines),
        scopes=tuple(scopes),
        casts=tuple(casts),
        starts=tuple(starts),
    )


class _Company:
    def __init__(self, plan: Plan, number: int, template: str, stride: int) -> None:
        self._plan = plan
        self._number = number
        self._template = template
        self._shift = number * stride
        self._scope = number * len(plan.scopes)
        self._names = frozenset().union(*plan.casts)

    def lines(self) -> list[Line]:
        return [
            replace(
                line,
                conn=line.conn + self._shift,
                nick=self._nick(line.nick),
                scope=line.scope + self._scope,
                moves=tuple(self._move(move) for move in line.moves),
            )
            for line in self._plan.lines
        ]

    def scopes(self) -> list[tuple[Expected, ...]]:
        return [tuple(self._expected(item) for item in scope) for scope in self._plan.scopes]

    def casts(self) -> list[frozenset[str]]:
        return [frozenset(self._nick(nick) for nick in cast) for cast in self._plan.casts]

    def _nick(self, nick: str) -> str:
        if not self._number or nick not in self._names:
            return nick
        return self._template.replace("{nick}", nick).replace("{i}", str(self._number))

    def _move(self, move: Move) -> Move:
        return _changed_move(move, self._retold) if self._number else move

    def _expected(self, item: Expected) -> Expected:
        item = replace(item, conn=item.conn + self._shift)
        return _changed_expected(item, self._retold) if self._number else item

    def _retold(self, value: Value) -> Value:
        return {name: self._member(name, part) for name, part in value.items()}

    def _member(self, name: str, part: Any) -> Any:
        if isinstance(part, dict):
            key = self._key if name == "rooms" else str
            return {key(inner): self._member(inner, each) for inner, each in part.items()}
        if isinstance(part, list):
            return [self._member(name, each) for each in part]
        if not isinstance(part, str):
            return part
        if name == "id":
            return f"{part[:48]}-{self._number}"
        return self._key(part) if name in NICK_MEMBERS or part.startswith("@") else part

    def _key(self, name: str) -> str:
        return f"@{self._nick(name[1:])}" if name.startswith("@") else self._nick(name)


def retold(plan: Plan, change: Callable[[Value], Value]) -> Plan:
    """Return *plan* with every packet, sent or expected, changed by *change*."""

    def called(nick: str) -> str:
        return str(change({"type": "hello", "nick": nick})["nick"])

    lines = [
        replace(
            line,
            nick=called(line.nick),
            moves=tuple(_changed_move(move, change) for move in line.moves),
        )
        for line in plan.lines
    ]
    scopes = [tuple(_changed_expected(item, change) for item in scope) for scope in plan.scopes]
    casts = tuple(frozenset(map(called, cast)) for cast in plan.casts)
    return replace(plan, lines=tuple(lines), scopes=tuple(scopes), casts=casts)


def _changed_move(move: Move, change: Callable[[Value], Value]) -> Move:
    if move.step.act is not Act.PACKET or move.value is None:
        return move
    value = change(move.value)
    if value == move.value:
        return move
    return replace(move, value=value, payload=codec.write_json(value))


def _changed_expected(item: Expected, change: Callable[[Value], Value]) -> Expected:
    if item.packet.value is None:
        return item
    value = change(item.packet.value)
    packet = Heard(codec.write_json(value), value, item.packet.at, item.packet.index)
    return replace(item, packet=packet)


@dataclass(frozen=True, slots=True)
class Rewrite:
    r"""Replaces text in one member of packets: ``chat.message=s/old/new/``.

    Attributes:
        kind: only in packets of this type; empty for any.
        member: the member's name.
        pattern: a regular expression.
        new: what stands for it; ``\1`` is its first group.
    """

    kind: str
    member: str
    pattern: re.Pattern[str]
    new: str

    def __call__(self, value: Value) -> Value:
        """Return *value* rewritten."""
        if self.kind and value.get("type") != self.kind:
            return value
        return {name: self._part(name, part) for name, part in value.items()}

    def _part(self, name: str, part: Any) -> Any:
        if isinstance(part, dict):
            return {inner: self._part(inner, each) for inner, each in part.items()}
        if isinstance(part, list):
            return [self._part(name, each) for each in part]
        if name != self.member or not isinstance(part, str):
            return part
        return self.pattern.sub(self.new, part)


def parse_rewrite(text: str) -> Rewrite:
    """Return the rewriting that *text* spells: ``member=s/regex/new/`` or ``type.member=…``.

    The character after ``s`` separates. ``member=text`` replaces the whole value.

    Raises:
        UsageError: it spells none.
    """
    where, equals, how = text.partition("=")
    kind, _, member = where.strip().rpartition(".")
    if not equals or not member:
        raise UsageError(f"not a rewriting: {text!r} (write message=s/old/new/)")
    if len(how) < 2 or how[0] != "s" or how[1].isalnum():
        return Rewrite(kind, member, re.compile(r"\A.*\Z", re.DOTALL), how.replace("\\", r"\\"))
    parts = how[2:].split(how[1])
    if len(parts) != 3 or parts[2]:
        raise UsageError(f"not a substitution: {how!r} (write s/old/new/)")
    try:
        return Rewrite(kind, member, re.compile(parts[0]), parts[1])
    except re.error as error:
        raise UsageError(f"not a regular expression: {parts[0]!r}: {error}") from None
