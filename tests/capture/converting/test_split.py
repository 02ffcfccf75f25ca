"""One capture into several: nothing is lost, and each part stands for itself."""

from pathlib import Path

import pytest

from chatctl.capture.config import RecordConfig, Redaction
from chatctl.capture.converting import split
from chatctl.capture.converting.copy import Copy
from chatctl.capture.converting.split import Outputs, parse_split
from chatctl.capture.converting.verify import verify
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.reading.reader import read_records
from chatctl.capture.record import Kind, Record
from chatctl.errors import UsageError
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction, Hello

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
START = 10**18
SECOND = 10**9


def record(seconds, conn, kind, direction=UP, data=b"", **more):
    ends = f"127.0.0.1:{50000 + conn}", "127.0.0.1:3490"
    return Record(START + seconds * SECOND, conn, kind, direction, data, *ends, **more)


def talk():
    """Return a talk of two, in batches of one second; the first leaves after 4 seconds."""
    yield [record(0, conn, Kind.OPEN) for conn in (1, 2)]
    yield [
        record(0, 1, Kind.DATA, UP, encode_frame(Hello(nick="al"))),
        record(0, 2, Kind.DATA, UP, encode_frame(Hello(nick="bo"))),
    ]
    for second in range(1, 9):
        chat = encode_frame(Chat(nick="al", message=f"second {second}"))
        conns = (1, 2) if second < 5 else (2,)
        yield [record(second, conn, Kind.DATA, DOWN, chat) for conn in conns]
        if second == 4:
            yield [record(4, 1, Kind.CLOSE, way) for way in (UP, DOWN)]


CONFIG = RecordConfig("", redaction=Redaction(()))


@pytest.fixture
def parts(tmp_path):
    def cut(by, batches=None):
        outputs = Outputs(tmp_path / "x.pcapng", CONFIG)
        parse_split(by)(talk() if batches is None else batches, outputs)
        return {path.stem[2:]: path for path in sorted(tmp_path.iterdir(), key=lambda it: it.stem)}

    return cut


def octets(records):
    return sorted(record.data for record in records if record.kind is Kind.DATA)


@pytest.mark.parametrize("by", ["conn", "time=3s", "size=100", "time=1ms"])
def test_the_parts_hold_all_and_are_sound(parts, by):
    made = parts(by)

    whole = [record for batch in talk() for record in batch]
    assert octets(r for path in made.values() for r in read_records(path)) == octets(whole)
    for path in made.values():
        verdict = verify(path)
        assert (verdict.closed, verdict.faults) == (True, [])
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_for_each_connection(parts):
    assert list(parts("conn")) == ["conn1", "conn2"]


def test_a_part_that_begins_midway_knows_who_is_there(parts):
    made = parts("time=3s")

    assert list(made) == ["00001", "00002", "00003"]
    later = list(Dissector().dissect(read_records(made["00002"])))
    assert {(item.record.client[-1], item.nick) for item in later} == {("1", "al"), ("2", "bo")}
    assert [item.what.value for item in later if item.record.client[-1] == "1"] == [
        "open", "packet", "packet", "close", "close",
    ]  # fmt: skip
    last = list(Dissector().dissect(read_records(made["00003"])))
    assert {item.nick for item in last} == {"bo"}


def test_a_part_is_closed_soon_after_its_connections_are(parts, monkeypatch):
    monkeypatch.setattr(split, "MAX_IDLE", 3)
    open_now, most = set(), []

    class Counted(Copy):
        def __init__(self, *args):
            super().__init__(*args)
            open_now.add(self)
            most.append(len(open_now))

        def close(self):
            open_now.discard(self)
            super().close()

    monkeypatch.setattr(split, "Copy", Counted)
    batches = [
        [
            record(0, conn, Kind.OPEN),
            record(0, conn, Kind.DATA, UP, b"\0\2{}"),
            record(0, conn, Kind.CLOSE, UP, reset=True),
        ]
        for conn in range(1, 50)
    ]

    assert len(parts("conn", batches)) == 49
    assert max(most) == 3 + 1
    assert not open_now


def test_a_connection_that_comes_again_gets_another_file(parts):
    once = [record(0, 1, Kind.DATA, UP, b"\0\2{}"), record(0, 1, Kind.CLOSE, UP, reset=True)]

    assert list(parts("conn", [once, once])) == ["conn1", "conn1-2"]


def test_a_mark_behind_the_end_stays_with_its_connection(parts):
    once = [record(0, 1, Kind.DATA, UP, b"\0\2{}"), record(0, 1, Kind.CLOSE, UP, reset=True)]
    made = parts("conn", [once, [record(1, 1, Kind.MARK, note="look")], once])

    assert list(made) == ["conn1", "conn1-2"]
    kinds = [record.kind for record in read_records(made["conn1"])]
    assert kinds == [Kind.OPEN, Kind.DATA, Kind.CLOSE, Kind.MARK]


@pytest.mark.parametrize("by", ["", "conn=3", "time", "time=0s", "size=0", "nick"])
def test_other_ways_are_refused(by):
    with pytest.raises(UsageError, match="cannot split by"):
        parse_split(by)


@pytest.mark.parametrize("by", ["conn", "time=1s"])
def test_a_full_disk_is_told(by):
    with pytest.raises(OSError, match="No space left"):
        parse_split(by)(talk(), Full(Path("/dev/full"), CONFIG))


class Full(Outputs):
    def _named(self, name):
        return self.path


def test_the_parts_of_a_series_are_one_again(parts):
    made = parts("time=3s")

    again = list(read_records(list(made.values())))

    whole = [record for batch in talk() for record in batch]
    assert [(r.conn, r.kind, r.data) for r in again] == [(r.conn, r.kind, r.data) for r in whole]
