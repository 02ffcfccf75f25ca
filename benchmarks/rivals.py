"""The servers that are measured: ours, those of the field, and the limit. Each speaks for itself.

A rival starts its process on a free port and knows three things: what a reader says to be told of
everything, what a writer says first, and what one message looks like on its way in. How many octets
a delivered message has is learned by sending one.
"""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path

import trustme
from load import Address

from chatctl.wire import codec
from chatctl.wire.packets import Chat, Hello, Say

HERE = Path(__file__).parent


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


class Rival(ABC):
    """A server under load; ``with rival:`` is its life."""

    name: str
    tls: ssl.SSLContext | None = None

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="chatctl-bench-"))
        self.started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""

    @abstractmethod
    def reader(self, number: int, /) -> bytes:
        """Return what reader *number* says on connecting."""

    def writer(self, number: int, /) -> bytes:
        """Return what writer *number* says on connecting."""
        return self.reader(-1 - number)

    @abstractmethod
    def say(self, text: str) -> bytes:
        """Return one message on its way in."""

    def delivered(self, size: int, count: int) -> int:
        """Return the octets of *count* messages, where the first of all had *size*."""
        return size * count

    @property
    def installed(self) -> bool:
        """Whether its program is on this machine."""
        return shutil.which(self.command()[0]) is not None

    @property
    def address(self) -> Address:
        """Where it listens."""
        return "127.0.0.1", self.port

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def cpu(self) -> float:
        """Return the processor seconds it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Return the octets of memory it holds now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> "Rival":
        log = (self.folder / "log").open("wb")
        self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, cwd=self.folder)
        began = time.monotonic()
        end = began + 20
        while True:
            try:
                socket.create_connection(self.address, timeout=1).close()
            except OSError:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{self.name} did not start: {self._log()}") from None
                time.sleep(0.005)
            else:
                self.started = time.monotonic() - began
                return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.folder)

    def _log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-2000:]


class Chatctl(Rival):
    """Ours, with everything switched on. Readers speak the base protocol or the extension."""

    name = "chatctl"

    def __init__(self, *options: str, extended: bool = False, name: str = "chatctl") -> None:
        super().__init__()
        self.name = name
        self._options = options
        self._version = 1 if extended else 0

    def command(self) -> list[str]:
        """See Rival."""
        program = [sys.executable, "-m", "chatctl", "serve", "--port", str(self.port)]
        return [*program, *self._options]

    def reader(self, number: int, /) -> bytes:
        """See Rival."""
        nick = f"r{number:05}" if number >= 0 else f"w{-number:05}"
        return codec.encode_frame(Hello(nick, self._version))

    def say(self, text: str) -> bytes:
        """See Rival."""
        return codec.encode_frame(Say(text))

    def delivered(self, size: int, count: int) -> int:
        """See Rival. A message to an extended reader grows with the digits of its seq."""
        if not self._version:
            return size * count
        return sum(size - 1 + len(str(seq)) for seq in range(2, count + 2))


class TlsChatctl(Chatctl):
    """Ours over TLS, with a certificate made for the occasion."""

    name = "chatctl, TLS"

    def __init__(self) -> None:
        super().__init__("--no-history", "--tls-cert", "server.pem", name=self.name)
        authority = trustme.CA()
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(
            str(self.folder / "server.pem")
        )
        self.tls = ssl.create_default_context()
        authority.configure_trust(self.tls)


class Redis(Rival):
    """redis-server, publish and subscribe, with its limits on output buffers off."""

    name = "redis"

    def command(self) -> list[str]:
        """See Rival."""
        return [
            *("redis-server", "--port", str(self.port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no", "--maxclients", "19000"),
            *("--client-output-buffer-limit", "pubsub 0 0 0", "--tcp-backlog", "4096"),
        ]

    def reader(self, _number: int, /) -> bytes:
        """See Rival."""
        return b"SUBSCRIBE lobby\r\n"

    def writer(self, _number: int, /) -> bytes:
        """See Rival."""
        return b"PING\r\n"

    def say(self, text: str) -> bytes:
        """See Rival."""
        body = text.encode()
        return b"*3\r\n$7\r\nPUBLISH\r\n$5\r\nlobby\r\n$%d\r\n%b\r\n" % (len(body), body)


class Nats(Rival):
    """nats-server, core publish and subscribe, with its limits out of the way."""

    name = "nats"

    def command(self) -> list[str]:
        """See Rival."""
        config = self.folder / "nats.conf"
        config.write_text(
            'max_pending: 1073741824\nwrite_deadline: "60s"\nmax_connections: 20000\n'
            'ping_interval: "1h"\n'
        )
        program = os.environ.get("NATS_SERVER", "nats-server")
        return [program, "-c", str(config), "-a", "127.0.0.1", "-p", str(self.port)]

    def reader(self, _number: int, /) -> bytes:
        """See Rival."""
        return b'CONNECT {"verbose":false}\r\nSUB lobby 1\r\n'

    def writer(self, _number: int, /) -> bytes:
        """See Rival."""
        return b'CONNECT {"verbose":false}\r\n'

    def say(self, text: str) -> bytes:
        """See Rival."""
        body = text.encode()
        return b"PUB lobby %d\r\n%b\r\n" % (len(body), body)


class Ngircd(Rival):
    """ngircd, one channel, with its flood penalties off."""

    name = "ngircd"

    def command(self) -> list[str]:
        """See Rival."""
        config = self.folder / "ngircd.conf"
        config.write_text(
            f"[Global]\nName = bench.local\nInfo = bench\nPorts = {self.port}\n"
            "Listen = 127.0.0.1\nMotdPhrase = x\n"
            "[Limits]\nMaxConnections = 0\nMaxConnectionsIP = 0\nMaxJoins = 0\n"
            "MaxPenaltyTime = 0\nMaxNickLength = 16\nPingTimeout = 3600\n"
            "[Options]\nDNS = no\nIdent = no\nPAM = no\n"
        )
        return ["ngircd", "-n", "-f", str(config)]

    def reader(self, number: int, /) -> bytes:
        """See Rival."""
        nick = f"r{number:05}" if number >= 0 else f"w{-number:05}"
        return f"NICK {nick}\r\nUSER u 0 * :x\r\nJOIN #lobby\r\n".encode()

    def say(self, text: str) -> bytes:
        """See Rival."""
        return f"PRIVMSG #lobby :{text}\r\n".encode()


class Limit(Rival):
    """The bare relay; its messages are the octets a base client of ours is sent."""

    name = "limit"

    def command(self) -> list[str]:
        """See Rival."""
        return [sys.executable, str(HERE / "relay.py"), str(self.port)]

    def reader(self, _number: int, /) -> bytes:
        """See Rival."""
        return b"R"

    def writer(self, _number: int, /) -> bytes:
        """See Rival."""
        return b"W"

    def say(self, text: str) -> bytes:
        """See Rival."""
        return codec.encode_frame(Chat("w00001", text))
