"""The load generator: a crowd of sockets that only counts octets.

It parses nothing, so it costs every server the same, and one process of it can keep a room of
thousands busy. A benchmark says how many octets each reader is to get; the crowd says when.
"""

import resource
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

BUFFER = 256 * 1024
Address = tuple[str, int]


def raise_file_limit() -> None:
    """Let this process, and the servers it starts, have as many sockets as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@dataclass(slots=True)
class Connection:
    """One socket of the crowd.

    Attributes:
        got: octets received so far.
        size: octets that one message has here, once learned; 0 where none comes.
        goal: octets after which it has everything that was announced.
        unsent: what its socket has not taken yet.
        on_data: is shown what arrives, for the few connections that measure.
    """

    sock: socket.socket
    got: int = 0
    size: int = 0
    goal: int = 0
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    on_data: Callable[[bytes], None] | None = None


class Crowd:
    """Sockets that receive and count, in one epoll loop."""

    def __init__(self, address: Address, tls: ssl.SSLContext | None = None) -> None:
        self.address = address
        self._tls = tls
        self.connections: list[Connection] = []
        self.waiting = 0
        self._poll = select.epoll()
        self._by_file: dict[int, Connection] = {}
        self._buffer = bytearray(BUFFER)

    def join(self, handshakes: Iterable[bytes]) -> list[Connection]:
        """Connect once for each of *handshakes* and say it; what comes back meanwhile is read."""
        made = []
        for number, handshake in enumerate(handshakes):
            connection = self._connect()
            connection.sock.sendall(handshake)
            connection.sock.setblocking(False)
            made.append(connection)
            if number % 32 == 0:
                self.pump(0)
        return made

    def _connect(self) -> Connection:
        sock = socket.create_connection(self.address, timeout=30)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:
            sock = self._tls.wrap_socket(sock, server_hostname="localhost")
        connection = Connection(sock)
        self.connections.append(connection)
        self._by_file[sock.fileno()] = connection
        self._poll.register(sock.fileno(), select.EPOLLIN)
        return connection

    def settle(self, quiet: float = 0.3, at_most: float = 120) -> None:
        """Read until nothing has come for *quiet* seconds: everybody is in, and has been told."""
        end = time.monotonic() + at_most
        while time.monotonic() < end:
            if self.pump(quiet) == 0:
                return
        raise TimeoutError(f"the server still talks after {at_most} s")

    def learn(self, writer: Connection, message: bytes) -> None:
        """Send one *message* and note what of it arrives at each connection."""
        before = [connection.got for connection in self.connections]
        self.send(writer, message)
        self.pump(5)
        self.settle()
        for connection, got in zip(self.connections, before, strict=True):
            connection.size = connection.got - got

    def expect(self, octets: Callable[[int], int]) -> None:
        """Announce that each connection is to get *octets* (of its size of a message) more."""
        for connection in self.connections:
            more = octets(connection.size)
            if more and connection.got >= connection.goal:
                self.waiting += 1
            connection.goal = max(connection.goal, connection.got) + more

    def wait(self, at_most: float = 300) -> float:
        """Read until everybody has what was announced; return the time of ``perf_counter``."""
        end = time.monotonic() + at_most
        while self.waiting:
            if self.pump(1) == 0 and time.monotonic() > end:
                raise TimeoutError(f"{self.waiting} readers are still short after {at_most} s")
        return time.perf_counter()

    def send(self, connection: Connection, data: bytes) -> None:
        """Send *data* as fast as the server takes it, in the passes of ``pump``."""
        connection.unsent = memoryview(bytes(connection.unsent) + data)
        self._write(connection)

    def _write(self, connection: Connection) -> None:
        try:
            while connection.unsent:
                sent = connection.sock.send(connection.unsent)
                connection.unsent = connection.unsent[sent:]
        except (BlockingIOError, ssl.SSLWantWriteError):
            pass
        events = select.EPOLLIN | (select.EPOLLOUT if connection.unsent else 0)
        self._poll.modify(connection.sock.fileno(), events)

    def ignore(self, connection: Connection) -> None:
        """Read nothing from *connection* any more, and expect nothing there."""
        self._poll.unregister(connection.sock.fileno())
        connection.size = 0

    def pump(self, timeout: float) -> int:
        """Do what is to be done now, waiting for it up to *timeout* s; return how much it was."""
        ready = self._poll.poll(timeout)
        for file, event in ready:
            connection = self._by_file[file]
            if event & select.EPOLLOUT:
                self._write(connection)
            if event & ~select.EPOLLOUT:
                self._read(connection)
        return len(ready)

    def _read(self, connection: Connection) -> None:
        size = self._receive(connection.sock)
        if size is None:
            return
        if not size:
            raise ConnectionError("the server closed a connection of the crowd")
        before = connection.got
        connection.got = before + size
        if before < connection.goal <= connection.got:
            self.waiting -= 1
        if connection.on_data is not None:
            connection.on_data(bytes(self._buffer[:size]))

    def _receive(self, sock: socket.socket) -> int | None:
        """Return how much was read, 0 at the end; None if TLS has no whole record yet."""
        if not isinstance(sock, ssl.SSLSocket):
            return sock.recv_into(self._buffer)
        size = 0
        try:
            while size < BUFFER and (more := sock.recv_into(memoryview(self._buffer)[size:])):
                size += more
        except ssl.SSLWantReadError:
            return size or None
        return size

    def close(self) -> None:
        """Leave, all of them."""
        self._poll.close()
        for connection in self.connections:
            connection.sock.close()
