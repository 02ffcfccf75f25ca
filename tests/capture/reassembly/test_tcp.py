"""Connections: many, short, odd; and what is kept of them."""

import gc

import pytest

from chatctl.capture.config import RecordConfig
from chatctl.capture.reading.reader import read_records
from chatctl.capture.reassembly import tcp
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.link import Segment
from chatctl.capture.reassembly.tcp import ACK, FIN, MIDSTREAM, SYN, Assembler, Connection
from chatctl.capture.record import Kind
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import Sink
from chatctl.wire.packets import Direction

SERVER = b"\x0a\0\0\2"


def key(number, *, up=True):
    client, port = b"\x0a\0\0\1", (1024 + number).to_bytes(2, "big")
    return client + SERVER + port + b"\x0d\xa2" if up else SERVER + client + b"\x0d\xa2" + port


def assembler():
    return Assembler(Findings(), from_client=lambda segment: True)


def records(it):
    taken, it.out = it.out, []
    return taken


def short_talk(it, number):
    """Open, say something, and close both ways; then comes the last acknowledgement."""
    it.segment(1, Segment(key(number), 0, 0, SYN, b""))
    it.segment(1, Segment(key(number, up=False), 0, 1, SYN | ACK, b""))
    it.segment(1, Segment(key(number), 1, 1, ACK, b"hi"))
    it.segment(1, Segment(key(number), 3, 1, FIN | ACK, b""))
    it.segment(1, Segment(key(number, up=False), 1, 4, FIN | ACK, b""))
    it.segment(1, Segment(key(number), 4, 2, ACK, b""))


def test_a_socket_that_called_itself_is_let_go(monkeypatch):
    monkeypatch.setattr(tcp, "MAX_CONNECTIONS", 2)
    it = assembler()
    same = SERVER + SERVER + b"\x0d\xa2\x0d\xa2"
    it.segment(1, Segment(same, 0, 0, SYN, b""))
    for number in range(3):
        it.segment(2, Segment(key(number), 0, 0, SYN, b""))

    kinds = [(record.conn, record.kind) for record in records(it)]
    assert kinds.count((1, Kind.CLOSE)) == 2
    assert same not in it.halves


def test_what_is_kept_of_closed_connections_is_bounded(monkeypatch):
    monkeypatch.setattr(tcp, "MAX_CLOSED", 10)
    it = assembler()
    for number in range(100):
        short_talk(it, number)

    assert len(it.halves) == 2 * 10
    assert not it.plain
    assert {record.conn for record in records(it)} == set(range(1, 101))


def test_a_connection_that_is_let_go_leaves_no_garbage(monkeypatch):
    monkeypatch.setattr(tcp, "MAX_CLOSED", 1)
    it = assembler()
    gc.collect()
    gc.disable()
    try:
        for number in range(50):
            short_talk(it, number)
        records(it)
        left = [found for found in gc.get_objects() if isinstance(found, Connection)]
    finally:
        gc.enable()

    assert len(left) == 1


def test_addresses_used_anew_are_a_new_connection():
    it = assembler()
    short_talk(it, 1)
    short_talk(it, 1)

    said = [(record.conn, record.data) for record in records(it) if record.kind is Kind.DATA]
    assert said == [(1, b"hi"), (2, b"hi")]


def joined_at(segment, comment):
    it = Assembler(Findings(), from_client=lambda segment: False)
    it.segment(1, segment, comment)
    return records(it)


def test_who_a_recording_tells_of_is_the_client():
    opened = joined_at(Segment(key(7), 5, 5, ACK, b""), '{"conn":7,"nick":"al"}')[0]

    assert (opened.client, opened.server) == ("10.0.0.1:1031", "10.0.0.2:3490")
    assert (opened.note, opened.nick) == (MIDSTREAM, "al")


@pytest.mark.parametrize(
    ("segment", "comment"),
    [
        (Segment(key(7), 5, 5, ACK, b""), "mark: SIGUSR2"),
        (Segment(key(7), 5, 5, ACK, b"hi"), "redacted:token"),
        (Segment(key(7), 5, 5, FIN | ACK, b""), "gone"),
    ],
)
def test_what_is_told_of_its_own_is_not_told_of_the_joining_too(segment, comment):
    opened, told = joined_at(segment, comment)

    assert opened.note == MIDSTREAM
    assert told.note == comment.removeprefix("mark: ")


def test_a_strangers_comment_is_told_where_a_connection_is_joined():
    [opened] = joined_at(Segment(key(7), 5, 5, ACK, b""), "look here")

    assert opened.note == f"{MIDSTREAM}\nlook here"


@pytest.mark.parametrize("way", Direction)
def test_a_reset_behind_a_half_close_ends_the_connection(tmp_path, way):
    path = tmp_path / "talk.pcapng"
    recorder = Recorder(Sink(path), RecordConfig(str(path)), side="server", clock=lambda: 7)
    recorder.opened(1, "127.0.0.1:50000", "127.0.0.1:3490")
    recorder.closed(1, way, "half")
    recorder.closed(1, way, "gone", reset=True)
    recorder.opened(2, "127.0.0.1:50001", "127.0.0.1:3490")
    recorder.closed(2, Direction.TO_SERVER, "")
    recorder.closed(2, Direction.TO_CLIENT, "")
    recorder.closed(2, way, "late", reset=True)
    recorder.close()

    ends = [(it.conn, it.note, it.reset) for it in read_records(path) if it.kind is Kind.CLOSE]
    assert ends == [(1, "half", False), (1, "gone", True), (2, "", False), (2, "", False)]
