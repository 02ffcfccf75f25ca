"""Every packet, one frozen struct each, grouped by direction.

The direction is part of a packet's meaning: ``chat`` has other members each way, so two classes
share that tag and live in two unions, ``ToServer`` and ``ToClient``. Members left at their default
are not sent, which keeps a base packet free of anything the guide does not know.

This is the door: import packets from here, wherever they are written down.
"""

from chatctl.wire.packet import (
    LOBBY,
    MAX_WHOLE,
    VERSION,
    Bye,
    Capability,
    Direction,
    Packet,
    Ping,
    Pong,
    Unknown,
    Whole,
)
from chatctl.wire.to_client import (
    Action,
    Chat,
    Direct,
    Error,
    Gap,
    History,
    Join,
    Leave,
    NickChange,
    RoomInfo,
    Rooms,
    Topic,
    Welcome,
    Who,
)
from chatctl.wire.to_server import (
    Act,
    AskHistory,
    AskRooms,
    AskWho,
    ChangeNick,
    Enter,
    Exit,
    Hello,
    Resume,
    Say,
    SetTopic,
    Tell,
)

__all__ = [
    "LOBBY",
    "MAX_WHOLE",
    "VERSION",
    "Act",
    "Action",
    "AskHistory",
    "AskRooms",
    "AskWho",
    "BaseExit",
    "BaseHello",
    "BaseSay",
    "BaseToServer",
    "Bye",
    "Capability",
    "ChangeNick",
    "Chat",
    "Direct",
    "Direction",
    "Enter",
    "Error",
    "Exit",
    "Gap",
    "Hello",
    "History",
    "Join",
    "Leave",
    "NickChange",
    "Packet",
    "Ping",
    "Pong",
    "Resume",
    "RoomInfo",
    "Rooms",
    "Say",
    "SetTopic",
    "Tell",
    "ToClient",
    "ToServer",
    "Topic",
    "Unknown",
    "Welcome",
    "Who",
    "Whole",
]

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
