"""What a played server does with a packet that was not recorded."""

from enum import StrEnum


class OnUnmatched(StrEnum):
    """The policies; see docs/replay.md, "As the server"."""

    CLOSEST = "closest"
    IGNORE = "ignore"
    ERROR = "error"
    CLOSE = "close"
