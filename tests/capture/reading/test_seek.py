"""A time in a long capture is found without reading it all."""

import random

from chatctl.capture.config import RecordConfig
from chatctl.capture.converting.edit import sliced
from chatctl.capture.moments import parse_span
from chatctl.capture.reading.reader import read_batches
from chatctl.capture.reading.seek import LONG, open_at, seek
from chatctl.capture.record import Kind
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import Sink
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction

START = 1_790_000_000_000_000_000


def long_capture(path, start=START):
    now = [start]
    config = RecordConfig(str(path))
    recorder = Recorder(Sink(path), config, side="server", clock=lambda: now[0])
    recorder.opened(1, "127.0.0.1:50000", "127.0.0.1:3490")
    for number in range(30_000):
        now[0] += 1_000_000
        chat = encode_frame(Chat(nick="bob", message="x" * 60, seq=number + 1))
        recorder.crossed(1, Direction.TO_CLIENT, chat)
        if number % 500 == 0:
            recorder.flush()
    recorder.close()
    assert path.stat().st_size > LONG
    return path


def data(batches):
    return [record.data for batch in batches for record in batch if record.kind is Kind.DATA]


def test_a_slice_far_in_is_the_slice_of_the_whole(tmp_path):
    path = long_capture(tmp_path / "long.pcapng")
    rng = random.Random(7)
    for _ in range(10):
        begin = rng.randrange(500, 29_000)
        span = parse_span(f"{begin}ms..{begin + 500}ms")
        place = open_at(path, lambda start, span=span: span.within(start)[0])

        quick = data(sliced(read_batches(place.source), span, place.begin))

        whole = data(sliced(read_batches(path), span))
        assert quick == whole
        assert len(whole) == 501


def test_it_lands_close_before_the_time(tmp_path):
    path = long_capture(tmp_path / "long.pcapng")
    size = path.stat().st_size

    assert abs(seek(path, START + 15_000_000_000) - size // 2) < 300_000
    assert seek(path, START - 10) < 70_000
    assert seek(path, START + 10**12) > size - 200_000


def test_short_and_foreign_files_are_read_from_their_beginning(tmp_path):
    path = tmp_path / "x.pcapng"
    path.write_bytes(b"\x0a\x0d\x0d\x0a" + b"\0" * (5 << 20))

    assert open_at(path, lambda begin: begin) is None
