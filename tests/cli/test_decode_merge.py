"""Several captures written as one, with mergecap and tshark as judges."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from chatctl.capture.config import Addresses, RecordConfig, Redaction
from chatctl.capture.converting.verify import verify
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.reading.headers import profiles
from chatctl.capture.reading.reader import read_records
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import Sink
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction, Hello
from tests.capture.tools import needs
from tests.cli.test_decode import CUT, TALK, TCPDUMP, decode
from tests.peers.programs import CHATCTL

START = 1_790_000_000_000_000_000


def record(path, nick, *, begin, port, **how):
    """Record somebody who says something each second, from *begin* seconds on."""
    now = [START + int(begin * 1e9)]
    config = RecordConfig(str(path), **how)
    recorder = Recorder(Sink(path), config, side="client", clock=lambda: now[0])
    recorder.opened(1, f"127.0.0.1:{port}", "127.0.0.1:3490")
    recorder.crossed(1, Direction.TO_SERVER, encode_frame(Hello(nick=nick)))
    for number in range(5):
        now[0] += 1_000_000_000
        chat = encode_frame(Chat(nick=nick, message=f"{nick} {number}"))
        recorder.crossed(1, Direction.TO_CLIENT, chat)
    recorder.close()
    return str(path)


@pytest.fixture
def two(tmp_path):
    return (
        record(tmp_path / "al.pcapng", "al", begin=0, port=50001),
        record(tmp_path / "bo.pcapng", "bo", begin=0.4, port=50002),
    )


def tshark(path, *options):
    command = ["tshark", "-r", str(path), *options]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()


def fields(path):
    return tshark(
        path, "-Y", "tcp.len > 0", "-T", "fields", "-e", "frame.time_epoch", "-e", "tcp.srcport",
        "-e", "tcp.dstport", "-e", "tcp.payload",
    )  # fmt: skip


@needs("tshark", "mergecap")
def test_merged_files_hold_what_mergecap_makes_of_them(tmp_path, two):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    assert decode("--merge", "-o", str(ours), *two)[0] == 0
    subprocess.run(["mergecap", "-w", theirs, *two], check=True, capture_output=True, timeout=60)

    assert fields(ours) == fields(theirs)
    assert len(fields(ours).splitlines()) == 12
    assert verify(ours).closed


@needs("tshark")
def test_two_connections_of_the_same_addresses_stay_two(tmp_path):
    virtual = Addresses.VIRTUAL
    one = record(tmp_path / "1.pcapng", "al", begin=0, port=50001, addresses=virtual)
    other = record(tmp_path / "2.pcapng", "bo", begin=0.4, port=50001, addresses=virtual)
    out = tmp_path / "out.pcapng"
    assert decode("--merge", "-o", str(out), one, other)[0] == 0

    said = [(item.record.conn, item.nick) for item in Dissector().dissect(read_records(out))]
    assert said.count((1, "al")) == said.count((2, "bo")) == 6
    assert tshark(out, "-Y", "tcp.analysis.flags") == ""
    assert set(tshark(out, "-T", "fields", "-e", "tcp.stream").split()) == {"0", "1"}


@pytest.mark.parametrize(
    "how",
    [["--to", "pcapng"], ["--recover"], ["--slice", "1s.."], ["-f", "type == chat"]],
    ids=" ".join,
)
def test_what_was_disguised_in_any_section_is_said_of_the_copy(tmp_path, how):
    disguised = [
        record(tmp_path / name, "al", begin=begin, port=50001, redaction=Redaction((name,)))
        for begin, name in enumerate(["a", "b", "c"])
    ]
    several, out = tmp_path / "several.pcapng", str(tmp_path / "out.pcapng")
    several.write_bytes(b"".join(Path(path).read_bytes() for path in disguised))
    if how != ["--recover"]:
        how = [*how, "-o"]
    assert decode(*how, out, str(several))[0] == 0

    assert [told["redact"] for told in profiles(out)] == [["a", "b", "c"]]


def test_what_was_disguised_in_any_section_is_said_of_what_is_merged(tmp_path):
    disguised = [
        record(tmp_path / name, "al", begin=begin, port=50001, redaction=Redaction((name,)))
        for begin, name in enumerate(["a", "b", "c"])
    ]
    several, out = tmp_path / "several.pcapng", str(tmp_path / "out.pcapng")
    several.write_bytes(b"".join(Path(path).read_bytes() for path in disguised[1:]))
    assert decode("--merge", "-o", out, disguised[0], str(several))[0] == 0

    assert [told["redact"] for told in profiles(out)] == [["a", "b", "c"]]


def test_ours_and_another_programs_stay_apart(tmp_path):
    out = tmp_path / "out.pcapng"
    assert decode("--merge", "-o", str(out), TALK, TCPDUMP)[0] == 0

    assert decode("--diff", str(out), TALK, TCPDUMP) == (0, "no difference\n", "")
    assert {record.conn for record in read_records(out)} == set(range(1, 7))


def test_the_clock_of_the_last_may_be_moved(tmp_path, two):
    out = str(tmp_path / "out.jsonl")
    assert decode("--merge", "--shift", "-400ms", "-o", out, *two)[0] == 0

    opened = [record.at for record in read_records(out) if record.kind == "open"]
    assert opened == [START, START]


def test_other_forms_and_splits_of_what_is_merged(tmp_path, two):
    assert decode("--merge", "--to", "raw", *two)[1].count("al 0") == 1
    assert decode("--merge", "--split", "conn", "-o", str(tmp_path / "p"), *two)[0] == 0
    assert len(list(tmp_path.glob("p-conn*"))) == 2


def test_damage_in_one_is_told_and_the_rest_is_merged(tmp_path, two):
    out = str(tmp_path / "out.pcapng")
    status, _, said = decode("--merge", "-o", out, CUT, CUT, *two)

    assert status == 5
    assert said.count("is damaged at octet 5500") == 2
    assert verify(out).closed
    assert sum(b"al 4" in record.data for record in read_records(out)) == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--merge", TALK], "--merge wants several captures"),
        (["--merge", "-o", TALK, TALK, TCPDUMP], "cannot be read and written at once"),
        (["--merge", "--stats", TALK, TCPDUMP], "one thing at a time: --stats or --merge"),
        (["--merge", "--verify", TALK, TCPDUMP], "one thing at a time: --verify or --merge"),
        (["-o", "/tmp/x.foo", TALK], "does not say what to write: add --to pcapng"),
        (["--redact", "text", "-o", "/tmp/x.html", TALK], "write pcapng, not html"),
        (["--mark", "1:x", "-o", "/tmp/x.jsonl", TALK], "write pcapng, not jsonl"),
        (["--mark", "1:\udcff", "-o", "/tmp/x.pcapng", TALK], "is no UTF-8"),
        (["--split", "conn", "-o", ".", TALK], "'.' is no name"),
        (["--split", "conn", "-o", "/", TALK], "'/' is no name"),
        (["--json", "-o", "/tmp/x.jsonl", TALK], "one thing at a time: --json or --output"),
    ],
)
def test_what_makes_no_sense_is_refused(args, says):
    status, _, said = decode(*args)

    assert (status, says in said) == (2, True), said


@pytest.mark.parametrize("how", [["--stats"], ["--to", "pcapng"]], ids=" ".join)
def test_what_was_followed_is_shown_when_somebody_has_seen_enough(tmp_path, how, two):
    out = tmp_path / "out"
    with out.open("wb") as file:
        process = subprocess.Popen([*CHATCTL, "decode", "--follow", *how, two[0]], stdout=file)
    while not _has_read(process, two[0]):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)

    assert process.wait(30) == 130
    if how == ["--stats"]:
        assert "packets      6 in 5.000 s" in out.read_text()
    else:
        assert verify(out).closed


def _has_read(process, path):
    """Return whether *process* has the file open and has come to its end."""
    for link in Path(f"/proc/{process.pid}/fd").iterdir():
        try:
            if str(link.readlink()) == path:
                info = Path(f"/proc/{process.pid}/fdinfo/{link.name}").read_text()
                return int(info.split()[1]) == Path(path).stat().st_size
        except OSError:
            continue
    return False
