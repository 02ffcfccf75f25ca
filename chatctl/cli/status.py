"""The exit statuses, one table for every command, and which error ends in which."""

from enum import IntEnum

from chatctl.errors import (
    CaptureDamaged,
    CaptureError,
    ChatError,
    HistoryError,
    LinkError,
    OutputError,
    PacketError,
    ProtocolError,
    RequestRefused,
    TimedOut,
    UsageError,
)


class ExitStatus(IntEnum):
    """How a command ended; ``MEANING`` says it in words."""

    DONE = 0
    NO = 1
    USAGE = 2
    LINK = 3
    PROTOCOL = 4
    DAMAGED = 5
    UNUSABLE = 6
    TIMEOUT = 7
    BUG = 70
    UNWRITTEN = 74
    HANGUP = 129
    INTERRUPTED = 130
    QUIT = 131
    CLOSED = 141
    TERMINATED = 143


MEANING = {
    ExitStatus.DONE: "done, all of it",
    ExitStatus.NO: "the answer is no: refused by the server, comparison differs, assertion failed",
    ExitStatus.USAGE: "usage: nothing was done",
    ExitStatus.LINK: "could not connect, or the link was lost and not recovered",
    ExitStatus.PROTOCOL: "the peer broke the protocol",
    ExitStatus.DAMAGED: "input damaged: its sound part was used, the loss was reported",
    ExitStatus.UNUSABLE: "input unusable: not a capture, or it cannot be read",
    ExitStatus.TIMEOUT: "timed out",
    ExitStatus.BUG: "a fault in chatctl itself",
    ExitStatus.UNWRITTEN: "the output could not be written, as on a full disk",
    ExitStatus.HANGUP: "the terminal went away (SIGHUP)",
    ExitStatus.INTERRUPTED: "interrupted (Ctrl-C)",
    ExitStatus.QUIT: "told to quit (SIGQUIT)",
    ExitStatus.CLOSED: "stdout was closed by its reader, as by `| head`",
    ExitStatus.TERMINATED: "terminated (SIGTERM)",
}

_STATUS: dict[type[BaseException], ExitStatus] = {
    RequestRefused: ExitStatus.NO,
    UsageError: ExitStatus.USAGE,
    LinkError: ExitStatus.LINK,
    ProtocolError: ExitStatus.PROTOCOL,
    PacketError: ExitStatus.PROTOCOL,
    CaptureDamaged: ExitStatus.DAMAGED,
    CaptureError: ExitStatus.UNUSABLE,
    HistoryError: ExitStatus.UNUSABLE,
    TimedOut: ExitStatus.TIMEOUT,
    OutputError: ExitStatus.UNWRITTEN,
    ChatError: ExitStatus.NO,
    TimeoutError: ExitStatus.TIMEOUT,
    ConnectionError: ExitStatus.LINK,
    OSError: ExitStatus.UNUSABLE,
}


def status_of(error: BaseException) -> ExitStatus:
    """Return the status that *error* ends a command with: its nearest ancestor's in the table."""
    for ancestor in type(error).__mro__:
        if status := _STATUS.get(ancestor):
            return status
    return ExitStatus.BUG
