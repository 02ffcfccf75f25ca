"""How many of what, as people say it: ``1 packet``, ``1,204 packets``."""


def count_of(number: int, one: str, several: str = "") -> str:
    """Return *number* and the word for it: *one*, else *several*, by default with an ``s``."""
    return f"1 {one}" if number == 1 else f"{number:,} {several or one + 's'}"
