"""The packets a server sends. docs/protocol.md says what each is for and shows it as octets.

Times are integer milliseconds since 1970-01-01T00:00:00Z by the server's clock. A ``seq`` is a
room's own number for a message, from 1, without holes; 0 means none.
"""

from msgspec import Struct, field

from chatctl.wire.packet import Packet, Whole


class Welcome(Packet, frozen=True, tag="welcome"):
    """Grants the extension; precedes everything else to that client.

    Attributes:
        v: the version granted.
        server: name and version of the server's program.
        nick: the nick held, as the server spells it.
        caps: the capabilities granted.
        limits: every limit in force, by the name of its option.
        session: names this session in logs; not a secret.
        token: proves this session when resuming; a secret.
        resumed: whether the hello's token was known: this is the session it was before.
        time: the server's clock.
    """

    v: Whole
    server: str
    nick: str
    caps: tuple[str, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    session: str = ""
    token: str = ""
    resumed: bool = False
    time: Whole = 0


class Chat(Packet, frozen=True, tag="chat"):
    """What somebody said. Base peers get ``nick`` and ``message`` alone.

    ``id`` is the author's own for it: with the author's nick, the acknowledgement.
    """

    nick: str
    message: str
    room: str = ""
    seq: Whole = 0
    time: Whole = 0
    id: str = ""


class Action(Packet, frozen=True, tag="me"):
    """What somebody does: ``* alice waves``."""

    nick: str
    message: str
    room: str = ""
    seq: Whole = 0
    time: Whole = 0
    id: str = ""


class Direct(Packet, frozen=True, tag="dm"):
    """Words from one nick to another; sent to both."""

    nick: str
    to: str
    message: str
    seq: Whole = 0
    time: Whole = 0
    id: str = ""


class Join(Packet, frozen=True, tag="join"):
    """Somebody, perhaps the reader, is now in a room. ``id`` is of the joiner's request."""

    nick: str
    room: str = ""
    time: Whole = 0
    id: str = ""


class Leave(Packet, frozen=True, tag="leave"):
    """Somebody is no longer in a room. ``id`` is of the leaver's request."""

    nick: str
    room: str = ""
    reason: str = ""
    time: Whole = 0
    id: str = ""


class NickChange(Packet, frozen=True, tag="nick"):
    """Somebody in ``room`` has another nick now: ``nick`` became ``to``.

    The answer to one's own request has the request's id and no room.
    """

    nick: str
    to: str
    room: str = ""
    time: Whole = 0
    id: str = ""


class Topic(Packet, frozen=True, tag="topic"):
    """A room's topic; ``nick`` set it at ``time``. A change of it is one of the room's messages."""

    room: str
    topic: str = ""
    nick: str = ""
    seq: Whole = 0
    time: Whole = 0
    id: str = ""


class Who(Packet, frozen=True, tag="who"):
    """The members of a room, or a page of them; ``more`` says that others follow the last."""

    room: str
    nicks: tuple[str, ...] = ()
    more: bool = False
    id: str = ""


class RoomInfo(Struct, frozen=True, omit_defaults=True, gc=False):
    """One row of ``rooms``: ``last`` is the seq of the newest message."""

    room: str
    members: Whole = 0
    topic: str = ""
    last: Whole = 0


class Rooms(Packet, frozen=True, tag="rooms"):
    """The rooms, or a page of them; ``more`` says that others follow the last."""

    rooms: tuple[RoomInfo, ...] = ()
    more: bool = False
    id: str = ""


class History(Packet, frozen=True, tag="history"):
    """A page of a room's messages, oldest first; ``more`` says that others lie beyond it."""

    room: str
    entries: tuple[Chat | Action | Direct | Topic, ...] = ()
    more: bool = False
    id: str = ""


class Gap(Packet, frozen=True, tag="gap"):
    """Messages ``first`` to ``last`` of a room cannot be given any more, and why."""

    room: str
    first: Whole
    last: Whole
    reason: str = ""


class Error(Packet, frozen=True, tag="error"):
    """Refuses a request, or says why the connection ends.

    Attributes:
        code: stable, see ``errors.ErrorCode``.
        message: a sentence for people.
        id: of the packet it answers; empty where that had none.
        limit: the limit that was hit, and ``value`` what was measured.
        retry_after: seconds after which trying again makes sense.
        suggestion: what would have been accepted instead (a free nick, say).
    """

    code: str
    message: str = ""
    id: str = ""
    limit: float | None = None
    value: float | None = None
    retry_after: float | None = None
    suggestion: str = ""
