"""The packets a client sends. docs/protocol.md says what each is for and shows it as octets."""

from msgspec import Struct, field

from chatctl.wire.packet import Packet, Whole


class Resume(Struct, frozen=True, omit_defaults=True, gc=False):
    """What a returning client knows: its token and the last seq it has seen in each room.

    A key of ``rooms`` is a room's name, or ``@nick`` for the direct messages with that nick.
    """

    token: str
    rooms: dict[str, Whole] = field(default_factory=dict)


class Hello(Packet, frozen=True, tag="hello"):
    """The first packet, once. Without ``v`` the peer speaks the base protocol alone."""

    nick: str
    v: Whole = 0
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
    before: Whole = 0
    after: Whole = 0
    limit: Whole = 0
    id: str = ""
