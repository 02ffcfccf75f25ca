"""A packet as a capture holds it, before anybody looks into it."""

from msgspec import Struct


class Captured(Struct, frozen=True, gc=False):
    """A packet as captured.

    Attributes:
        at: nanoseconds since 1970.
        linktype: how *data* begins, by the numbers of tcpdump.org/linktypes.html.
        data: the octets that were kept.
        size: how many there were on the wire.
        comment: what somebody wrote on it; several are joined by newlines.
    """

    at: int
    linktype: int
    data: bytes
    size: int
    comment: str = ""
