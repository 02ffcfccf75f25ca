"""Long lines on a narrow terminal, without a peer's words ever standing at its left edge."""

import unicodedata


def columns(text: str) -> int:
    """Return how many columns *text*, already escaped, takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def hang(text: str, width: int, indent: str = "    ") -> str:
    """Return *text* wrapped to *width* columns, every row but the first behind *indent*.

    A terminal that wraps by itself would show the rest of a long line at the left edge, where a
    peer who counted columns can make it look like a line of ours; so would a newline. Nothing but
    spaces at a break is lost; a tab, whose width depends on where it stands, becomes spaces.
    """
    rows: list[str] = []
    for part in text.replace("\t", "    ").split("\n"):
        _wrap(part, width, max(2, width - len(indent)), rows)
    return f"\n{indent}".join(rows)


def _wrap(text: str, first: int, rest: int, rows: list[str]) -> None:
    while True:
        head = _fitting(text, rest if rows else first)
        if len(head) == len(text):
            rows.append(text)
            return
        cut = head.rfind(" ", 1) + 1 or len(head)
        rows.append(text[:cut].rstrip(" "))
        text = text[cut:].lstrip(" ")


def _fitting(text: str, width: int) -> str:
    """Return the start of *text* that fits *width* columns; at least its first character."""
    if len(text) * 2 <= width:
        return text
    used = 0
    for index, char in enumerate(text):
        used += _columns(char)
        if used > width and index:
            return text[:index]
    return text


def _columns(char: str) -> int:
    if unicodedata.combining(char) or char in "\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
