"""Every error chatctl raises on purpose, and the codes that answer a peer.

* ChatError
    * PacketError             bytes that are not a packet we speak
        * PayloadTooBig       ours is longer than a frame can hold (local)
        * MalformedPayload    a peer's is not a JSON object of a known shape (remote)
    * ProtocolError           what the peer sends makes no conversation
    * RequestRefused          the peer answered our request with an ``error`` packet
    * UsageError              what the user asked for makes no sense; nothing was done
    * LinkError               the connection could not be made, or was lost for good
    * TimedOut                the answer did not come in the time allowed
    * CaptureError            a file cannot be used as a capture, or not even be read
        * NotACapture         it is something else; says what it looks like
        * CaptureDamaged      sound up to a place, and not beyond it; says where
    * HistoryError            the room log cannot be opened or written
    * OutputError             what was to be written could not be, as on a full disk

A class exists because somebody catches it. ``cli`` turns each into one line and an exit status.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Stable codes of the ``error`` packet (docs/protocol.md, section "Errors")."""

    MALFORMED = "malformed"
    TOO_BIG = "too-big"
    OUT_OF_TURN = "out-of-turn"
    UNSUPPORTED = "unsupported"
    BAD_NICK = "bad-nick"
    NICK_TAKEN = "nick-taken"
    NO_SUCH_NICK = "no-such-nick"
    BAD_ROOM = "bad-room"
    NOT_IN_ROOM = "not-in-room"
    TOO_MANY_ROOMS = "too-many-rooms"
    TEXT_EMPTY = "text-empty"
    TEXT_TOO_LONG = "text-too-long"
    BAD_ID = "bad-id"
    RATE_LIMITED = "rate-limited"
    TOO_MANY_CONNECTIONS = "too-many-connections"
    HELLO_TIMEOUT = "hello-timeout"
    FRAME_TIMEOUT = "frame-timeout"
    PING_TIMEOUT = "ping-timeout"
    SLOW_READER = "slow-reader"
    NOT_STORED = "not-stored"
    REPLACED = "replaced"
    SHUTDOWN = "shutdown"
    INTERNAL = "internal"


class ChatError(Exception):
    """Base of every error chatctl raises on purpose."""


class PacketError(ChatError):
    """Bytes that are not a packet we speak."""


class PayloadTooBig(PacketError):
    """A payload of ours does not fit a frame: over 65,535 octets."""


class MalformedPayload(PacketError):
    """A payload is not a JSON object of a known shape, or not UTF-8, or nested too deeply."""


class ProtocolError(ChatError):
    """The peer does not speak our protocol, or broke it."""


class RequestRefused(ChatError):
    """The server answered a request with an ``error`` packet."""


class UsageError(ChatError):
    """What was asked for makes no sense; nothing was done."""


class LinkError(ChatError):
    """The connection could not be made, or was lost and not recovered."""


class TimedOut(ChatError):
    """The answer did not come in the time allowed."""


class CaptureError(ChatError):
    """A file cannot be used as a capture, or not even be read."""


class NotACapture(CaptureError):
    """A file is no capture at all; the text says what it looks like."""


class CaptureDamaged(CaptureError):
    """A capture is sound up to a place and not beyond it.

    Attributes:
        offset: octets from the start of the (uncompressed) input to the damage.
    """

    def __init__(self, detail: str, offset: int) -> None:
        super().__init__(detail)
        self.offset = offset


class HistoryError(ChatError):
    """The room log on disk cannot be opened, read or written."""


class OutputError(ChatError):
    """Standard output, or a file that was asked for, cannot be written, or not to its end."""
