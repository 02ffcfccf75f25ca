"""Nicks and rooms: which names are allowed, when two are the same, and the nearest free one."""

import re
import unicodedata
from collections.abc import Callable
from itertools import count

_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_.-]+")
_ROOM = re.compile(r"[A-Za-z0-9_.-]+")
FALLBACK = "guest"
LONGEST_PROBLEM = 300


def same_name(name: str) -> str:
    """Return the form under which *name* is compared: without case and compatibility variants."""
    return unicodedata.normalize("NFKC", name).casefold()


def nick_fault(nick: str, longest: int, *, unicode_nicks: bool = False) -> str:
    """Return what is wrong with *nick* in words, or nothing.

    Allowed are 1 to *longest* of ``A-Za-z0-9_.-``; with *unicode_nicks* also letters and digits of
    one script beyond Latin, in NFKC. docs/protocol.md, section "Limits".
    """
    if not nick:
        return "a nick may not be empty"
    if len(nick) > longest:
        return f"a nick has at most {longest} characters, this one {len(nick)}"
    if _PLAIN.fullmatch(nick):
        return ""
    if unicode_nicks:
        return _unicode_fault(nick)
    return "a nick may hold only letters A to Z, digits, '_', '.' and '-'"


def _unicode_fault(nick: str) -> str:
    if nick != unicodedata.normalize("NFKC", nick):
        return "a nick has to be in Unicode form NFKC"
    scripts = set()
    for char in nick:
        if _PLAIN.fullmatch(char):
            scripts |= {"LATIN"} if char.isalpha() else set()
        elif unicodedata.category(char) in _LETTERS and "FILLER" not in _name(char):
            scripts.add(_script(char))
        else:
            return "a nick may hold only letters, digits, '_', '.' and '-'"
    if len(scripts) > 1 and not scripts <= _WRITTEN_TOGETHER:
        return "a nick may not mix letters of several scripts"
    return ""


_LETTERS = {"Ll", "Lu", "Lo", "Lm", "Nd"}
_WRITTEN_TOGETHER = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "LATIN"}


def _script(char: str) -> str:
    return _name(char).split(" ")[0].split("-")[0]


def _name(char: str) -> str:
    return unicodedata.name(char, "UNNAMED")


def room_fault(room: str, longest: int) -> str:
    """Return what is wrong with a room's name in words, or nothing."""
    if len(room) > longest:
        return f"a room's name has at most {longest} characters, this one {len(room)}"
    if not _ROOM.fullmatch(room):
        return "a room's name holds letters A to Z, digits, '_', '.' and '-', at least one"
    return ""


def nearest_nick(wanted: str, longest: int, is_free: Callable[[str], bool]) -> str:
    """Return the allowed and free nick that is nearest to *wanted*: itself, else with a number."""
    stem = _NOT_PLAIN.sub("_", wanted).strip("_")[:longest] or FALLBACK
    if _PLAIN.fullmatch(wanted) and len(wanted) <= longest:
        stem = wanted
    if is_free(stem):
        return stem
    for number in count(2):
        nick = f"{stem[: longest - len(str(number))]}{number}"
        if is_free(nick):
            return nick
    raise AssertionError("counting never ends")


def brief(problem: str) -> str:
    """Return *problem*, which may quote what a peer sent, cut to what a line of a log can bear."""
    if len(problem) <= LONGEST_PROBLEM:
        return problem
    half = LONGEST_PROBLEM // 2
    return f"{problem[:half]} ... {problem[-half:]}"
