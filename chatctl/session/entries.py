"""What a room's log keeps: drafts on their way in, entries once they have their number.

The log's adapters (``chatctl.log``) live above this floor; these are the values they exchange
with the hub.
"""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from chatctl.errors import HistoryError
from chatctl.wire.packets import Action, Chat, Direct, Topic


class EntryKind(StrEnum):
    """What an entry is, by the ``type`` of the packet that carries it."""

    CHAT = "chat"
    ACTION = "me"
    DIRECT = "dm"
    TOPIC = "topic"


_CHAT, _ACTION, _DIRECT = EntryKind.CHAT, EntryKind.ACTION, EntryKind.DIRECT
"""Looked up once: a member of an enum costs ten times what a global does."""


class Draft(Struct, frozen=True, gc=False):
    """A message on its way into a room's log.

    Attributes:
        log: the log's key: the room's name, or ``@session+session`` for direct messages.
        kind: what it is.
        nick: who said it.
        message: the words; of a TOPIC the topic.
        time: milliseconds since the epoch, by the server.
        conn: the author's connection, which no log keeps.
        session: the author's session; never shown to others.
        id: the author's own id for it, or empty.
        to: of a DIRECT, the other nick.
    """

    log: str
    kind: EntryKind
    nick: str
    message: str
    time: int
    conn: int = 0
    session: str = ""
    id: str = ""
    to: str = ""


class Entry(Struct, frozen=True, gc=False):
    """A message of a log. ``seq`` counts from 1 without holes; 0 if it could not be kept."""

    seq: int
    draft: Draft

    def packet(self) -> Chat | Action | Direct | Topic:
        """Return the entry as extended peers see it; without an id if it could not be kept."""
        seq, d = self.seq, self.draft
        if not seq and d.id:
            return Entry(0, replace(d, id="")).packet()
        if d.kind is _CHAT:
            return Chat(d.nick, d.message, d.log, seq, d.time, d.id)
        if d.kind is _ACTION:
            return Action(d.nick, d.message, d.log, seq, d.time, d.id)
        if d.kind is _DIRECT:
            return Direct(d.nick, d.to, d.message, seq, d.time, d.id)
        return Topic(d.log, d.message, d.nick, seq, d.time, d.id)

    def base_packet(self) -> Chat | None:
        """Return the entry as far as the base protocol can say it, None where it cannot."""
        d = self.draft
        if d.kind is _CHAT:
            return Chat(d.nick, d.message)
        if d.kind is _ACTION:
            return Chat(d.nick, f"*{d.message}*")
        return None


class Query(Struct, frozen=True, gc=False):
    """Asks for the entries of *log* with ``after < seq``, and ``seq < before`` unless that is 0.

    Oldest first from ``after`` on, unless ``newest``: then the last ``limit`` of them.
    """

    log: str
    after: int
    before: int
    limit: int
    newest: bool = False


class Page(Struct, frozen=True, gc=False):
    """The answer to a query, oldest first.

    Attributes:
        entries: at most ``limit`` of them; those that are damaged or no longer kept are missing.
        more: whether others that match lie beyond.
        reached: the last seq that was looked at: where the next page begins.
    """

    entries: tuple[Entry, ...]
    more: bool
    reached: int


class LogState(Struct, frozen=True, gc=False):
    """What a log remembers of one room over a restart."""

    log: str
    last: int
    topic: Entry | None = None


Committed = list[Entry] | HistoryError
