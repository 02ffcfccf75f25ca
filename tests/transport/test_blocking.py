"""The session on a plain socket: what a program run cannot show at will."""

import socket
import threading

from chatctl.session.client.events import LinkLost, Receipt, Said
from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import ClientSettings, Phase
from chatctl.transport.address import Address
from chatctl.transport.blocking import BlockingClient
from chatctl.transport.dialling import Route
from chatctl.wire import codec
from chatctl.wire.framing import Deframer
from chatctl.wire.packets import Chat, Join, Say, Welcome
from tests.peers.strangers import listening, reset


def client_of(listener, **settings):
    address = Address("127.0.0.1", listener.getsockname()[1])
    return BlockingClient(
        ClientSession(ClientSettings("alice", "x", lambda: 0.5, **settings)), Route(address)
    )


def events_of(client, wanted):
    seen = []
    while not any(map(wanted, seen)):
        client.wait()
        seen += client.session.events()
    return seen


def test_a_link_reset_before_it_was_looked_at():
    with listening() as listener:
        client = client_of(listener)
        connect = socket.create_connection

        def connect_late(*args):
            link = connect(*args)
            reset(listener)
            return link

        socket.create_connection = connect_late
        try:
            [lost] = events_of(client, lambda event: isinstance(event, LinkLost))
        finally:
            socket.create_connection = connect
    assert client.session.phase is Phase.OVER
    assert lost.retry_in is None


def test_words_wait_in_the_client_while_a_server_reads_nothing_and_all_arrive():
    big, count = "x" * 4000, 300
    heard = []

    def serve(listener):
        link, _ = listener.accept()
        with link:
            link.sendall(codec.encode_frame(Welcome(1, "s", "alice")))
            for number in range(2000):
                link.sendall(codec.encode_frame(Chat("bob", big, "lobby", number + 1, 1)))
            deframer = Deframer()
            while data := link.recv(65536):
                for packet in map(codec.decode_to_server, deframer.feed(data)):
                    if isinstance(packet, Say):
                        heard.append(packet.id)
                        copy = Chat(
                            "alice", packet.message, "lobby", 2000 + len(heard), 1, packet.id
                        )
                        link.sendall(codec.encode_frame(copy))

    with listening() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        server = threading.Thread(target=serve, args=(listener,), daemon=True)
        server.start()
        client = client_of(listener, window=count)
        keys = [client.say(big) for _ in range(count)]
        seen = events_of(client, lambda _: not client.session.pending)
        client.close()
        server.join(10)
    assert heard == keys
    assert sum(isinstance(event, Said) and not event.own for event in seen) == 2000
    assert [event.id for event in seen if isinstance(event, Receipt)] == keys


def test_a_packet_is_written_with_one_call():
    with listening() as listener:
        client = client_of(listener, base=True)
        client.say("hi")
        client.wait()
        link, _ = listener.accept()
        with link:
            assert link.recv(4096) == codec.encode_frame(
                codec.decode_to_server(b'{"type":"hello","nick":"alice"}')
            )
            link.sendall(codec.encode_frame(Join("alice")))
            client.wait()
            assert link.recv(4096) == codec.encode_frame(Say("hi"))
        client.close()
