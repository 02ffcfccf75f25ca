"""Text as a terminal draws it: cells, wrapping, and the forms that all terminals agree on.

Terminals disagree about the width of emoji with a variation selector, keycaps and skin tones, and
one wrong cell shifts a whole row. ``settled`` leaves those out, for display only: what is copied,
recorded or logged keeps them.
"""

import re

from rich.cells import cell_len, split_graphemes

TAB = "    "
_UNSETTLED = re.compile("[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u200b]")


def settled(text: str) -> str:
    """Return *text*, already escaped, in a form whose width every terminal agrees on."""
    if text.isascii():
        return text.replace("\t", TAB) if "\t" in text else text
    return _UNSETTLED.sub("", text).replace("\t", TAB)


def wrap(text: str, width: int, behind: str = "") -> list[str]:
    """Return the rows that *text* takes at *width* cells, at least one, none lost or altered.

    Breaks stand behind spaces, and the characters *behind*, where there are any; a space that does
    not fit any more stays at the end of its row, where it is not seen. Joined again, the rows are
    *text* without line feeds.
    """
    rows: list[str] = []
    for line in text.split("\n"):
        rows += _wrap_line(line, max(1, width), behind)
    return rows


def fit(text: str, width: int) -> str:
    """Return *text* in exactly *width* cells: padded on the right, or cut with an ellipsis."""
    if (used := cell_len(text)) <= width:
        return text + " " * (width - used)
    if width < 1:
        return ""
    cut = _prefix(text, width - 1)
    return cut + "…" + " " * (width - 1 - cell_len(cut))


def _wrap_line(line: str, width: int, behind: str) -> list[str]:
    if line.isascii():
        return _wrap_ascii(line, width, behind)
    rows, start, used, brake = [], 0, 0, 0
    for begin, end, cells in split_graphemes(line)[0]:
        if used + cells > width and begin > start and not line[begin:end].isspace():
            cut = brake if brake > start else begin
            rows.append(line[start:cut])
            start, used = cut, cell_len(line[cut:begin])
        used += cells
        if line[begin:end] == " " or line[begin:end] in behind:
            brake = end
    rows.append(line[start:])
    return rows


def _wrap_ascii(line: str, width: int, behind: str) -> list[str]:
    rows, start = [], 0
    while len(line) - start > width:
        cut = line.rfind(" ", start, start + width + 1) + 1
        for char in behind:
            cut = max(cut, line.rfind(char, start, start + width) + 1)
        if cut <= start:
            cut = start + width
        while cut < len(line) and line[cut] == " ":
            cut += 1
        rows.append(line[start:cut])
        start = cut
    if start < len(line) or not rows:
        rows.append(line[start:])
    return rows


def _prefix(text: str, width: int) -> str:
    used = 0
    for begin, _, cells in split_graphemes(text)[0]:
        used += cells
        if used > width:
            return text[:begin]
    return text
