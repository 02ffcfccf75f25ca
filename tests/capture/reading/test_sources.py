"""Files that grow, are replaced, or go on in the next one, are followed."""

import gzip
import os
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard

from chatctl.capture.config import RecordConfig, Rotation
from chatctl.capture.reading import sources
from chatctl.capture.reading.reader import ReadOptions, read_records
from chatctl.capture.record import Kind
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import open_sink
from chatctl.errors import CaptureError, NotACapture, UsageError
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Direction, Hello

FOLLOW = ReadOptions(follow=True)
TALK = Path(__file__).parents[3] / "examples" / "captures" / "three-people.pcapng"
LINE = b'{"dir":"to-server","packet":{"type":"hello","nick":"al"}}\n'


@contextmanager
def pipe(octets):
    """A pipe that holds *octets*, and whose writer stays."""
    reader, writer = os.pipe()
    os.write(writer, octets)
    try:
        with open(reader, "rb") as stream:  # noqa: PTH123 - a descriptor is no path
            yield stream
    finally:
        os.close(writer)


def test_a_growing_file_is_read_as_it_grows(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_bytes(b"one")
    steps = iter([lambda: path.write_bytes(b"one two"), lambda: path.write_bytes(b"new")])
    monkeypatch.setattr(sources.time, "sleep", lambda _: next(steps)())
    chunks = sources.following(path)

    assert [next(chunks), next(chunks), next(chunks)] == [b"one", b" two", b"new"]


def test_a_replaced_file_is_opened_again(tmp_path, monkeypatch):
    path, other = tmp_path / "x", tmp_path / "y"
    path.write_bytes(b"old")
    other.write_bytes(b"fresh and longer")
    monkeypatch.setattr(sources.time, "sleep", lambda _: other.replace(path))
    chunks = sources.following(path)

    assert [next(chunks), next(chunks)] == [b"old", b"fresh and longer"]


def test_a_rotating_recording_is_followed_from_file_to_file(tmp_path):
    path = tmp_path / "talk.pcapng"
    config = RecordConfig(str(path), rotation=Rotation(size=800))
    recorder = Recorder(open_sink(config), config, side="server")
    recorder.opened(1, "127.0.0.1:50000", "127.0.0.1:3490")
    recorder.flush()
    sent = [encode_frame(Hello(nick=f"n{number}")) for number in range(30)]

    def write():
        for frame in sent:
            recorder.crossed(1, Direction.TO_SERVER, frame)
            recorder.flush()
        recorder.close()

    writer = threading.Thread(target=write)
    records = read_records(tmp_path / "talk-00001.pcapng", ReadOptions(follow=True))
    assert next(records).kind is Kind.OPEN
    writer.start()
    got = []
    while len(got) < len(sent):
        record = next(records)
        assert record.conn == 1
        if record.kind is Kind.DATA:
            got.append(record.data)
    writer.join()

    assert got == sent
    assert len(list(Path(tmp_path).iterdir())) > 3


def test_where_the_next_file_of_a_series_is_gone_the_oldest_that_is_there_follows(
    tmp_path, monkeypatch
):
    for number, octets in ((1, b"one"), (9, b"nine"), (12, b"twelve")):
        (tmp_path / f"talk-{number:05}.pcapng").write_bytes(octets)
    (tmp_path / "talk-other.pcapng").write_bytes(b"another")
    chunks = sources.following(tmp_path / "talk-00001.pcapng")
    steps = iter([f"talk-{number:05}.pcapng" for number in (1, 9)])
    monkeypatch.setattr(sources.time, "sleep", lambda _: (tmp_path / next(steps)).unlink())

    assert [next(chunks), next(chunks), next(chunks)] == [b"one", b"nine", b"twelve"]


def test_what_an_older_recording_left_does_not_follow(tmp_path, monkeypatch):
    first, second = tmp_path / "talk-00001.pcapng", tmp_path / "talk-00002.pcapng"
    first.write_bytes(b"one")
    second.write_bytes(b"left over")
    os.utime(second, ns=(0, 0))
    chunks = sources.following(first)
    monkeypatch.setattr(sources.time, "sleep", lambda _: second.write_bytes(b"two"))

    assert [next(chunks), next(chunks)] == [b"one", b"two"]


def test_nothing_is_lost_of_what_a_file_got_last_however_much(tmp_path, monkeypatch):
    first, second = tmp_path / "talk-00001.pcapng", tmp_path / "talk-00002.pcapng"
    first.write_bytes(b"one")
    chunks = sources.following(first)
    assert next(chunks) == b"one"
    much = b"x" * 3 * sources.CHUNK
    search = sources._next_of_series

    def search_in_between(path):
        if path == first:
            first.write_bytes(b"one" + much)
            second.write_bytes(b"two")
        return search(path)

    monkeypatch.setattr(sources, "_next_of_series", search_in_between)

    assert b"".join(next(chunks) for _ in range(4)) == much + b"two"


@pytest.mark.timeout(10)
def test_a_named_pipe_is_read_as_it_is_written(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    both_ends = os.open(path, os.O_RDWR)
    os.write(both_ends, TALK.read_bytes()[:2000])

    assert next(read_records(path, FOLLOW)).kind is Kind.OPEN
    os.close(both_ends)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("octets", [LINE, b"00000000: 0010 7b22 7479\n"], ids=["jsonl", "hex"])
def test_a_live_pipe_of_lines_is_told_by_the_first_of_them(octets):
    with pipe(octets) as stream:
        assert next(read_records(stream)).kind is Kind.OPEN


@pytest.mark.timeout(10)
def test_a_short_file_is_followed_whatever_its_form(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(LINE)

    records = read_records(path, FOLLOW)

    assert [next(records).kind, next(records).kind] == [Kind.OPEN, Kind.DATA]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("octets", [b"Dear diary", b"Dear diary,\ntoday", b"\x89PNG\r\n"])
def test_what_is_no_capture_is_told_at_once(tmp_path, octets):
    path = tmp_path / "x"
    path.write_bytes(octets)

    with pytest.raises(NotACapture), pipe(octets) as stream:
        next(read_records(stream))
    with pytest.raises(NotACapture):
        next(read_records(path, FOLLOW))


@pytest.mark.timeout(10)
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_what_is_packed_is_not_followed(tmp_path, pack):
    path = tmp_path / "x"
    path.write_bytes(pack(LINE))

    with pytest.raises(UsageError, match="it is packed"):
        next(read_records(path, FOLLOW))


@pytest.mark.parametrize("options", [ReadOptions(), FOLLOW])
def test_the_name_that_a_rotated_recording_was_given_leads_to_its_files(tmp_path, options):
    for number in (4, 3):
        (tmp_path / f"talk[1]-{number:05}.pcapng").touch()

    with pytest.raises(CaptureError) as caught:
        next(read_records(tmp_path / "talk[1].pcapng", options))

    assert caught.value.__notes__ == [
        f"it was rotated: read {tmp_path}/talk[1]-00003.pcapng and those after it"
    ]
