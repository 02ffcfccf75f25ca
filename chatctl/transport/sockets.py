"""What a server asks of the kernel's sockets: their names, keepalive, and old socket files."""

import asyncio
import errno
import os
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

from chatctl.transport.address import Address

KEEPALIVE_IDLE = 30
USER_TIMEOUT_MS = 60_000
BACKLOG = 1024
MOST_UNSENT = 256 * 1024

_EVERY = ("0.0.0.0", "::")  # noqa: S104 - recognised, not listened on


def ends_of(transport: asyncio.Transport) -> tuple[str, str, bool]:
    """Return the client's and the server's address as text, and whether it is this machine."""
    peer, here = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    sock: socket.socket = transport.get_extra_info("socket")
    if sock.family == socket.AF_UNIX:
        return "unix:", f"unix:{here or ''}", True
    _watch_over(sock)
    if not peer:
        return "", _text(here), False
    return (
        _text(peer),
        _text(here),
        peer[0] == "::1" or "127." in peer[0].removeprefix("::ffff:")[:4],
    )


def _text(name: tuple[str, int]) -> str:
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _watch_over(sock: socket.socket) -> None:
    """Let the kernel notice half-open links, since base peers cannot answer a ping.

    And let it hold little for a reader that does not read: by itself it takes up to 4 MiB for each.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_NOTSENT_LOWAT", MOST_UNSENT),
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE),
        ("TCP_KEEPINTVL", KEEPALIVE_IDLE // 3),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", USER_TIMEOUT_MS),
    ):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def queue_newcomers(listening: Sequence[socket.socket]) -> None:
    """Let the kernel queue many newcomers, of which asyncio accepts few in one turn of its loop.

    asyncio takes one number for both. With a large one, a flood of connections uses up all files
    before those over the limit are let go, and each of its attempts to accept logs a failure.
    """
    for sock in listening:
        with socket.socket(fileno=os.dup(sock.fileno())) as same:
            same.listen(BACKLOG)


async def leads_to(target: Address, names: Iterable[object]) -> bool:
    """Return whether who calls *target* comes to a socket that listens on one of *names*.

    These are as ``getsockname`` gives them. Nobody is called to find that out.
    """
    here = [name[:2] for name in names if isinstance(name, tuple) and name[1] == target.port]
    if target.path or not here:
        return False
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError:
        return False
    there = {str(name[0]) for *_, name in found}
    return any(
        host in there or (host in _EVERY and any(_is_ours(other, host) for other in there))
        for host, _ in here
    )


def _is_ours(host: str, every: str) -> bool:
    """Return whether *host* is an address of this machine, and of the family of *every*."""
    family = socket.AF_INET6 if ":" in every else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True


def remove_stale(path: Path) -> None:
    """Remove the socket file of a server that died, but not one that somebody answers on.

    Raises:
        OSError: a server is there, or the file is no socket.
    """
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(errno.EADDRINUSE, "a server answers there already")
