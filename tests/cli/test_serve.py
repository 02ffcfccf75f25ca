"""``chatctl serve`` as a process: what it says, and how it ends."""

import os
import re
import signal
import socket
import subprocess

import pytest

from chatctl.capture.reading.reader import read_records
from chatctl.cli.serve import serve
from chatctl.session.limits import Limits
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import BaseHello, BaseSay
from tests.peers.programs import CHATCTL


@pytest.fixture
def start(tmp_path):
    """Return what starts a server and waits until it listens."""
    processes = []

    def start_(*options):
        process = subprocess.Popen(
            [*CHATCTL, "serve", "--port", "0", *options],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "XDG_DATA_HOME": str(tmp_path)},
        )
        processes.append(process)
        line = process.stderr.readline()
        found = re.search(r"server\.listening address=127\.0\.0\.1:(\d+)", line)
        assert found, line
        return process, int(found[1])

    yield start_
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["TERM", "INT"]
)
def test_it_drains_and_ends(start, number, status):
    process, port = start()
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.sendall(encode_frame(BaseHello("alice")))
        assert b'"join"' in peer.recv(100)
        process.send_signal(number)
        assert peer.recv(100) == b""
    out, err = process.communicate(timeout=20)
    assert process.returncode == status
    assert out == ""
    assert "server.draining" in err
    assert "server.stopped" in err
    assert "Traceback" not in err


def test_a_second_signal_is_no_sudden_death(start):
    process, port = start()
    with (
        socket.create_connection(("127.0.0.1", port)) as stalled,
        socket.create_connection(("127.0.0.1", port)) as talker,
    ):
        stalled.sendall(encode_frame(BaseHello("stalled")))
        talker.sendall(encode_frame(BaseHello("talker")))
        for _ in range(500):
            talker.sendall(encode_frame(BaseSay("x" * 4000)))
            talker.recv(1 << 20)
        process.send_signal(signal.SIGTERM)
        while talker.recv(1 << 20):
            pass
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_a_killed_server_has_recorded_what_it_had_seen(start, tmp_path):
    process, port = start("--record", "chat.pcapng")
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.sendall(encode_frame(BaseHello("alice")))
        assert b'"join"' in peer.recv(100)
        peer.sendall(encode_frame(BaseSay("a later pass of the loop")))
        assert b'"chat"' in peer.recv(100)
        process.kill()
        process.wait()
    octets = b"".join(record.data for record in read_records(tmp_path / "chat.pcapng"))
    assert b'"hello"' in octets
    assert b'"join"' in octets


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["--sync", "perhaps"], 2, "--sync is normal or full"),
        (["--tls-cert", "missing.pem"], 2, "cannot use the certificate missing.pem"),
        (["--listen", "nonsense:port"], 2, "port 'port'"),
        (["--limit-text", "-1"], 2, "--limit-text"),
        (["--limit-text", "60000"], 2, "is not in the range 1<=x<=10000"),
        (["--limit-rate-burst", "0"], 2, "--limit-rate-burst"),
        (["--limit-rate", "nan"], 2, "--limit-rate cannot be nan"),
        (["--record", "/nowhere/at/all.pcapng"], 2, "cannot record to /nowhere/at/all.pcapng"),
        (["--host", "192.0.2.1"], 3, "cannot listen on 192.0.2.1:"),
        (["--history", "/nowhere"], 6, "/nowhere"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_one_line(options, status, said, tmp_path):
    if options[0] == "--history":
        (tmp_path / "recipes.sqlite").write_text("not a database at all, " * 50)
        options, said = ["--history", "recipes.sqlite"], "recipes.sqlite"
    done = subprocess.run(
        [*CHATCTL, "serve", "--port", "0", *options],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=30,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_every_limit_is_an_option():
    parameters = serve.__signature__.parameters
    for name in Limits.__dataclass_fields__:
        assert f"limit_{name}" in parameters
