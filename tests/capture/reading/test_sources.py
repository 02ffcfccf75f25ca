"""Files that grow, are replaced, or go on in the next one, are followed."""

import threading
from pathlib import Path

from chatctl.capture.config import RecordConfig, Rotation
from chatctl.capture.reading import sources
from chatctl.capture.reading.reader import ReadOptions, read_records
from chatctl.capture.record import Kind
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import open_sink
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Direction, Hello


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
