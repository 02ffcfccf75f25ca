"""Where a client's link goes, and why it could not be made, in words. No asyncio here."""

import os
import re
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from chatctl.capture.record import Tap
from chatctl.transport.address import Address

if TYPE_CHECKING:
    from chatctl.transport.trust import Trust

CONNECT_SECONDS = 10.0
READ_SIZE = 65_536
CLOSED = "the server closed the connection"

_FIRST = re.compile(r"Multiple exceptions: \[Errno (\d+)\]")


def nothing() -> None:
    """Do nothing."""


class Route(Struct, frozen=True):
    """The way to a server.

    Attributes:
        address: where it is.
        trust: whom to take for it; needed where the address says TLS.
        tap: sees everything that crosses, in the clear.
        flush: called once after whatever crossed at a time, so that a recording gets written.
    """

    address: Address
    trust: "Trust | None" = None
    tap: Tap = Tap()
    flush: Callable[[], None] = nothing


def why(error: BaseException) -> str:
    """Return in words what *error*, of a socket, says."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, BrokenPipeError):
        return CLOSED
    if isinstance(error, socket.gaierror):
        return "no such host"
    if isinstance(error, OSError) and not _is_tls(error) and (number := _number(error)) > 0:
        return os.strerror(number)
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
    return str(reason) or type(error).__name__


def _number(error: OSError) -> int:
    """Return the system's number of *error*; of several addresses, asyncio tells it in words."""
    found = _FIRST.match(str(error))
    return error.errno or (int(found[1]) if found else 0)


def _is_tls(error: OSError) -> bool:
    return hasattr(error, "library")


def end_text(name: object) -> str:
    """Return an address as the socket module gives it in the form records carry."""
    if isinstance(name, tuple):
        host, port = name[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"unix:{name or ''}"
