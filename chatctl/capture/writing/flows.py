"""The connections of a recording: the ends they are given, and the two sides that speak.

Ends are addresses and ports as packets carry them: those of the sockets, or made-up ones where a
socket has none, where they shall not be told, or where two connections would have the same.
"""

from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address

from chatctl.capture.writing.segments import ACK, SYN, Side
from chatctl.wire.packets import Direction

Ends = tuple[bytes, int, bytes, int]
"""Address and port of the client, then of the server."""

_MASK = 0xFFFFFFFF
_WINDOW_SCALE = b"\x01\x03\x03\x0e"


class Flow:
    """One connection: two sides that acknowledge each other."""

    __slots__ = ("client", "conn", "server", "to_client", "to_server")

    def __init__(self, conn: int, client: str, server: str, ends: Ends) -> None:
        self.conn = conn
        self.client = client
        self.server = server
        client_ip, client_port, server_ip, server_port = ends
        self.to_server = Side(client_ip + server_ip, client_port, server_port)
        self.to_client = Side(server_ip + client_ip, server_port, client_port)
        self.to_server.peer = self.to_client
        self.to_client.peer = self.to_server

    def side(self, direction: Direction) -> Side:
        """Return the side that sends in *direction*."""
        return self.to_server if direction is Direction.TO_SERVER else self.to_client

    def handshake(self) -> list[bytes]:
        """Return SYN, SYN-ACK and ACK; the window is scaled so that no frame exceeds it."""
        return [
            self.to_server.ip(SYN, tcp_options=_WINDOW_SCALE),
            self.to_client.ip(SYN | ACK, tcp_options=_WINDOW_SCALE),
            self.to_server.ip(ACK),
        ]


class Flows:
    """The connections that are open, by the number their owner gave them.

    Attributes:
        up: the side of each that speaks to the server; ``down``, the one to the client.
    """

    def __init__(self, *, virtual: bool) -> None:
        """Give connections made-up ends if *virtual*, else those of their sockets."""
        self.up: dict[int, Side] = {}
        self.down: dict[int, Side] = {}
        self._ends = virtual_ends if virtual else real_ends
        self._flows: dict[int, Flow] = {}
        self._taken: dict[bytes, int] = {}
        self._ended: Flow | None = None

    def __iter__(self) -> Iterator[Flow]:
        """Return an iterator over all there are now, the oldest first."""
        return iter(list(self._flows.values()))

    def get(self, conn: int) -> Flow | None:
        """Return the connection *conn*."""
        return self._flows.get(conn)

    def newest(self) -> Flow | None:
        """Return the one that was begun last; where none is open, the one that ended last."""
        return next(reversed(self._flows.values()), self._ended)

    def begin(self, conn: int, client: str = "", server: str = "") -> Flow:
        """Return a new connection *conn*; no other that is open has its ends."""
        flow = Flow(conn, client, server, self._ends(conn, client, server))
        if self._taken.setdefault(flow.to_server.ends, conn) != conn:
            flow = Flow(conn, client, server, made_up_ends(conn, server))
        self._flows[conn] = flow
        self.up[conn], self.down[conn] = flow.to_server, flow.to_client
        return flow

    def forget(self, conn: int) -> None:
        """Let go of *conn*, if there is one."""
        flow = self._flows.pop(conn, None)
        if flow is None:
            return
        self._ended = flow
        del self.up[conn], self.down[conn]
        if self._taken.get(flow.to_server.ends) == conn:
            del self._taken[flow.to_server.ends]


def real_ends(conn: int, client: str, server: str) -> Ends:
    """Return the addresses and ports of *client* and *server* as they are.

    What has no IP address (a unix socket, an unknown peer) gets ``fd00::conn`` and port *conn*.
    Both ends are brought to one family, IPv4 as IPv4-mapped where the other is IPv6.
    """
    near, far = _parse(client), _parse(server)
    if near is None or far is None:
        return made_up_ends(conn, server)
    if len(near[0]) != len(far[0]):
        near, far = (_as_v6(near[0]), near[1]), (_as_v6(far[0]), far[1])
    return near[0], near[1], far[0], far[1]


def made_up_ends(conn: int, server: str) -> Ends:
    """Return ends that no other connection has, for one whose own cannot be used."""
    far = _parse(server)
    return virtual_v6(conn, 1), conn & 0xFFFF, virtual_v6(conn, 2), far[1] if far else 3490


def virtual_ends(conn: int, _client: str, server: str) -> Ends:
    """Return made-up addresses, one a connection, out of 198.18.0.0/15 (benchmarking, RFC 2544).

    The server is always 198.18.0.1; the server's port is kept, the client's is not.
    """
    far = _parse(server)
    number = (198 << 24 | 18 << 16) + 10 + conn % ((1 << 17) - 16)
    return number.to_bytes(4, "big"), 40000, b"\xc6\x12\x00\x01", far[1] if far else 3490


def virtual_v6(conn: int, end: int) -> bytes:
    """Return the address that stands for an end without one."""
    return IPv6Address(f"fd00::{end}:0:0").packed[:12] + (conn & _MASK).to_bytes(4, "big")


def _parse(address: str) -> tuple[bytes, int] | None:
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]").partition("%")[0]
    try:
        return ip_address(host).packed, int(port) & 0xFFFF
    except ValueError:
        return None


def _as_v6(packed: bytes) -> bytes:
    return packed if len(packed) == 16 else b"\0" * 10 + b"\xff\xff" + packed
