"""What the hub wants done: its outputs, carried out by the transport in their order."""

from dataclasses import dataclass, field

from chatctl.session.entries import Query


@dataclass(frozen=True, slots=True)
class Send:
    """Write *data* to every connection of *conns*: one object, whatever their number."""

    conns: list[int]
    data: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """End *conn* once what was written has gone out."""

    conn: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop reading from *conn*: TCP then makes the peer wait."""

    conn: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Read from *conn* again."""

    conn: int


@dataclass(frozen=True, slots=True)
class Read:
    """Ask the log for a page, and hand the answer to ``Hub.page_read`` with *ticket*."""

    ticket: int
    query: Query


Action = Send | Close | Pause | Resume | Read


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth a line in the log. *event* is a stable name, docs/operations.md lists it."""

    event: str
    fields: dict[str, object] = field(default_factory=dict)
    level: str = "info"
