"""A whole node over real sockets: TCP, IPv6, Unix sockets, TLS, metrics, the firewall, the end."""

import asyncio
import socket
import ssl
import urllib.request

import pytest
import trustme

from chatctl.capture.config import RecordConfig
from chatctl.capture.reading.reader import read_records
from chatctl.capture.record import Kind
from chatctl.errors import ErrorCode, HistoryError, LinkError, UsageError
from chatctl.node import HistoryConfig, NodeConfig, _renew, serving
from chatctl.session.server.hub import Hub
from chatctl.transport.address import Address
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import BaseSay, Bye, Chat, Direction, Hello, Join, Leave, Say
from tests.peers.plain import PlainPeer

FREE = Address(port=0)


async def test_a_conversation_over_tcp():
    async with serving(NodeConfig((FREE,))) as node:
        alice = await PlainPeer.over_tcp(node.addresses[0])
        bob = await PlainPeer.over_tcp(node.addresses[0])
        assert await alice.enter("alice") == [Join("alice")]
        assert await bob.enter("bob") == [Join("bob")]
        alice.send(BaseSay("hello"))
        assert await bob.hear() == [Chat("alice", "hello")]
        assert await alice.hear(2) == [Join("bob"), Chat("alice", "hello")]
        await bob.close()
        assert await alice.hear() == [Leave("bob")]
        await alice.close()


async def test_a_reset_is_a_leave():
    async with serving(NodeConfig((FREE,))) as node:
        alice = await PlainPeer.over_tcp(node.addresses[0])
        bob = await PlainPeer.over_tcp(node.addresses[0])
        await alice.enter("alice")
        await bob.enter("bob")
        bob.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
        )
        bob.writer.transport.abort()
        assert await alice.hear(2) == [Join("bob"), Leave("bob")]
        await alice.close()


async def test_several_places_to_listen_share_one_room(tmp_path):
    places = [FREE, Address(path=str(tmp_path / "chat.sock"), host="", port=0)]
    if socket.has_ipv6:
        places.append(Address("::1", 0))
    async with serving(NodeConfig(tuple(places))) as node:
        peers = [
            await (PlainPeer.over_unix(a) if a.path else PlainPeer.over_tcp(a))
            for a in node.addresses
        ]
        for number, peer in enumerate(peers):
            await peer.enter(f"peer{number}")
        peers[-1].send(BaseSay("hi"))
        heard = await peers[0].hear(len(peers))
        assert heard[-1] == Chat(f"peer{len(peers) - 1}", "hi")
        for peer in peers:
            await peer.close()
    assert not (tmp_path / "chat.sock").exists()


async def test_the_socket_file_of_a_dead_server_is_taken_over_and_of_a_live_one_not(tmp_path):
    place = Address(path=str(tmp_path / "chat.sock"), host="", port=0)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(place.path)
    async with serving(NodeConfig((place,))):
        with pytest.raises(LinkError, match="answers there already"):
            async with serving(NodeConfig((place,))):
                pass


async def test_a_port_in_use_is_named():
    async with serving(NodeConfig((FREE,))) as node:
        with pytest.raises(LinkError, match=f"cannot listen on 127.0.0.1:{node.addresses[0].port}"):
            async with serving(NodeConfig((node.addresses[0],))):
                pass


class TestTls:
    @pytest.fixture
    def authority(self):
        return trustme.CA()

    @pytest.fixture
    def certificate(self, authority, tmp_path):
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
            tmp_path / "server.pem"
        )
        return tmp_path / "server.pem"

    @pytest.fixture
    def trusting(self, authority):
        context = ssl.create_default_context()
        authority.configure_trust(context)
        return context

    async def test_a_conversation_and_its_capture_in_the_clear(
        self, certificate, trusting, tmp_path
    ):
        capture = tmp_path / "chat.pcapng"
        config = NodeConfig(
            (Address(port=0, tls=True),), certificate=certificate, record=RecordConfig(str(capture))
        )
        async with serving(config) as node:
            alice = await PlainPeer.over_tcp(node.addresses[0], ssl=trusting)
            assert await alice.enter("alice") == [Join("alice")]
            alice.send(BaseSay("over TLS"))
            assert await alice.hear() == [Chat("alice", "over TLS")]
            await alice.close()
        said = b"".join(r.data for r in read_records(capture) if r.direction is Direction.TO_SERVER)
        assert b'"over TLS"' in said

    @pytest.mark.parametrize("says_so", [True, False])
    async def test_the_end_of_the_peers_side_is_an_orderly_end(
        self, certificate, trusting, caplog, says_so
    ):
        config = NodeConfig((Address(port=0, tls=True),), certificate=certificate)
        async with serving(config) as node:
            alice = await PlainPeer.over_tcp(node.addresses[0], ssl=trusting)
            bob = await PlainPeer.over_tcp(node.addresses[0], ssl=trusting)
            await alice.enter("alice")
            await bob.enter("bob")
            if says_so:
                await bob.close()
            else:
                bob.writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
            assert await alice.hear(2) == [Join("bob"), Leave("bob")]
            await bob.hear_until_end()
            await alice.close()
        assert [record.message for record in caplog.records] == []

    async def test_a_renewed_certificate_is_shown_from_then_on(
        self, certificate, trusting, authority
    ):
        config = NodeConfig((Address(port=0, tls=True),), certificate=certificate)
        async with serving(config) as node:

            async def shown():
                peer = await PlainPeer.over_tcp(node.addresses[0], ssl=trusting)
                der = peer.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
                await peer.close()
                return der

            before = await shown()
            authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
                certificate
            )
            _renew(node, config)
            renewed = await shown()
            assert renewed != before
            certificate.write_text("not a certificate")
            _renew(node, config)
            assert await shown() == renewed

    @pytest.mark.parametrize("text", ["", "nonsense"])
    async def test_a_certificate_that_is_none_is_named(self, tmp_path, text):
        (tmp_path / "bad.pem").write_text(text)
        with pytest.raises(UsageError, match=r"cannot use the certificate .*bad\.pem"):
            async with serving(NodeConfig((FREE,), certificate=tmp_path / "bad.pem")):
                pass

    async def test_tls_needs_a_certificate(self):
        with pytest.raises(UsageError, match="certificate is needed"):
            async with serving(NodeConfig((Address(port=0, tls=True),))):
                pass


async def test_history_outlives_the_node(tmp_path):
    config = NodeConfig((FREE,), history=HistoryConfig(tmp_path / "history.sqlite"))
    for seq in (1, 2):
        async with serving(config) as node:
            alice = await PlainPeer.over_tcp(node.addresses[0])
            await alice.enter("alice", 1)
            alice.send(Say("hi", id=f"id{seq}"))
            (echo,) = await alice.hear()
            assert (echo.seq, echo.id) == (seq, f"id{seq}")
            await alice.close()
    with pytest.raises(HistoryError, match="another server"):
        async with serving(config), serving(config):
            pass


async def test_metrics_are_read_while_the_loop_runs(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = NodeConfig(
        (FREE,),
        history=HistoryConfig(tmp_path / "history.sqlite"),
        record=RecordConfig(str(tmp_path / "chat.pcapng")),
        metrics=Address(port=port),
    )
    async with serving(config) as node:
        alice = await PlainPeer.over_tcp(node.addresses[0])
        await alice.enter("alice")
        alice.send(BaseSay("hi"))
        await alice.hear()
        text = await asyncio.to_thread(_scrape, f"http://127.0.0.1:{port}/metrics")
        await alice.close()
    assert "chatctl_connections 1.0" in text
    assert "chatctl_messages_total 1.0" in text
    assert "chatctl_deliveries_total 2.0" in text
    assert "chatctl_log_commits_total 1.0" in text
    assert "chatctl_recorder_dropped_total 0.0" in text


def _scrape(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


async def test_a_fault_of_ours_ends_the_peer_that_set_it_off_alone(monkeypatch, caplog):
    def planted(self, conn, data, now):
        if b"trigger" in data:
            raise ZeroDivisionError
        return received(self, conn, data, now)

    received = Hub.received
    monkeypatch.setattr(Hub, "received", planted)
    async with serving(NodeConfig((FREE,))) as node:
        alice = await PlainPeer.over_tcp(node.addresses[0])
        bob = await PlainPeer.over_tcp(node.addresses[0])
        await alice.enter("alice")
        await bob.enter("bob", 1)
        bob.send(Say("trigger"))
        (bye,) = await bob.hear_until_end()
        assert bye.code == ErrorCode.INTERNAL
        assert await alice.hear(2) == [Join("bob"), Leave("bob")]
        alice.send(BaseSay("still here"))
        assert await alice.hear() == [Chat("alice", "still here")]
        await alice.close()
        await bob.close()
    (incident,) = [r for r in caplog.records if r.getMessage() == "incident"]
    assert incident.fields["incident"] in bye.reason


async def test_draining_says_goodbye_and_waits_for_nobody_longer_than_it_was_told():
    async with serving(NodeConfig((FREE,))) as node:
        alice = await PlainPeer.over_tcp(node.addresses[0])
        await alice.enter("alice", 1)
        alice.send(Say("last words", id="1"))
        await asyncio.sleep(0)
        node.server.stop_listening()
        draining = asyncio.gather(node.server.drain(5))
        heard = await alice.hear_until_end()
        assert isinstance(heard[-1], Bye)
        assert (heard[-1].code, heard[-1].retry_after) == (ErrorCode.SHUTDOWN, 1.0)
        await alice.close()
        await draining
        with pytest.raises(ConnectionRefusedError):
            await PlainPeer.over_tcp(node.addresses[0])


async def test_last_words_are_committed_and_heard_before_the_goodbye(tmp_path):
    config = NodeConfig((FREE,), history=HistoryConfig(tmp_path / "history.sqlite"))
    async with serving(config) as node:
        alice = await PlainPeer.over_tcp(node.addresses[0])
        bob = await PlainPeer.over_tcp(node.addresses[0])
        await alice.enter("alice", 1)
        await bob.enter("bob")
        node.server.hub.received(1, encode_frame(Say("last words", id="1")), 0.0)
        await node.server.drain(5)
        assert await bob.hear_until_end() == [Chat("alice", "last words")]
        *_, echo, bye = await alice.hear_until_end()
        assert (echo.id, echo.seq, bye.code) == ("1", 1, ErrorCode.SHUTDOWN)
        await alice.close()
        await bob.close()


async def test_a_recording_has_every_octet_and_every_end(tmp_path):
    capture = tmp_path / "chat.pcapng"
    async with serving(NodeConfig((FREE,), record=RecordConfig(str(capture)))) as node:
        alice = await PlainPeer.over_tcp(node.addresses[0])
        await alice.enter("alice")
        await alice.close()
        await node.server.drain(10)
    records = list(read_records(capture))
    assert [record.kind for record in records] == [Kind.OPEN, Kind.DATA, Kind.DATA, Kind.CLOSE]
    assert records[2].data.endswith(b'{"type":"join","nick":"alice"}')


async def test_equal_inputs_give_equal_octets_with_a_seed():
    async def run():
        async with serving(NodeConfig((FREE,), seed=7)) as node:
            alice = await PlainPeer.over_tcp(node.addresses[0])
            heard = await alice.enter("alice", 1)
            alice.send(Say("hi", id="1"))
            heard += await alice.hear()
            await alice.close()
            return heard

    assert await run() == await run()


async def test_who_speaks_and_closes_its_side_reads_its_own_words(tmp_path):
    capture = tmp_path / "chat.pcapng"
    history = HistoryConfig(tmp_path / "history.sqlite")
    config = NodeConfig((FREE,), history=history, record=RecordConfig(str(capture)))
    async with serving(config) as node:
        bob = await PlainPeer.over_tcp(node.addresses[0])
        bob.send(Hello("bob"), BaseSay("one"), BaseSay("two"))
        bob.writer.write_eof()
        heard = await bob.hear_until_end()
        assert heard == [Join("bob"), Chat("bob", "one"), Chat("bob", "two")]
        await bob.close()
    ends = [record for record in read_records(capture) if record.kind is Kind.CLOSE]
    assert [(end.direction, end.reset) for end in ends] == [(Direction.TO_SERVER, False)]
