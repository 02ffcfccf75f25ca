"""What all packets have in common, and the three that travel both ways."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

LOBBY = "lobby"
VERSION = 1
MAX_WHOLE = 2**53 - 1
Whole = Annotated[int, Meta(ge=0, le=MAX_WHOLE)]
"""A number that every JSON reader holds exactly: 0 to 2**53 - 1. Counts, seqs and times are."""


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
