"""Every packet, one frozen struct each, grouped by direction.

The direction is part of a packet's meaning: ``chat`` has other members each way, so two classes
share that tag and live in two unions, ``ToServer`` and ``ToClient``. Members left at their default
are not sent, which keeps a base packet free of anything the guide does not know.

Times are integer milliseconds since 1970-01-01T00:00:00Z by the server's clock. A ``seq`` is a
room's own number for a message, from 1, without holes; 0 means none. docs/protocol.md says what
each packet is for and shows each as octets.
"""

from enum import StrEnum

from msgspec import Struct, field

LOBBY = "lobby"
VERSION = 1


class Direction(StrEnum):
    """Which way a packet, or a chunk of bytes, travels."""

    TO_SERVER = "to-server"
    TO_CLIENT = "to-client"


class Capability(StrEnum):
    """What an extended peer may ask for in its hello, beyond what version 1 always has."""

    ROOMS = "rooms"
    DIRECT = "dm"
    HISTORY = "history"
    RESUME = "resume"


class Packet(Struct, frozen=True, tag_field="type", omit_defaults=True, gc=False):
    """Base of all packets. Immutable, hashable, compared by value."""


class Unknown(Struct, frozen=True, gc=False):
    """A sound JSON object whose type we do not know: ignored by peers, shown as it is by decode.

    Attributes:
        type: its ``type`` member, as sent.
        id: its ``id`` member where that is a string, so that a request can be answered.
    """

    type: str
    id: str = ""


# ---------------------------------------------------------------- client to server


class Resume(Struct, frozen=True, omit_defaults=True, gc=False):
    """What a returning client knows: its token and the last seq it has seen in each room.

    A key of ``rooms`` is a room's name, or ``@nick`` for the direct messages with that nick.
    """

    token: str
    rooms: dict[str, int] = field(default_factory=dict)


class Hello(Packet, frozen=True, tag="hello"):
    """The first packet, once. Without ``v`` the peer speaks the base protocol alone."""

    nick: str
    v: int = 0
    caps: tuple[str, ...] = ()
    resume: Resume | None = None


class Say(Packet, frozen=True, tag="chat"):
    """Words for everyone in a room; the author is whoever said hello, never a member of this."""

    message: str
    room: str = ""
    id: str = ""


class Act(Packet, frozen=True, tag="me"):
    """An action, ``/me waves``, for everyone in a room."""

    message: str
    room: str = ""
    id: str = ""


class Tell(Packet, frozen=True, tag="dm"):
    """Words for one nick."""

    to: str
    message: str
    id: str = ""


class Enter(Packet, frozen=True, tag="join"):
    """Asks to be a member of a room, which is made if need be."""

    room: str
    id: str = ""


class Exit(Packet, frozen=True, tag="leave"):
    """Asks to leave a room; without a room, a goodbye (some base clients send one)."""

    room: str = ""
    id: str = ""


class AskRooms(Packet, frozen=True, tag="rooms"):
    """Asks for the rooms, in the order of their names, from after ``after`` on."""

    after: str = ""
    id: str = ""


class AskWho(Packet, frozen=True, tag="who"):
    """Asks for the members of a room, in the order of their nicks, from after ``after`` on."""

    room: str = ""
    after: str = ""
    id: str = ""


class ChangeNick(Packet, frozen=True, tag="nick"):
    """Asks for another nick."""

    nick: str
    id: str = ""


class SetTopic(Packet, frozen=True, tag="topic"):
    """Sets a room's topic; without ``topic``, asks for it."""

    room: str = ""
    topic: str | None = None
    id: str = ""


class AskHistory(Packet, frozen=True, tag="history"):
    """Asks for a page of a room's messages, oldest first.

    ``after`` alone: the first ``limit`` beyond it. ``before`` alone: the last ``limit`` under it.
    Both: those between. Neither: the newest. ``room`` may be ``@nick`` for direct messages.
    """

    room: str = ""
    before: int = 0
    after: int = 0
    limit: int = 0
    id: str = ""


# ---------------------------------------------------------------- both ways


class Ping(Packet, frozen=True, tag="ping"):
    """Asks for a ``pong`` with the same id."""

    id: str = ""


class Pong(Packet, frozen=True, tag="pong"):
    """Answers a ``ping``."""

    id: str = ""


class Bye(Packet, frozen=True, tag="bye"):
    """The last packet before its sender closes.

    Attributes:
        code: an error code, or empty for a plain goodbye.
        reason: a sentence for people.
        retry_after: seconds to wait before coming back; None where coming back is pointless.
    """

    code: str = ""
    reason: str = ""
    retry_after: float | None = None


# ---------------------------------------------------------------- server to client


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
        resumed: whether the hello's token was known, so nothing was announced.
        time: the server's clock.
    """

    v: int
    server: str
    nick: str
    caps: tuple[str, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    session: str = ""
    token: str = ""
    resumed: bool = False
    time: int = 0


class Chat(Packet, frozen=True, tag="chat"):
    """What somebody said. Base peers get ``nick`` and ``message`` alone."""

    nick: str
    message: str
    room: str = ""
    seq: int = 0
    time: int = 0
    id: str = ""


class Action(Packet, frozen=True, tag="me"):
    """What somebody does: ``* alice waves``."""

    nick: str
    message: str
    room: str = ""
    seq: int = 0
    time: int = 0
    id: str = ""


class Direct(Packet, frozen=True, tag="dm"):
    """Words from one nick to another; sent to both."""

    nick: str
    to: str
    message: str
    seq: int = 0
    time: int = 0
    id: str = ""


class Join(Packet, frozen=True, tag="join"):
    """Somebody, perhaps the reader, is now in a room. ``id`` is on the joiner's own copy alone."""

    nick: str
    room: str = ""
    time: int = 0
    id: str = ""


class Leave(Packet, frozen=True, tag="leave"):
    """Somebody is no longer in a room. ``id`` is on the leaver's own copy alone."""

    nick: str
    room: str = ""
    reason: str = ""
    time: int = 0
    id: str = ""


class NickChange(Packet, frozen=True, tag="nick"):
    """Somebody in a shared room has another nick now: ``nick`` became ``to``."""

    nick: str
    to: str
    time: int = 0
    id: str = ""


class Topic(Packet, frozen=True, tag="topic"):
    """A room's topic; ``nick`` set it at ``time``."""

    room: str
    topic: str = ""
    nick: str = ""
    time: int = 0
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
    members: int = 0
    topic: str = ""
    last: int = 0


class Rooms(Packet, frozen=True, tag="rooms"):
    """The rooms, or a page of them; ``more`` says that others follow the last."""

    rooms: tuple[RoomInfo, ...] = ()
    more: bool = False
    id: str = ""


class History(Packet, frozen=True, tag="history"):
    """A page of a room's messages, oldest first; ``more`` says that others lie beyond it."""

    room: str
    entries: tuple[Chat | Action | Direct, ...] = ()
    more: bool = False
    id: str = ""


class Gap(Packet, frozen=True, tag="gap"):
    """Messages ``first`` to ``last`` of a room cannot be given any more, and why."""

    room: str
    first: int
    last: int
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


ToServer = (
    Hello
    | Say
    | Act
    | Tell
    | Enter
    | Exit
    | AskRooms
    | AskWho
    | ChangeNick
    | SetTopic
    | AskHistory
    | Ping
    | Pong
    | Bye
)
ToClient = (
    Welcome
    | Chat
    | Action
    | Direct
    | Join
    | Leave
    | NickChange
    | Topic
    | Who
    | Rooms
    | History
    | Gap
    | Ping
    | Pong
    | Bye
    | Error
)


class BaseHello(Packet, frozen=True, tag="hello"):
    """A hello read by the base protocol's eyes: whatever else it carries is nobody's business."""

    nick: str


class BaseSay(Packet, frozen=True, tag="chat"):
    """A chat read by the base protocol's eyes."""

    message: str


class BaseExit(Packet, frozen=True, tag="leave"):
    """A framed goodbye, as some base clients send it."""


BaseToServer = BaseHello | BaseSay | BaseExit
