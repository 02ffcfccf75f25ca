"""The recorder keeps everything, troubles nobody, and every packet tool reads what it wrote."""

import errno
import os
import re
import stat
import subprocess
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from chatctl.capture.config import (
    Addresses,
    Disguise,
    RecordConfig,
    Redaction,
    Rotation,
    Which,
)
from chatctl.capture.reading.reader import read_records
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Kind
from chatctl.capture.writing import sink
from chatctl.capture.writing.recorder import Recorder, open_recorder
from chatctl.capture.writing.sink import MAX_QUEUED, Pipe, Sink, open_sink
from chatctl.capture.writing.tape import Trouble
from chatctl.errors import UsageError
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction, Hello, NickChange, Welcome
from tests.capture.tools import hosts, needs

ALICE = "127.0.0.1:50312"
SERVER = "127.0.0.1:3490"
UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
START = 1_790_000_000_000_000_000


def recorder(path: Path, side: str = "server", **config: object) -> Recorder:
    ticks = count(START, 1_000_001)
    settings = RecordConfig(str(path), **config)
    return Recorder(
        open_sink(settings), settings, side=side, listen=SERVER, clock=lambda: next(ticks)
    )


def data_of(path: Path, direction: Direction) -> bytes:
    records = read_records(path)
    return b"".join(record.data for record in records if record.direction is direction)


def test_what_was_told_is_what_is_read(tmp_path):
    path = tmp_path / "talk.pcapng"
    tape = recorder(path)
    tape.opened(1, ALICE, SERVER)
    tape.crossed(1, UP, b"\x00\x02{}")
    tape.crossed(1, DOWN, b"\x00")
    tape.marked(1, "look here: ←")
    tape.closed(1, UP, "said goodbye")
    tape.closed(1, DOWN, "")
    tape.close()

    told = [
        (record.conn, record.kind, record.direction, record.data, record.note)
        for record in read_records(path)
    ]

    assert told == [
        (1, Kind.OPEN, UP, b"", ""),
        (1, Kind.DATA, UP, b"\x00\x02{}", ""),
        (1, Kind.DATA, DOWN, b"\x00", ""),
        (1, Kind.MARK, UP, b"", "look here: ←"),
        (1, Kind.CLOSE, UP, b"", "said goodbye"),
        (1, Kind.CLOSE, DOWN, b"", ""),
    ]


@pytest.mark.parametrize(
    ("client", "server"),
    [
        (ALICE, SERVER),
        ("[::1]:50312", "[::1]:3490"),
        ("127.0.0.1:50312", "[::ffff:127.0.0.1]:3490"),
        ("unix:", "unix:/run/chat.sock"),
        ("", ""),
    ],
)
def test_addresses_of_every_kind_come_back(tmp_path, client, server):
    path = tmp_path / "talk.pcapng"
    tape = recorder(path)
    tape.opened(7, client, server)
    tape.crossed(7, UP, b"x")
    tape.close()

    opened, data = read_records(path)

    assert (opened.kind, data.data) == (Kind.OPEN, b"x")
    if client.startswith(("127", "[::1]")) and server[:4] == client[:4]:
        assert (opened.client, opened.server) == (client, server)
    elif client.startswith("unix"):
        assert (data.client, data.server) == (client, server)


def test_a_reset_and_its_reason(tmp_path):
    path = tmp_path / "talk.pcapng"
    tape = recorder(path)
    tape.opened(1, ALICE, SERVER)
    tape.closed(1, DOWN, "malformed", reset=True)
    tape.close()

    last = list(read_records(path))[-1]

    assert (last.kind, last.direction, last.reset, last.note) == (
        Kind.CLOSE,
        DOWN,
        True,
        "malformed",
    )


def test_a_chunk_of_any_size_is_kept_whole(tmp_path):
    path = tmp_path / "talk.pcapng"
    chunk = bytes(range(256)) * 1000
    tape = recorder(path)
    tape.opened(1, ALICE, SERVER)
    tape.crossed(1, DOWN, chunk)
    tape.close()

    assert data_of(path, DOWN) == chunk


def test_the_file_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "talk.pcapng"
    path.touch(mode=0o644)
    recorder(path).close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_flush_is_on_file_and_only_the_end_says_closed(tmp_path):
    path = tmp_path / "talk.pcapng"
    tape = recorder(path)
    tape.opened(1, ALICE, SERVER)
    tape.crossed(1, UP, b"one")
    tape.flush()
    findings = Findings()

    assert [record.data for record in read_records(path, findings=findings)] == [b"", b"one"]
    assert findings.closed is False
    tape.close()
    findings = Findings()
    list(read_records(path, findings=findings))
    assert findings.closed is True


class FullDisk(Sink):
    def write(self, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_stops_the_recording_once_and_nothing_else(tmp_path):
    said = []
    config = RecordConfig(str(tmp_path / "talk.pcapng"))
    tape = Recorder(FullDisk(tmp_path / "x"), config, side="server", stopped=said.append)
    tape.opened(1, ALICE, SERVER)
    tape.flush()
    tape.crossed(1, UP, b"lost")
    tape.flush()
    tape.closed(1, UP, "")
    tape.close()

    tape.close()

    assert said == [Trouble("No space left on device"), Trouble("No space left on device", 5)]
    assert (tape.failure, tape.packets, tape.dropped) == ("No space left on device", 0, 2)


def test_a_closed_pipe_stops_the_recording_and_nothing_else():
    reader, writer = os.pipe()
    said = []
    tape = Recorder(Pipe(writer), RecordConfig("-"), side="server", stopped=said.append)
    os.close(reader)
    while not said:
        tape.crossed(1, UP, b"x" * 1000)
        tape.flush()
    tape.close()

    assert said == [Trouble("Broken pipe"), Trouble("Broken pipe", 1)]


def test_a_pipe_that_nobody_reads_does_not_hold_up_the_chat():
    reader, writer = os.pipe()
    said = []
    tape = Recorder(Pipe(writer), RecordConfig("-"), side="server", stopped=said.append)
    for _ in range(MAX_QUEUED + 200):
        tape.crossed(1, UP, b"x" * 1000)
        tape.flush()
    tape.close()
    os.close(reader)

    assert [trouble.reason for trouble in said] == ["the pipe's reader is too slow"] * 2
    assert said[0].missed == 0
    assert said[1].missed + tape.packets > MAX_QUEUED + 200


def test_a_pipe_that_breaks_at_the_very_end_is_told_of():
    reader, writer = os.pipe()
    os.close(reader)
    said = []
    tape = Recorder(Pipe(writer), RecordConfig("-"), side="server", stopped=said.append)
    tape.close()

    assert said == [Trouble("Broken pipe")]


def test_a_pipe_that_is_not_read_out_in_the_end_is_told_of(monkeypatch):
    monkeypatch.setattr(sink, "PATIENCE", 0.01)
    reader, writer = os.pipe()
    said = []
    tape = Recorder(Pipe(writer), RecordConfig("-"), side="server", stopped=said.append)
    tape.crossed(1, UP, b"x" * 1_000_000)
    tape.close()
    os.close(reader)

    assert said == [Trouble("the pipe's reader is too slow")]


@needs("tshark")
def test_a_pipe_into_a_live_tshark():
    command = ["tshark", "-l", "-i", "-", "-T", "fields", "-e", "tcp.payload"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tshark:
        assert tshark.stdin is not None
        pipe = Pipe(os.dup(tshark.stdin.fileno()))
        tshark.stdin.close()
        tape = Recorder(pipe, RecordConfig("-"), side="server")
        tape.opened(1, ALICE, SERVER)
        tape.crossed(1, UP, b"hello")
        tape.close()
        assert tshark.stdout is not None
        shown = tshark.stdout.read().split()

    assert bytes.fromhex(shown[-1].decode()) == b"hello"


def test_a_place_that_cannot_be_written_is_said_at_once(tmp_path):
    with pytest.raises(UsageError, match=r"cannot record to .*: No such file or directory"):
        open_recorder(RecordConfig(str(tmp_path / "none" / "x")), side="server")


@pytest.mark.parametrize(
    ("side", "which", "kept"),
    [
        ("server", Which.IN, [b"up"]),
        ("server", Which.OUT, [b"down"]),
        ("client", Which.IN, [b"down"]),
        ("client", Which.OUT, [b"up"]),
        ("tap", Which.BOTH, [b"up", b"down"]),
    ],
)
def test_one_direction_alone_leaves_no_hole(tmp_path, side, which, kept):
    path = tmp_path / "talk.pcapng"
    tape = recorder(path, side, which=which)
    tape.opened(1, ALICE, SERVER)
    tape.crossed(1, UP, b"up")
    tape.crossed(1, DOWN, b"down")
    tape.close()

    records = list(read_records(path))

    assert [record.data for record in records if record.kind is Kind.DATA] == kept
    assert Kind.GAP not in {record.kind for record in records}


def test_tokens_are_disguised_alike_and_nothing_else_is_touched(tmp_path):
    path = tmp_path / "talk.pcapng"
    welcome = encode_frame(Welcome(v=1, server="s", nick="alice", token="abcdefghijklmnopqrstuv"))
    tape = recorder(path)
    tape.opened(1, ALICE, SERVER)
    tape.crossed(1, DOWN, welcome)
    tape.crossed(1, DOWN, welcome)
    tape.close()

    first, second = (record for record in read_records(path) if record.kind is Kind.DATA)

    assert b"abcdefgh" not in path.read_bytes()
    assert first.data == second.data
    assert first.note == "redacted:token"
    assert len(first.data) == len(welcome)
    assert first.data.partition(b'"token":"')[0] == welcome.partition(b'"token":"')[0]


def test_a_secret_without_an_end_is_masked_when_its_sender_is_gone(tmp_path):
    path = tmp_path / "talk.pcapng"
    tape = recorder(path, redaction=Redaction(("message",), Disguise.MASK))
    tape.opened(1, ALICE, SERVER)
    tape.crossed(1, UP, b'\x00\x40{"message":"my sec')
    tape.crossed(1, UP, b"ret")
    tape.closed(1, UP, "lost")
    tape.close()

    assert data_of(path, UP) == b'\x00\x40{"message":"' + b"*" * 9


def test_rotation_keeps_the_newest_files_and_loses_nothing(tmp_path):
    path = tmp_path / "talk.pcapng"
    tape = recorder(path, rotation=Rotation(size=1000, keep=3))
    tape.opened(1, ALICE, SERVER)
    for number in range(40):
        tape.crossed(1, UP, encode_frame(Hello(nick=f"n{number}")))
        tape.flush()
    tape.close()

    files = sorted(tmp_path.iterdir())

    assert len(files) == 3
    assert all(file.stem.startswith("talk-") for file in files)
    kept = b"".join(data_of(file, UP) for file in files)
    sent = b"".join(encode_frame(Hello(nick=f"n{number}")) for number in range(40))
    assert kept
    assert sent.endswith(kept)
    findings = Findings()
    records = list(read_records(files[-1], findings=findings))
    assert {(record.client, record.server) for record in records} == {(ALICE, SERVER)}
    assert findings.closed


def test_a_ring_is_written_only_when_asked_and_holds_the_newest(tmp_path):
    path = tmp_path / "ring.pcapng"
    tape = recorder(path, ring=2000)
    tape.opened(1, ALICE, SERVER)
    for number in range(100):
        tape.crossed(1, UP, encode_frame(Hello(nick=f"n{number}")))
        tape.flush()
    assert not path.exists()

    assert tape.dump("incident 7") == str(path)

    records = list(read_records(path))
    assert records[-1].note == "incident 7"
    assert b"n99" in records[-2].data
    assert path.stat().st_size < 4000


def test_half_closed_connections_do_not_pile_up(tmp_path):
    tape = recorder(tmp_path / "talk.pcapng")
    for conn in range(3000):
        tape.opened(conn, ALICE, SERVER)
        tape.closed(conn, UP, "")

    assert len(list(tape._flows)) <= 1025


@needs("tshark")
def test_tshark_sees_streams_frames_and_no_complaint(tmp_path):
    path = tmp_path / "capture.bin"
    frames = [encode_frame(Chat(nick="bob", message=f"hello {n}")) for n in range(200)]
    tape = recorder(path)
    tape.opened(1, ALICE, SERVER)
    tape.opened(2, "[::1]:50313", "[::1]:3490")
    for frame in frames:
        tape.crossed(1, DOWN, frame)
        tape.crossed(2, DOWN, frame)
    tape.crossed(1, DOWN, b"\xff\xff" + b"x" * 65535)
    tape.closed(1, UP, "bye")
    tape.close()

    followed = tshark(path, "-q", "-z", "follow,tcp,raw,1")
    octets = bytes.fromhex("".join(line.strip() for line in followed.splitlines()[6:-1]))
    assert octets == b"".join(frames)
    assert (
        tshark(path, "-Y", "tcp.analysis.lost_segment || _ws.malformed || tcp.analysis.flags") == ""
    )
    assert tshark(path, "-Y", "tcp.flags.fin==1", "-T", "fields", "-e", "frame.comment") == "bye\n"


@needs("tshark", "capinfos", "tcpdump", "mergecap")
def test_the_wireshark_family_counts_what_was_written(tmp_path):
    path = tmp_path / "talk.pcapng"
    tape = recorder(path)
    tape.opened(1, ALICE, SERVER)
    for number in range(10):
        tape.crossed(1, UP, b"%d" % number)
    tape.close()

    infos = run("capinfos", "-M", str(path))
    assert "Number of packets:   13" in infos
    assert "chatctl" in infos
    assert len(run("tcpdump", "-nr", str(path)).splitlines()) == 13
    merged = tmp_path / "merged.pcapng"
    run("mergecap", "-w", str(merged), str(path), str(path))
    assert "Number of packets:   26" in run("capinfos", "-M", str(merged))


@needs("tshark")
def test_virtual_addresses_hide_the_real_ones_and_carry_nicks(tmp_path):
    path = tmp_path / "talk.pcapng"
    tape = recorder(path, addresses=Addresses.VIRTUAL)
    tape.opened(1, "203.0.113.77:50000", "203.0.113.1:3490")
    tape.crossed(1, UP, encode_frame(Hello(nick="alice")))
    tape.crossed(1, DOWN, encode_frame(NickChange(nick="alice", to="alicia")))
    tape.crossed(1, DOWN, encode_frame(Chat(nick="alicia", message="x")))
    tape.close()

    assert b"203.0.113" not in path.read_bytes()
    assert bytes([203, 0, 113]) not in path.read_bytes()
    names = tshark(path, "-N", "n", "-T", "fields", "-e", "_ws.col.Source").split()
    assert names[:2] == ["198.18.0.11", "198.18.0.1"]
    assert "alice" in names
    assert hosts(path)["198.18.0.11"] == "alicia"


@needs("tshark")
def test_every_file_of_a_series_says_who_is_there(tmp_path):
    virtual, rotation = Addresses.VIRTUAL, Rotation(size=500)
    tape = recorder(tmp_path / "talk.pcapng", addresses=virtual, rotation=rotation)
    tape.opened(1, ALICE, SERVER)
    tape.opened(2, ALICE, SERVER)
    tape.crossed(1, UP, encode_frame(Hello(nick="alice")))
    for number in range(3):
        tape.flush()
        tape.crossed(1, UP, b"%d" % number * 500)
    tape.close()

    parts = sorted(tmp_path.glob("talk-*"))
    assert len(parts) > 2
    assert [hosts(part) for part in parts] == [{"198.18.0.11": "alice"}] * len(parts)


@needs("tshark")
def test_who_is_there_is_said_where_a_recording_begins_midway(tmp_path):
    path = tmp_path / "talk.pcapng"
    tape = recorder(path, addresses=Addresses.VIRTUAL)
    tape.joined(1, ALICE, SERVER, "alice")
    tape.joined(2, ALICE, SERVER, "bob")
    tape.crossed(2, DOWN, b"the rest of a frame")
    for _ in range(2):
        tape.crossed(2, DOWN, encode_frame(NickChange(nick="bob", to="bert")))
    tape.close()

    said = hosts(path)
    assert said["198.18.0.11"] == "alice"
    assert said["198.18.0.12"] == "bert"


@pytest.mark.parametrize("disguise", Disguise)
def test_a_nick_that_is_disguised_is_nowhere_in_clear(tmp_path, disguise):
    path = tmp_path / "talk.pcapng"
    redaction = Redaction(("nick", "to"), disguise, b"key")
    tape = recorder(path, addresses=Addresses.VIRTUAL, redaction=redaction)
    tape.opened(1, ALICE, SERVER)
    tape.crossed(1, UP, encode_frame(Hello(nick="zo\u00eb")))
    tape.crossed(1, DOWN, encode_frame(NickChange(nick="zo\u00eb", to="zelda")))
    tape.joined(2, "127.0.0.1:50313", SERVER, "zelda")
    tape.close()

    octets = path.read_bytes()
    assert "zo\u00eb".encode() not in octets
    assert b"zelda" not in octets
    names, told = NAMES.findall(octets), re.findall(rb'\{"conn":2,"nick":"(.*?)"', octets)
    packets = re.findall(rb'"(?:nick|to)":"(.*?)"', data_of(path, DOWN))
    assert names == [*packets, packets[1]]
    assert told == names[-1:]


NAMES = re.compile(rb"\x04\0\0\0.{8}\xc6\x12..(.*?)\0", re.DOTALL)
"""What name resolution blocks call addresses of 198.18.0.0/16."""


def tshark(path: Path, *args: str) -> str:
    return run("tshark", "-r", str(path), *args)


def run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def test_a_filter_keeps_the_frames_it_matches(tmp_path):
    path = tmp_path / "talk.pcapng"
    hello, chat = encode_frame(Hello(nick="alice")), encode_frame(Chat(nick="bob", message="hi"))
    tape = recorder(path, filter="type == chat")
    tape.opened(1, ALICE, SERVER)
    tape.crossed(1, UP, hello)
    tape.crossed(1, DOWN, chat[:5])
    tape.crossed(1, DOWN, chat[5:] + encode_frame(Welcome(v=1, server="s", nick="alice")))
    tape.close()

    assert data_of(path, DOWN) == chat
    assert data_of(path, UP) == b""


CHUNKS = {
    "chats": [encode_frame(Chat("bob", f"hi {number}")) for number in range(200)],
    "more than a segment": [encode_frame(Chat("bob", "x" * 60_000)) * 2],
    "a secret": [encode_frame(Welcome(1, "s", "alice", token="secret"))],
    "half a secret": [b'\x00\x20{"type":"welcome","to', b'ken":"secret","z":1}   '],
}
HOWS = {
    "everything": {},
    "one way": {"which": Which.IN},
    "virtual": {"addresses": Addresses.VIRTUAL},
    "a filter": {"filter": "type == chat"},
    "all open": {"redaction": Redaction(())},
}


@pytest.mark.parametrize("how", HOWS.values(), ids=HOWS)
@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
def test_what_is_written_to_many_is_recorded_as_if_to_each(tmp_path, chunks, how):
    recorded = []
    for together in (True, False):
        path = tmp_path / f"{together}.pcapng"
        settings = RecordConfig(str(path), **how)
        settings = replace(settings, redaction=replace(settings.redaction, key=b"key"))
        tape = Recorder(open_sink(settings), settings, side="server", clock=lambda: START)
        for conn in (1, 2, 3):
            tape.opened(conn, "[::1]:1" if conn == 3 else ALICE, "[::1]:2" if conn == 3 else SERVER)
        for chunk in chunks:
            if together:
                tape.spread([1, 2, 3, 4], DOWN, chunk)
            else:
                for conn in (1, 2, 3, 4):
                    tape.crossed(conn, DOWN, chunk)
        tape.close()
        recorded.append((tape.packets, path.read_bytes()))
    assert recorded[0] == recorded[1]


def test_a_large_chunk_for_many_is_written_as_it_is_collected(tmp_path, monkeypatch):
    monkeypatch.setattr("chatctl.capture.writing.recorder.COLLECTED_AT_MOST", 10_000)
    path = tmp_path / "talk.pcapng"
    tape = recorder(path)
    tape.spread(range(1, 11), DOWN, encode_frame(Chat("bob", "x" * 5000)))
    assert path.stat().st_size > 8 * 5000
    tape.close()
    assert len([r for r in read_records(path) if r.kind is Kind.DATA]) == 10
