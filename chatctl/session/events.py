"""What the client's mind tells a front: plain values, in the order in which they happened.

A front (full screen, lines, JSON lines, ``send``) draws these and never looks at packets. Texts are
as the peer sent them, hence hostile: a front shows them through ``chatctl.view`` alone.

``room`` is where something belongs: a room's name, or ``@nick`` for the direct messages with that
nick. On a server of the base protocol it is always ``lobby``. ``time`` is milliseconds since the
epoch by the server's clock, 0 where the server gave none. ``own`` says that it is about ourselves.

Structs, though they stay in memory: making twenty dataclasses costs ``send`` a tenth of its time.
"""

from enum import StrEnum

from msgspec import Struct, field

from chatctl.wire.packets import LOBBY, Direction, RoomInfo, Unknown


class Saying(StrEnum):
    """The three ways to say something, by the ``type`` of the packet that carries it."""

    CHAT = "chat"
    ACTION = "me"
    DIRECT = "dm"


class Delivery(StrEnum):
    """What is known of the way of something we said.

    PENDING becomes CONFIRMED when the server's copy arrives; SENT on a base server that does not
    give copies (it may still be confirmed later); FAILED when it was refused, or nothing came back
    in time: ``ClientSession.retry`` tries again under the same id.
    """

    PENDING = "pending"
    CONFIRMED = "confirmed"
    SENT = "sent"
    FAILED = "failed"


class Negotiated(Struct, frozen=True, gc=False):
    """The server is known: talk can flow. Comes once for every link that was made.

    Attributes:
        nick: what we are called here.
        extended: whether the extension was granted; else this is a base server.
        server: name and version of its program, if it told.
        caps: the capabilities granted.
        limits: the limits it announced, by name.
        resumed: whether this continues the session we had before the link was lost.
    """

    nick: str
    extended: bool
    server: str = ""
    caps: tuple[str, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    resumed: bool = False


class Joined(Struct, frozen=True, gc=False):
    """Somebody is in a room now. ``id`` is of our own request, if that was one."""

    nick: str
    room: str = LOBBY
    own: bool = False
    time: int = 0
    id: str = ""


class Left(Struct, frozen=True, gc=False):
    """Somebody is no longer in a room."""

    nick: str
    room: str = LOBBY
    reason: str = ""
    own: bool = False
    time: int = 0
    id: str = ""


class Said(Struct, frozen=True, gc=False):
    """Words. Ours come once, at the moment they are said, and change by ``Receipt`` later.

    Attributes:
        id: of our own words the key under which receipts follow; of others' whatever they sent.
        seq: the room's number for it; 0 while there is none.
        to: the other nick of a direct message.
        late: it was said while our link was lost.
    """

    nick: str
    text: str
    room: str = LOBBY
    how: Saying = Saying.CHAT
    to: str = ""
    seq: int = 0
    time: int = 0
    id: str = ""
    own: bool = False
    state: Delivery = Delivery.CONFIRMED
    late: bool = False


class Receipt(Struct, frozen=True, gc=False):
    """What became of words of ours, named by their ``id``; ``reason`` in words where it failed."""

    id: str
    state: Delivery
    room: str = LOBBY
    seq: int = 0
    time: int = 0
    code: str = ""
    reason: str = ""


class NickChanged(Struct, frozen=True, gc=False):
    """``nick`` is called ``to`` from now on; ``room`` is empty in the answer to our request."""

    nick: str
    to: str
    room: str = ""
    own: bool = False
    time: int = 0
    id: str = ""


class TopicIs(Struct, frozen=True, gc=False):
    """A room's topic, set by ``nick``; ``seq`` is 0 where this only answers a question."""

    room: str
    topic: str
    nick: str = ""
    seq: int = 0
    time: int = 0
    id: str = ""


class Members(Struct, frozen=True, gc=False):
    """Who is in a room, or a page of it; ``more`` says that others follow the last nick."""

    room: str
    nicks: tuple[str, ...]
    more: bool = False
    id: str = ""


class RoomList(Struct, frozen=True, gc=False):
    """The rooms, or a page of them."""

    rooms: tuple[RoomInfo, ...]
    more: bool = False
    id: str = ""


class Page(Struct, frozen=True, gc=False):
    """A page of a room's past, oldest first; ``more`` says that others lie beyond it."""

    room: str
    entries: tuple["Said | TopicIs", ...]
    more: bool = False
    id: str = ""


class Hole(Struct, frozen=True, gc=False):
    """Messages ``first`` to ``last`` of a room are lost to us, and why."""

    room: str
    first: int
    last: int
    reason: str = ""


class Refused(Struct, frozen=True, gc=False):
    """The server refused a request (by ``id``), or complains before it hangs up (no ``id``)."""

    code: str
    text: str
    id: str = ""
    limit: float | None = None
    value: float | None = None
    retry_after: float | None = None
    suggestion: str = ""


class Lag(Struct, frozen=True, gc=False):
    """A ping came back after ``seconds``."""

    seconds: float
    id: str = ""


class Goodbye(Struct, frozen=True, gc=False):
    """The server is about to hang up, and says why. None: coming back is pointless."""

    code: str
    reason: str
    retry_after: float | None


class LinkLost(Struct, frozen=True, gc=False):
    """The link is gone, or could not be made.

    Attributes:
        retry_in: seconds until another is tried; None: never, the session is over.
        fault: the server broke the protocol; it is no chat server, most likely.
        ever: whether there was a link at all in this session's life.
    """

    reason: str
    retry_in: float | None
    fault: bool = False
    ever: bool = True


class Reconnecting(Struct, frozen=True, gc=False):
    """A new link is being made, for the ``attempt``-th time in a row."""

    attempt: int


class UnknownPacket(Struct, frozen=True, gc=False):
    """The server sent a type we do not know; ignored."""

    packet: Unknown
    payload: bytes


class MalformedPacket(Struct, frozen=True, gc=False):
    """The server sent a payload that is no packet; ignored."""

    payload: bytes
    reason: str


class RawPacket(Struct, frozen=True, gc=False):
    """A payload crossed the link. Only where ``ClientSettings.raw`` asks for them."""

    direction: Direction
    payload: bytes


Event = (
    Negotiated
    | Joined
    | Left
    | Said
    | Receipt
    | NickChanged
    | TopicIs
    | Members
    | RoomList
    | Page
    | Hole
    | Refused
    | Lag
    | Goodbye
    | LinkLost
    | Reconnecting
    | UnknownPacket
    | MalformedPacket
    | RawPacket
)
