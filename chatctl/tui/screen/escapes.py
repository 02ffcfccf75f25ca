"""Teaches Textual the keys that terminals without a keyboard protocol of their own send.

Such a terminal sends ESC and then the key for Alt with a key. Textual waits for a tenth of a second
whether more follows; another key with Alt in that time, as when one is held down, and both are
written into the line as ``^a``. Others it takes for what Option types on one Mac keyboard (ESC 1),
for Enter (ESC Enter), for words (ESC b), or for Escape and a character that is written (ESC .).
Its table is not public; tests/tui/screen/test_escapes.py fails should it move.
"""

from dataclasses import dataclass
from typing import Any

from textual import _ansi_sequences as textual_keys
from textual.keys import _character_to_key

_BEGIN = "[O"
"""What a longer sequence goes on with after ESC: with Alt these cannot be told from one."""

_WITH_ALT = [char for char in map(chr, range(0x20, 0x7F)) if char not in _BEGIN]
_NAMED = {
    "\x1b\r": "enter",
    "\x1b[3;3~": "delete",
    "\x1b[5;3~": "pageup",
    "\x1b[6;3~": "pagedown",
    "\x1b[1;3A": "up",
    "\x1b[1;3B": "down",
    "\x1b[1;3C": "right",
    "\x1b[1;3D": "left",
}


@dataclass(frozen=True)
class _Key:
    """What the table wants of a key: its name as ``value``."""

    value: str


def teach() -> None:
    """Let Alt with anything that ASCII has, and some other keys, be what they are, at once."""
    table: dict[str, Any] = textual_keys.ANSI_SEQUENCES_KEYS  # type: ignore[assignment]
    for char in _WITH_ALT:
        table[f"\x1b{char}"] = (_Key(f"alt+{_character_to_key(char)}"),)
    for sent, key in _NAMED.items():
        table[sent] = (_Key(f"alt+{key}"),)
