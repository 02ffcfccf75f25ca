"""Copies of captures, written where they may have to wait, or where they cannot be written."""

import os
from threading import Thread

import pytest

from chatctl.capture.config import RecordConfig
from chatctl.capture.converting.copy import write_copy
from chatctl.capture.converting.export import frames, records_of, write
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.reading.reader import read_records
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Kind, Record
from chatctl.capture.writing import sink
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Direction, Say

FRAME = encode_frame(Say("x" * 1000))
COUNT = 1000  # more than a pipe holds
MANY = [
    Record(n, 1, Kind.DATA, Direction.TO_SERVER, FRAME, "a:1", "b:2") for n in range(1, COUNT + 1)
]


def as_frames(path):
    write(frames(Dissector().batches([MANY])), path)


def as_pcapng(path):
    write_copy([MANY], RecordConfig(path), Findings())


WAYS = pytest.mark.parametrize("put", [as_frames, as_pcapng])


@WAYS
def test_a_copy_waits_for_the_reader_of_its_pipe(put, monkeypatch):
    monkeypatch.setattr(sink, "PATIENCE", 0.0)  # a recording would not
    reader, writer = os.pipe()
    seen = []

    def read():
        with open(reader, "rb") as pipe:  # noqa: PTH123 - a descriptor
            seen.append(pipe.read())

    thread = Thread(target=read)
    thread.start()
    try:
        put(f"/dev/fd/{writer}")
    finally:
        os.close(writer)
        thread.join()
    assert seen[0].count(FRAME) == COUNT


@WAYS
def test_a_full_disk_is_an_error(put):
    with pytest.raises(OSError, match="No space left on device"):
        put("/dev/full")


@WAYS
def test_a_reader_that_is_gone_is_one_as_well(put):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        with pytest.raises(BrokenPipeError):
            put(f"/dev/fd/{writer}")
    finally:
        os.close(writer)


def test_an_empty_frame_stays():
    empty = Record(1, 1, Kind.DATA, Direction.TO_SERVER, b"\0\0", "a:1", "b:2")

    assert records_of(Dissector().dissect([empty])) == [empty]


def test_a_comment_on_data_becomes_a_mark_and_its_data_stays_single():
    ends = "a:1", "b:2"
    noted = Record(1, 1, Kind.DATA, Direction.TO_SERVER, FRAME, *ends, note="look here")
    disguised = Record(2, 1, Kind.DATA, Direction.TO_SERVER, FRAME, *ends, note="redacted:token")

    records = records_of(Dissector().dissect([noted, disguised]))

    assert [(record.kind, record.data, record.note) for record in records] == [
        (Kind.MARK, b"", "look here"),
        (Kind.DATA, FRAME, ""),
        (Kind.DATA, FRAME, "redacted:token"),
    ]


def test_a_hole_among_what_was_chosen_stays_one(tmp_path):
    ends = "10.0.0.1:1", "10.0.0.2:2"
    whole = [
        Record(1, 1, Kind.DATA, Direction.TO_SERVER, FRAME + FRAME[:9], *ends),
        Record(2, 1, Kind.GAP, Direction.TO_SERVER, b"", *ends, 40),
        Record(3, 1, Kind.DATA, Direction.TO_SERVER, b"rest" + FRAME * 2, *ends),
        Record(4, 1, Kind.GAP, Direction.TO_SERVER, b"", *ends, 40),
        Record(5, 1, Kind.DATA, Direction.TO_SERVER, FRAME, *ends),
    ]
    findings = Findings()
    path = str(tmp_path / "copy.pcapng")
    write_copy([records_of(Dissector().dissect(whole))], RecordConfig(path), Findings())

    items = list(Dissector().dissect(read_records(path, findings=findings)))

    assert [item.what.value for item in items] == [
        "open", "packet", "gap", "packet", "packet", "gap", "packet",
    ]  # fmt: skip
    assert (findings.gaps, findings.missing) == (2, 80)
