"""Checkpoints cover every octet, and acknowledgements come often enough for Wireshark."""

import dpkt
import pytest

from chatctl.capture.config import RecordConfig, Rotation
from chatctl.capture.converting.verify import verify
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import open_sink
from chatctl.capture.writing.tape import CHECKPOINT_EVERY
from chatctl.wire.packets import Direction


def record(path, chunks, **config):
    settings = RecordConfig(str(path), **config)
    recorder = Recorder(open_sink(settings), settings, side="server")
    recorder.opened(1, "127.0.0.1:50000", "127.0.0.1:3490")
    for chunk in chunks:
        recorder.crossed(1, Direction.TO_CLIENT, chunk)
        recorder.flush()
    recorder.close()
    return path


def segments(path):
    with path.open("rb") as file:
        return [dpkt.ip.IP(packet).data for _, packet in dpkt.pcapng.Reader(file)]


def test_every_mebibyte_has_its_checkpoint(tmp_path):
    path = record(tmp_path / "x", [b"y" * 50_000] * 70)

    verdict = verify(path)

    assert verdict.faults == []
    assert verdict.checkpoints == path.stat().st_size // CHECKPOINT_EVERY + 1
    assert verdict.closed


def test_recordings_behind_each_other_and_in_series_are_sound(tmp_path):
    one = record(tmp_path / "one", [b"a" * 100] * 50)
    two = record(tmp_path / "two", [b"b" * 100] * 20)
    (tmp_path / "both").write_bytes(one.read_bytes() + two.read_bytes())
    record(tmp_path / "part.pcapng", [b"c" * 100] * 50, rotation=Rotation(size=2000))

    assert verify(tmp_path / "both").faults == []
    parts = sorted(tmp_path.glob("part-*"))
    assert len(parts) > 2
    assert all(verify(part).faults == [] and verify(part).closed for part in parts)


@pytest.mark.parametrize("rotation", [Rotation(size=500), Rotation(seconds=1e-9)], ids=str)
def test_no_file_is_begun_for_the_end_of_a_series(tmp_path, rotation):
    settings = RecordConfig(str(tmp_path / "part.pcapng"), rotation=rotation)
    recorder = Recorder(open_sink(settings), settings, side="server")
    recorder.opened(1, "127.0.0.1:50000", "127.0.0.1:3490")
    recorder.crossed(1, Direction.TO_CLIENT, b"x" * 500)
    recorder.close()

    [part] = tmp_path.glob("part-*")
    assert verify(part).faults == []
    assert verify(part).packets == 4


def test_one_way_streams_are_acknowledged_and_the_window_never_fills(tmp_path):
    small = segments(record(tmp_path / "small", [b"x" * 10] * 640))
    large = segments(record(tmp_path / "large", [b"x" * 16_384] * 20))

    assert sum(not each.data and each.dport == 3490 for each in small[3:]) == 10
    assert sum(not each.data and each.dport == 3490 for each in large[3:]) >= 10
    assert b"\x01\x03\x03\x0e" in (small[0].opts, small[1].opts)


def test_sequence_numbers_are_places_in_the_stream(tmp_path):
    found = segments(record(tmp_path / "x", [b"x" * 10] * 5))

    assert [each.seq - 1 for each in found if each.data] == [0, 10, 20, 30, 40]


def test_no_octet_of_the_last_checkpoint_changes_unseen(tmp_path):
    sound = record(tmp_path / "x", [b"x" * 10]).read_bytes()
    begin = sound.rindex(b"\x05\0\0\0", 0, sound.index(b"checkpoint"))

    unseen = []
    for place in range(begin, len(sound)):
        for bit in (1, 0x20, 0x80):
            changed = bytearray(sound)
            changed[place] ^= bit
            (tmp_path / "y").write_bytes(changed)
            verdict = verify(tmp_path / "y")
            if verdict.closed and not verdict.faults:
                unseen.append((place - begin, bit))

    assert unseen == []
