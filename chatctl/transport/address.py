"""Where a server is, as people write it. Text only: nothing here resolves or connects.

chat.example.org            a host, on the default port
chat.example.org:4000       a host and a port
[::1]:4000, [::1], ::1      IPv6; brackets are needed before a port
:4000                       a port of this machine
tls://chat.example.org      the same, over TLS
unix:/run/chatctl.sock      a socket file
"""

import re
from dataclasses import dataclass, replace

from chatctl.errors import UsageError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 3490
_TLS = "tls://"
_UNIX = "unix:"
_HOST = re.compile(r"[^\s:/\[\]@\x00-\x1f\x7f]+")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.]+)?")


@dataclass(frozen=True, slots=True)
class Address:
    """One end of a connection.

    Attributes:
        host: a name, an IPv4 address, or an IPv6 address without brackets; empty with ``path``.
        port: 1 to 65535; 0 means any free port, for listening only.
        tls: whether TLS is spoken there.
        path: the socket file of a Unix domain socket; empty for TCP.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    tls: bool = False
    path: str = ""

    @property
    def loopback(self) -> bool:
        """Whether it is this machine, as far as the text tells."""
        return bool(self.path) or self.host in {"localhost", "::1"} or self.host.startswith("127.")

    def __str__(self) -> str:
        """Return the form that ``parse`` reads back."""
        if self.path:
            return f"{_UNIX}{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{_TLS if self.tls else ''}{host}:{self.port}"


LOCAL = Address()


def parse(text: str, *, listen: bool = False) -> Address:
    """Return the address that *text* spells; with *listen*, port 0 is one too.

    Raises:
        UsageError: it spells none; says what is wrong with it.
    """
    if text.startswith(_UNIX):
        if path := text.removeprefix(_UNIX):
            return Address(host="", port=0, path=path)
        raise UsageError("'unix:' wants the path of a socket")
    if text.startswith(_TLS):
        return replace(parse(text.removeprefix(_TLS), listen=listen), tls=True)
    host, port = _split(text)
    return Address(host or DEFAULT_HOST, _port(port, listen=listen))


def _split(text: str) -> tuple[str, str | None]:
    """Return the host, empty where there is none, and the text of the port."""
    if text.startswith("["):
        inside, bracket, rest = text[1:].partition("]")
        if bracket and _IPV6.fullmatch(inside) and (not rest or rest.startswith(":")):
            return inside, rest[1:] if rest else None
        raise UsageError(f"{text!r} is not an IPv6 address in brackets")
    if _IPV6.fullmatch(text) and text.count(":") > 1:
        return text, None
    host, colon, port = text.partition(":")
    if (host and not _HOST.fullmatch(host)) or not (host or port):
        raise UsageError(f"{text!r} is not HOST, HOST:PORT, [IPV6]:PORT, tls://… or unix:PATH")
    return host, port if colon else None


def _port(text: str | None, *, listen: bool) -> int:
    if text is None:
        return DEFAULT_PORT
    lowest = 0 if listen else 1
    if text.isascii() and text.isdigit() and len(text) < 6 and lowest <= int(text) <= 65535:
        return int(text)
    raise UsageError(f"port {text!r} is not a number from {lowest} to 65535")
