"""What ``connect`` and ``send`` share: the way to the server, the session's secrets, recording."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from chatctl.capture.config import RecordConfig
from chatctl.capture.record import Tap
from chatctl.cli.report import warn_of
from chatctl.transport.address import Address
from chatctl.transport.dialling import Route, nothing

NONCE_BYTES = 6


def nonce() -> str:
    """Return what begins the ids of this run's packets: no other run has it."""
    return os.urandom(NONCE_BYTES).hex()


def jitter() -> float:
    """Return 0 to 1, by chance; reconnections need no better chance."""
    return os.urandom(1)[0] / 255


def login_name() -> str:
    """Return who is at this machine, as far as can be told."""
    if name := os.environ.get("LOGNAME") or os.environ.get("USER"):
        return name
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return "guest"


def route(server: Address, ca: Path | None, fingerprint: str, *, tls: bool) -> Route:
    """Return the way to *server*; TLS is imported only where it is spoken.

    Raises:
        UsageError: the fingerprint is none, or *ca* holds no certificates.
    """
    if not (tls or server.tls or ca or fingerprint):
        return Route(server)
    from chatctl.transport.trust import Trust

    return Route(replace(server, tls=True), Trust(ca, fingerprint))


@contextmanager
def recording(
    config: RecordConfig | None, server: Address
) -> Iterator[tuple[Tap, Callable[[], None]]]:
    """Yield a tap that records as *config* says, and what writes it; None records nothing.

    Raises:
        UsageError: the file cannot be opened.
    """
    if config is None:
        yield Tap(), nothing
        return
    from chatctl.capture.writing.recorder import open_recorder

    recorder = open_recorder(config, side="client", listen=str(server), stopped=warn_of)
    try:
        yield recorder, recorder.flush
    finally:
        recorder.flush()
        recorder.close()
