"""What was sent before, to be had again with Up and Down or found with Ctrl-R. Pure."""

from collections.abc import Iterable

MOST = 1000


class Recall:
    """The lines sent, in this session and before, and where in them the person stands."""

    __slots__ = ("_at", "_draft", "_sent")

    def __init__(self, before: Iterable[str] = ()) -> None:
        """Begin with the lines of sessions *before*, oldest first."""
        self._sent = list(before)[-MOST:]
        self._at = len(self._sent)
        self._draft = ""

    def sent(self, line: str) -> bool:
        """Remember *line*; say whether that is new: the same twice in a row is remembered once."""
        new = bool(line) and self._sent[-1:] != [line]
        if new:
            self._sent.append(line)
            del self._sent[:-MOST]
        self.begin("")
        return new

    def rest(self, written: str) -> str:
        """Look back no more; return what the person has *written*, or was writing before that."""
        looking = self._at < len(self._sent) and written == self._sent[self._at]
        draft = self._draft if looking else written
        self.begin("")
        return draft

    def count(self, word: str) -> int:
        """Return how many of the lines sent begin with *word*."""
        return sum(line.partition(" ")[0] == word for line in self._sent)

    def earlier(self, written: str) -> str | None:
        """Return the line before; what is *written* is kept for the way back. None: no more."""
        if self._at == 0:
            return None
        if self._at == len(self._sent):
            self._draft = written
        self._at -= 1
        return self._sent[self._at]

    def later(self) -> str | None:
        """Return the line after, at last what was being written. None: no more."""
        if self._at >= len(self._sent):
            return None
        self._at += 1
        return self._draft if self._at == len(self._sent) else self._sent[self._at]

    def seek(self, wanted: str, *, further: bool = False) -> str | None:
        """Return the newest line that holds *wanted*, or the next other one *further* back.

        Going later from there ends at what was being written, see ``begin``.
        """
        shown = self._sent[self._at] if further and self._at < len(self._sent) else None
        start, folded = self._at if further else len(self._sent), wanted.casefold()
        for index in range(start - 1, -1, -1):
            if folded in self._sent[index].casefold() and self._sent[index] != shown:
                self._at = index
                return self._sent[index]
        return None

    def begin(self, written: str) -> None:
        """Stand behind everything sent, with what is *written* as the draft."""
        self._draft, self._at = written, len(self._sent)
