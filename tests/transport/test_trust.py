"""Clients over TLS: who is trusted, and what the capture then holds."""

import asyncio
import hashlib
import ssl
from dataclasses import replace

import pytest
import trustme

from chatctl import node
from chatctl.capture.reading.reader import read_records
from chatctl.errors import UsageError
from chatctl.transport.address import Address
from chatctl.transport.trust import Trust
from tests.peers.answering import answering
from tests.peers.programs import play


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """An authority, a certificate of its for this machine, and that one's fingerprint."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    der = ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())
    (folder / "fingerprint").write_text(hashlib.sha256(der).hexdigest())
    return folder


def serving(paper):
    where = Address("127.0.0.1", 0, tls=True)
    return node.serving(node.NodeConfig(listen=(where,), certificate=paper / "server.pem"))


COMMANDS = {
    "connect": ["connect", "alice"],
    "send": ["send", "hi", "--once"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_a_trusted_authority(paper, command):
    async with serving(paper) as server:
        port = server.addresses[0].port
        done = await play(
            *command, "-s", f"tls://localhost:{port}", "--tls-ca", paper / "ca.pem", text="hi\n"
        )
        assert (done[0], done[2]) == (0, "")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_an_unknown_authority_is_not_trusted(paper, command):
    async with serving(paper) as server:
        status, _, errors = await play(*command, "--tls", "-s", server.addresses[0])
    assert status == 3
    assert "unable to get local issuer certificate" in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_one_certificate_by_its_fingerprint(paper, command):
    shown = (paper / "fingerprint").read_text().upper()
    colons = ":".join(shown[i : i + 2] for i in range(0, 64, 2))
    async with serving(paper) as server:
        where = ("-s", server.addresses[0])
        good = await play(*command, *where, "--tls-fingerprint", colons, text="hi\n")
        bad = await play(*command, *where, "--tls-fingerprint", "0" * 64, text="hi\n")
    assert (good[0], good[2]) == (0, "")
    assert bad[0] == 3
    assert f"another fingerprint: {shown.lower()}" in bad[2]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_a_server_without_tls_is_an_error_in_words(command):
    async with node.serving(node.NodeConfig(listen=(Address("127.0.0.1", 0),))) as server:
        status, _, errors = await play(*command, "--tls", "-s", server.addresses[0])
    assert status == 3
    assert errors.startswith("error: cannot connect to tls://127.0.0.1:")


async def test_a_recording_holds_the_plain_packets(paper, tmp_path):
    file = tmp_path / "tls.pcapng"
    fingerprint = (paper / "fingerprint").read_text()
    async with serving(paper) as server:
        where = ("-s", server.addresses[0], "--tls-fingerprint", fingerprint)
        await play("send", "hi", "--once", *where, "--record", file)
    assert b'"message":"hi"' in b"".join(record.data for record in read_records(file))


@pytest.mark.parametrize("fingerprint", ["abc", "g" * 64, ":"])
def test_what_is_no_fingerprint(fingerprint):
    with pytest.raises(UsageError):
        Trust(fingerprint=fingerprint)


def test_what_is_no_authority(tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(UsageError, match="holds no certificates"):
        Trust(tmp_path / "ca.pem")
    with pytest.raises(UsageError, match="cannot read"):
        Trust(tmp_path / "missing.pem")


async def test_a_silent_port_is_given_up(monkeypatch):
    monkeypatch.setattr("chatctl.transport.client.CONNECT_SECONDS", 0.2)
    from chatctl.session.client.session import ClientSession
    from chatctl.session.client.settings import ClientSettings, Phase
    from chatctl.transport.client import Client
    from chatctl.transport.dialling import Route

    async def silent(reader, _):
        await reader.read()

    async with answering(silent) as place:
        address = replace(place, tls=True)
        settings = ClientSettings("alice", "x", lambda: 0.5)
        client = Client(ClientSession(settings), Route(address, Trust()))
        async with asyncio.timeout(10):
            await client.run()
        assert client.session.phase is Phase.OVER
