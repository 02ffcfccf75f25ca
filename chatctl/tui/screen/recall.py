"""What was sent before, to be had again with Up and Down or found with Ctrl-R. Pure."""

from collections.abc import Iterable

MOST = 1000


class Recall:
    """The lines sent, in this session and before, and where in them the person stands."""

    __slots__ = ("_at", "_draft", "_sent", "_wanted")

    def __init__(self, before: Iterable[str] = ()) -> None:
        """Begin with the lines of sessions *before*, oldest first."""
        self._sent = list(before)[-MOST:]
        self._at = len(self._sent)
        self._draft = ""
        self._wanted: str | None = None

    def sent(self, line: str) -> bool:
        """Remember *line*; say whether that is new: the same twice in a row is remembered once."""
        new = bool(line) and self._sent[-1:] != [line]
        if new:
            self._sent.append(line)
            del self._sent[:-MOST]
        self._at = len(self._sent)
        self._draft = ""
        self._wanted = None
        return new

    def rest(self, written: str) -> str:
        """Look back no more; return what the person has *written*, or was writing before that."""
        looking = written == self._shown() and self._at < len(self._sent)
        draft = self._draft if looking else written
        self._at, self._draft, self._wanted = len(self._sent), "", None
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

    def find(self, written: str) -> str | None:
        """Return the newest line that contains *written*; asked again, the next older one."""
        fresh = self._wanted is None or self._at == len(self._sent) or written != self._shown()
        if fresh:
            self._wanted = written
            self._draft, self._at = written, len(self._sent)
        wanted = (self._wanted or "").casefold()
        for index in range(self._at - 1, -1, -1):
            if wanted in self._sent[index].casefold():
                self._at = index
                return self._sent[index]
        return None

    def _shown(self) -> str:
        return self._sent[self._at] if self._at < len(self._sent) else self._draft
