"""The limit: a bare loop that writes what it reads to every other socket, and does nothing else.

``python benchmarks/relay.py PORT``. The first octet of a connection says what it is: ``W`` writes,
``R`` reads. No framing, no limits, no names: what a chat server in this language cannot beat.
"""

import select
import socket
import sys

BUFFER = 256 * 1024


def serve(port: int) -> None:
    """Relay until killed."""
    listener = socket.create_server(("127.0.0.1", port), backlog=4096)
    poll = select.epoll()
    poll.register(listener.fileno(), select.EPOLLIN)
    sockets: dict[int, socket.socket] = {}
    readers: list[socket.socket] = []
    while True:
        for file, _ in poll.poll():
            if file == listener.fileno():
                sock, _ = listener.accept()
                what = sock.recv(1)
                if what == b"R":
                    readers.append(sock)
                elif what == b"W":
                    sockets[sock.fileno()] = sock
                    poll.register(sock.fileno(), select.EPOLLIN)
            elif data := sockets[file].recv(BUFFER):
                for reader in readers:
                    reader.sendall(data)
            else:
                sys.exit(0)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
