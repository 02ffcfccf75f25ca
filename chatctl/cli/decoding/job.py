"""What decode was asked for, read from its options; nothing heavy, for the sake of its start."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath


class View(StrEnum):
    """How a capture is shown."""

    TABLE = "table"
    CHAT = "chat"
    JSON = "json"
    STATS = "stats"
    CONVERSATIONS = "conversations"
    SEQUENCE = "sequence"
    FORMAT = "format"
    FIELDS = "fields"


@dataclass(frozen=True, slots=True)
class Job:
    """What to decode and how; see the options of the command."""

    files: tuple[str, ...]
    view: View = View.TABLE
    tree: bool = False
    octets: bool = False
    shape: str = ""
    where: str = ""
    conns: frozenset[int] = frozenset()
    span: str = ""
    shift: str = ""
    utc: bool = False
    port: int = 0
    form: str = ""
    follow: bool = False
    salvage: bool = False

    @property
    def live(self) -> bool:
        """Whether more may come while we look."""
        return self.follow or any(name == "-" or Path(name).is_fifo() for name in self.files)


class To(StrEnum):
    """The forms a capture can be written in."""

    PCAPNG = "pcapng"
    PCAPNG_JSON = "pcapng-json"
    JSONL = "jsonl"
    RAW = "raw"
    HTML = "html"
    MERMAID = "mermaid"
    SVG = "svg"


PICTURES = frozenset({To.HTML, To.MERMAID, To.SVG})
"""Forms that have the ladder in them."""


@dataclass(frozen=True, slots=True)
class Export:
    """How to write; see the options of the command."""

    to: To | None = None
    output: str = "-"
    merge: bool = False
    split: str = ""
    marks: tuple[str, ...] = ()
    redact: str = ""
    redact_key: str = ""

    @property
    def form(self) -> To | None:
        """The form to write; None where neither an option nor the output's name says it."""
        if self.to is not None:
            return self.to
        by_name = _SUFFIXES.get(PurePath(self.output).suffix.lower())
        is_recording = self.merge or self.split or self.marks or self.redact
        return To.PCAPNG if is_recording and by_name is None else by_name


_SUFFIXES = {
    ".pcapng": To.PCAPNG,
    ".pcap": To.PCAPNG,
    ".jsonl": To.JSONL,
    ".html": To.HTML,
    ".mmd": To.MERMAID,
    ".svg": To.SVG,
}
