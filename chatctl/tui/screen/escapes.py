"""Teaches Textual two keys that terminals without a keyboard protocol of their own send.

Textual takes ESC 1 to ESC 9 for what Option types on one Mac keyboard, so Alt-1 would write ``¡``,
and Alt-Enter for Enter, so a line would be sent where a new one was meant. Its table is not public;
tests/tui/screen/test_escapes.py fails should it move.
"""

from typing import Any

from textual import _ansi_sequences as textual_keys


class _Key:
    """What the table wants of a key: its name as ``value``."""

    value = "alt+enter"


def teach() -> None:
    """Let Alt with a digit and with Enter be what they are."""
    table: dict[str, Any] = textual_keys.ANSI_SEQUENCES_KEYS  # type: ignore[assignment]
    for digit in "123456789":
        table.pop(f"\x1b{digit}", None)
    table["\x1b\r"] = (_Key,)
