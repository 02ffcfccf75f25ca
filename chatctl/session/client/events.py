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


class Happened(Struct, frozen=True, tag_field="event", gc=False):
    """Base of all events; ``event`` names the kind where an event becomes JSON (docs/json.md)."""


class Negotiated(Happened, frozen=True, tag="negotiated"):
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


class Joined(Happened, frozen=True, tag="joined"):
    """Somebody is in a room now. ``id`` is of our own request, if that was one."""

    nick: str
    room: str = LOBBY
    own: bool = False
    time: int = 0
    id: str = ""


class Left(Happened, frozen=True, tag="left"):
    """Somebody is no longer in a room."""

    nick: str
    room: str = LOBBY
    reason: str = ""
    own: bool = False
    time: int = 0
    id: str = ""


class Said(Happened, frozen=True, tag="said"):
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


class Receipt(Happened, frozen=True, tag="receipt"):
    """What became of words of ours, named by their ``id``; ``reason`` in words where it failed."""

    id: str
    state: Delivery
    room: str = LOBBY
    seq: int = 0
    time: int = 0
    code: str = ""
    reason: str = ""


class NickChanged(Happened, frozen=True, tag="nick"):
    """``nick`` is called ``to`` from now on; ``room`` is empty in the answer to our request."""

    nick: str
    to: str
    room: str = ""
    own: bool = False
    time: int = 0
    id: str = ""


class TopicIs(Happened, frozen=True, tag="topic"):
    """A room's topic, set by ``nick``; ``seq`` is 0 where this only answers a question."""

    room: str
    topic: str
    nick: str = ""
    seq: int = 0
    time: int = 0
    id: str = ""


class Members(Happened, frozen=True, tag="members"):
    """Who is in a room, or a page of it; ``more`` says that others follow the last nick.

    ``partial``: a base server has no list, and these are the ones who were heard of.
    """

    room: str
    nicks: tuple[str, ...]
    more: bool = False
    id: str = ""
    partial: bool = False


class RoomList(Happened, frozen=True, tag="rooms"):
    """The rooms, or a page of them."""

    rooms: tuple[RoomInfo, ...]
    more: bool = False
    id: str = ""


class Page(Happened, frozen=True, tag="page"):
    """A page of a room's past, oldest first; ``more`` says that others lie beyond it."""

    room: str
    entries: tuple["Said | TopicIs", ...]
    more: bool = False
    id: str = ""


class Hole(Happened, frozen=True, tag="hole"):
    """Messages ``first`` to ``last`` of a room are lost to us, and why."""

    room: str
    first: int
    last: int
    reason: str = ""


class Refused(Happened, frozen=True, tag="refused"):
    """The server refused a request (by ``id``), or complains before it hangs up (no ``id``)."""

    code: str
    text: str
    id: str = ""
    limit: float | None = None
    value: float | None = None
    retry_after: float | None = None
    suggestion: str = ""


class Lag(Happened, frozen=True, tag="lag"):
    """A ping came back after ``seconds``."""

    seconds: float
    id: str = ""


class Goodbye(Happened, frozen=True, tag="goodbye"):
    """The server is about to hang up, and says why. None: coming back is pointless."""

    code: str
    reason: str
    retry_after: float | None


class LinkLost(Happened, frozen=True, tag="link-lost"):
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


class Reconnecting(Happened, frozen=True, tag="reconnecting"):
    """A new link is being made, for the ``attempt``-th time in a row."""

    attempt: int


class UnknownPacket(Happened, frozen=True, tag="unknown"):
    """The server sent a type we do not know; ignored."""

    packet: Unknown
    payload: bytes


class MalformedPacket(Happened, frozen=True, tag="malformed"):
    """The server sent a payload that is no packet; ignored."""

    payload: bytes
    reason: str


class RawPacket(Happened, frozen=True, tag="raw"):
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
