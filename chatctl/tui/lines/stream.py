"""A stream of octets as the lines people and programs write into a pipe."""

from chatctl.errors import UsageError

LONGEST = 1 << 20


class Lines:
    """Cuts octets into lines of text; what is not UTF-8 becomes U+FFFD."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that *data* completes, without their ends.

        Raises:
            UsageError: a line is longer than 1 MiB.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST:
            raise UsageError("a line of the input is longer than 1 MiB")
        return [_text(line) for line in lines]

    def end(self) -> list[str]:
        """Return the last line if nothing ended it."""
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest else []


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode(errors="replace")
