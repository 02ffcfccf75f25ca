"""What a peer may send, when: the whole of it, as a table.

    CONNECTED ──hello──► BASE
        └──────hello v1──► EXTENDED          any of them ──goodbye or fault──► CLOSING

docs/protocol.md, section "States".
"""

from enum import StrEnum

from chatctl.wire.packets import (
    Act,
    AskHistory,
    AskRooms,
    AskWho,
    BaseExit,
    BaseHello,
    BaseSay,
    Bye,
    ChangeNick,
    Enter,
    Exit,
    Hello,
    Packet,
    Ping,
    Pong,
    Say,
    SetTopic,
    Tell,
)


class State(StrEnum):
    """Where a connection stands, seen from the server. A StrEnum, since plain ones hash slowly."""

    CONNECTED = "connected"
    BASE = "base"
    EXTENDED = "extended"
    CLOSING = "closing"


MAY_SEND: dict[State, frozenset[type[Packet]]] = {
    State.CONNECTED: frozenset({Hello, BaseHello}),
    State.BASE: frozenset({BaseSay, BaseExit}),
    State.EXTENDED: frozenset(
        {
            Say,
            Act,
            Tell,
            Enter,
            Exit,
            AskRooms,
            AskWho,
            ChangeNick,
            SetTopic,
            AskHistory,
            Ping,
            Pong,
            Bye,
        }
    ),
    State.CLOSING: frozenset(),
}
