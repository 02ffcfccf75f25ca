r"""The one door through which a peer's text reaches a terminal, a log or a title.

What would steer the terminal, or is not there to be seen, is spelled out: ``\x1b``, ``\u202e``,
``\U000e0041``. Everything else stays as it was written. docs/protocol.md, "Text is hostile".

Spelled out are: control characters (C0, DEL, C1), bidi controls and all other format characters,
line and paragraph separators, lone surrogates, private and unassigned code points, letters that
draw nothing (``BLANK``), and combining marks that have nothing to stand on or pile up beyond
``MAX_MARKS``. Emoji stay whole, with their joiners, selectors, skin tones, keycaps and flag tags.

The result is for eyes: a peer that types a backslash and ``x1b`` looks the same as one that sent
ESC, which harms nobody. Markup of Rich or Textual is not touched: never hand
text to them as markup.
"""

import re
import unicodedata
from functools import lru_cache

MAX_MARKS = 4
"""Combining marks on one letter; living languages need no more."""

BLANK = frozenset(
    "\u034f"  # combining grapheme joiner
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u17b4\u17b5"  # Khmer inherent vowels
    "\u180b\u180c\u180d\u180f"  # Mongolian variation selectors
    "\u2065"  # reserved beside the invisible operators
    "\u2800"  # Braille without dots
    "\ufffc"  # object replacement
    "\U00013441\U00013442"  # Egyptian blanks
    "\U00016fe4"  # Khitan filler
    "\U0001d159"  # musical null note head
) | frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
"""Letters, signs and selectors that draw nothing by themselves."""

_VISIBLE_FORMAT = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
_COLONS = frozenset("\u02d0\u02d1\u02f8\ua789")
_JAMO = re.compile("[\u1161-\u11ff\ud7b0-\ud7fb]")
_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf"
    "\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_ELEMENT = f"{_PICTURE}[\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?"
_EMOJI = re.compile(
    "("
    "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f"  # flags by tags
    f"|{_ELEMENT}(?:\u200d{_ELEMENT})*"
    "|[0-9#*]\ufe0f\u20e3"  # keycaps
    ")"
)

_STEERING = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)

_PLAIN, _SPELLED, _MARK = range(3)


def escape(text: str, *, newlines: bool = False) -> str:
    """Return *text* as it may be shown; always one line, unless *newlines* keeps LF and tab.

    Whoever keeps them has to indent what follows, or it could pass for a line of ours.
    """
    if text.isascii() and text.isprintable():
        return text
    if newlines:
        return "\n".join(_escape_line(line, "\t") for line in text.split("\n"))
    return _escape_line(text, "")


def escape_json(line: str) -> str:
    """Return the JSON in *line* without what steers a terminal; it still says the same.

    JSON itself spells out C0 alone: DEL, C1, bidi controls and zero widths are left to us.
    """
    if line.isascii() and "\x7f" not in line:
        return line
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def escape_name(name: str) -> str:
    """Return a nick or a room's name as it may be shown: one word, without colon or asterisk.

    So ``nick: text`` has one reading, whatever a server lets through as a nick. A name that a
    recording has masked, nothing but asterisks, is as many bullets; none that was chosen has any.
    """
    if name and not name.strip("*"):
        return "•" * len(name)
    if name.isascii() and name.replace("_", "").replace("-", "").replace(".", "").isalnum():
        return name
    shown = _escape_line(name, "")
    return "".join(c if _fits_name(c) else _spell(c) for c in shown) or "''"


def _fits_name(char: str) -> bool:
    if char.isascii():
        return char not in " :*<>"
    kind = unicodedata.category(char)
    return char not in _COLONS and (kind[0] in "LMN" or kind in {"So", "Sk", "Cf"})


def _escape_line(text: str, keep: str) -> str:
    pieces = _EMOJI.split(text)
    return "".join(
        piece if index % 2 else _escape_piece(piece, keep, bare=index == 0)
        for index, piece in enumerate(pieces)
    )


def _escape_piece(text: str, keep: str, *, bare: bool) -> str:
    """Spell out what has to be; *bare*: no letter before it that could carry a mark."""
    shown = []
    marks = MAX_MARKS if bare else 0
    for char in text:
        kind = _kind(char)
        marks = marks + 1 if kind == _MARK else 0
        if (kind == _SPELLED and char not in keep) or marks > MAX_MARKS:
            shown.append(_spell(char))
            marks = min(marks, MAX_MARKS) if kind == _MARK else MAX_MARKS
        else:
            shown.append(char)
    return "".join(shown)


@lru_cache(4096)
def _kind(char: str) -> int:
    category = unicodedata.category(char)
    if char in BLANK or category in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return _SPELLED
    if category == "Cf":
        return _PLAIN if char in _VISIBLE_FORMAT else _SPELLED
    if category in {"Mn", "Me"} or _JAMO.match(char):
        return _MARK
    return _PLAIN


_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def _spell(char: str) -> str:
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
