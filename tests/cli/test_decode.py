"""decode as a command: views, forms, checks, and how each ends."""

import io
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from chatctl.capture.reading import seek
from chatctl.capture.reading.reader import read_records
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import LATEST, Kind
from chatctl.cli.decoding.job import Job
from chatctl.cli.decoding.views import batches_of
from chatctl.wire import codec
from tests.capture.reading.test_seek import START, long_capture
from tests.peers.programs import CHATCTL, environment

CAPTURES = Path(__file__).parents[2] / "examples" / "captures"
TALK = str(CAPTURES / "three-people.pcapng")
TCPDUMP = str(CAPTURES / "three-people-tcpdump.pcap")
CUT = str(CAPTURES / "truncated.pcapng")


def decode(*args: str, stdin: bytes = b"", text: bool = True):
    command = [*CHATCTL, "decode", *args]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode() if text else done.stdout, done.stderr.decode()


def data_of(place) -> list[tuple[int, str, bytes]]:
    return [
        (record.conn, record.direction, record.data)
        for record in read_records(place)
        if record.kind is Kind.DATA
    ]


def test_json_lines_are_json_and_hold_every_payload():
    status, shown, _ = decode("--json", TALK)

    rows = [codec.read_json(line.encode()) for line in shown.splitlines()]

    assert status == 0
    assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))
    assert {row["kind"] for row in rows} == {"open", "packet", "close"}
    assert all(row["packet"]["type"] == row["type"] for row in rows if row["kind"] == "packet")


@pytest.mark.parametrize("form", ["pcapng", "jsonl"])
def test_what_is_written_reads_back_octet_for_octet(tmp_path, form):
    out = tmp_path / f"copy.{form}"
    assert decode("--to", form, "-o", str(out), TALK)[0] == 0

    assert data_of(out) == data_of(TALK)
    assert decode("--diff", str(out), TALK) == (0, "no difference\n", "")


def test_standard_input_and_output_are_streams():
    status, written, _ = decode("--to", "pcapng", "-", stdin=Path(TALK).read_bytes(), text=False)

    assert status == 0
    assert data_of(io.BytesIO(written)) == data_of(TALK)


@pytest.mark.parametrize("merged", [[], [TCPDUMP]], ids=["alone", "merged"])
def test_a_named_pipe_is_shown_as_it_comes(tmp_path, merged):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    both_ends = os.open(pipe, os.O_RDWR)
    os.write(both_ends, Path(TALK).read_bytes()[:2000])
    how = {"stdout": subprocess.PIPE, "env": environment()}
    process = subprocess.Popen(
        [*CHATCTL, "decode", "--format", "{type}", str(pipe), *merged], **how
    )

    assert process.stdout.readline() == b"open\n"

    os.close(both_ends)
    process.communicate(timeout=30)


def test_a_line_written_by_hand_is_enough():
    line = b'{"dir":"to-server","packet":{"type":"hello","nick":"al"}}\n'

    shown = decode("--fields", "kind,conn,dir,nick", "-", stdin=line)

    assert shown == (0, "open\t1\tto-server\t\npacket\t1\tto-server\tal\n", "")


def test_a_difference_is_named_with_status_1():
    status, shown, _ = decode("--diff", str(CAPTURES / "malformed.pcapng"), TALK)

    assert status == 1
    assert "message: 'hello bob, is carol here yet?' became 'who is that?'" in shown


def test_verify_tells_sound_from_cut_and_changed(tmp_path):
    changed = bytearray(Path(TALK).read_bytes())
    changed[changed.index(b"hello bob")] ^= 1
    (tmp_path / "changed.pcapng").write_bytes(changed)

    assert decode("--verify", TALK)[0] == 0
    assert decode("--verify", CUT)[0] == 5
    status, shown, said = decode("--verify", str(tmp_path / "changed.pcapng"))
    assert (status, "not sound" in shown) == (5, True)
    assert "are not those that were written" in said
    assert decode("--verify", TCPDUMP)[0] == 6


@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_verify_tells_of_any_recording_in_a_file_that_was_not_ended(tmp_path, first):
    whole = Path(TALK).read_bytes()
    begun = whole[: whole.index(b"chat\x09\x00\x01\x00\x09") + 20]
    (tmp_path / "both.pcapng").write_bytes(begun + whole if first else whole + begun)

    status, _, said = decode("--verify", str(tmp_path / "both.pcapng"))

    assert (status, "was not ended in good order" in said) == (5, True)


def test_verify_tells_of_a_checkpoint_that_is_no_text(tmp_path):
    changed = bytearray(Path(TALK).read_bytes())
    changed[changed.rindex(b"checkpoint")] = 0xFF
    (tmp_path / "changed.pcapng").write_bytes(changed)

    status, shown, said = decode("--verify", str(tmp_path / "changed.pcapng"))

    assert (status, "not sound" in shown) == (5, True)
    assert "is not as it was written" in said


def test_times_beyond_all_time_are_written_as_the_last_there_is(tmp_path):
    changed, out = bytearray(Path(TALK).read_bytes()), tmp_path / "out.pcapng"
    interface = changed.index(b"chat\x09\x00\x01\x00\x09")
    changed[interface + 8] = 3
    (tmp_path / "changed.pcapng").write_bytes(changed)
    line = b'{"kind":"packet","at":%d,"dir":"to-server","packet":{"type":"hello","nick":"al"}}\n'
    (tmp_path / "changed.jsonl").write_bytes(line % -1 + line % 2**70)

    for name in ("changed.pcapng", "changed.jsonl"):
        assert decode("--to", "pcapng", "-o", str(out), str(tmp_path / name))[0] == 0
        assert [record.at for record in read_records(out)][-1] == LATEST


def test_recover_goes_on_behind_the_damage(tmp_path):
    whole = Path(TALK).read_bytes()
    middle = len(whole) // 2
    damaged, out = tmp_path / "damaged.pcapng", tmp_path / "out.pcapng"
    damaged.write_bytes(whole[:middle] + b"\xff" * 100 + whole[middle + 100 :])
    assert decode(str(damaged))[0] == 5

    status, shown, said = decode("--recover", str(out), str(damaged))

    assert status == 5
    assert "read back and sound" in shown
    assert "were no whole blocks" in said
    kept = b"".join(data for _, _, data in data_of(out))
    assert b"hello bob" in kept
    assert b"of course" in kept


def test_redaction_keeps_equal_values_equal(tmp_path):
    out = tmp_path / "red.pcapng"
    assert decode("--redact", "nick,text", "--redact-key", "k", "-o", str(out), TALK)[0] == 0

    assert b"alice" not in out.read_bytes()
    shown = decode("--chat", str(out))[1].splitlines()
    assert shown[0].split()[1] == shown[2].partition(":")[0]


@pytest.mark.parametrize("how", [["--slice", "1.5s.."], ["--split", "time=1s"]])
def test_who_is_there_already_is_redacted_too(tmp_path, how):
    out = tmp_path / "red.pcapng"
    assert decode("--redact", "nick,text", *how, "-o", str(out), TALK)[0] == 0

    written = b"".join(part.read_bytes() for part in tmp_path.iterdir())
    assert b'"nick":"' in written
    assert not any(nick in written for nick in (b"alice", b"bob", b"carol"))


def test_marks_splits_and_slices(tmp_path):
    out = tmp_path / "x.pcapng"
    assert decode("--mark", "12:look here", "-o", str(out), TALK)[0] == 0
    assert "look here" in decode("-f", "mark", str(out))[1]
    assert decode("--split", "conn", "-o", str(out), TALK)[0] == 0
    parts = sorted(tmp_path.glob("x-conn*.pcapng"))
    assert len(parts) == 3
    assert sum(len(data_of(part)) for part in parts) == len(data_of(TALK))
    assert 0 < len(decode("--slice", "1s..1.5s", TALK)[1].splitlines()) < 20


def test_a_slice_of_a_long_recording_moves_with_its_clock(monkeypatch):
    monkeypatch.setattr(seek, "LONG", 0)

    def times(**how):
        batches = batches_of(Job((TALK,), span="1s..1.5s", **how), Findings())
        return [record.at for batch in batches for record in batch]

    assert times(shift="+10s") == [at + 10_000_000_000 for at in times()] != []


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("s-00001.pcapng", ["--split", "size=1k", "-o", "s.pcapng"]),
        ("s-conn1.pcapng", ["--split", "conn", "-o", "s.pcapng"]),
        ("s.pcapng", ["--recover", "./s.pcapng"]),
        ("s.pcapng", ["--recover", "link.pcapng"]),
        ("s.pcapng", ["--to", "jsonl", "-o", "link.pcapng"]),
    ],
)
def test_what_is_read_is_never_written(tmp_path, monkeypatch, name, how):
    monkeypatch.chdir(tmp_path)
    original = Path(TALK).read_bytes()
    Path(name).write_bytes(original)
    Path("link.pcapng").symlink_to(name)

    status, _, said = decode(*how, name)

    assert (status, "cannot be read and written at once" in said) == (2, True)
    assert Path(name).read_bytes() == original


def test_what_is_read_through_standard_input_is_never_written(tmp_path):
    path = tmp_path / "s.pcapng"
    path.write_bytes(original := Path(TALK).read_bytes())

    with path.open("rb") as stdin:
        command = [*CHATCTL, "decode", "-", "--to", "pcapng", "-o", str(path)]
        done = subprocess.run(command, stdin=stdin, capture_output=True, timeout=60)

    assert (done.returncode, b"read and written at once" in done.stderr) == (2, True)
    assert path.read_bytes() == original


def test_several_files_are_merged_by_time():
    status, shown, _ = decode("--fields", "n,conn,type", TALK, TCPDUMP)

    assert status == 0
    assert {line.split("\t")[1] for line in shown.splitlines()} == set("123456")


def test_times_that_go_back_are_told_of(tmp_path):
    twice = tmp_path / "twice.pcapng"
    twice.write_bytes(Path(TALK).read_bytes() * 2)

    status, _, said = decode(str(twice))

    assert status == 0
    assert said.startswith("warning: 55 packets are stamped earlier than one before, and shown ")


def test_pictures(tmp_path):
    assert "c1->>server: chat hello bob, is carol here yet?" in decode("--to", "mermaid", TALK)[1]
    assert decode("--to", "svg", TALK)[1].startswith("<svg ")
    ladder = decode("--sequence", TALK)[1]
    assert "├─ hello ─" in ladder
    assert "◀ welcome ─" in ladder


@pytest.mark.parametrize("how", [["--to", "svg"], ["--to", "mermaid"], ["--to", "html"]])
def test_the_ladder_as_a_picture(how):
    assert decode("--sequence", *how, TALK) == decode(*how, TALK)


@pytest.mark.parametrize("form", ["svg", "mermaid", "html", "jsonl", "raw", "pcapng"])
def test_what_holds_words_is_for_its_owner_alone(tmp_path, form):
    out = tmp_path / "out"
    assert decode("--to", form, "-o", str(out), TALK)[0] == 0

    assert out.stat().st_mode & 0o777 == 0o600


def test_marks_of_one_item_follow_each_other_and_none_is_lost_silently(tmp_path):
    out = tmp_path / "x.pcapng"
    marks = [word for text in ("12:one", "12:two", "999:three") for word in ("--mark", text)]

    assert decode(*marks, "-o", str(out), TALK) == (
        0,
        "",
        "warning: there is no item 999 to mark\n",
    )
    assert [record.note for record in read_records(out) if record.kind is Kind.MARK] == [
        "one",
        "two",
    ]


def test_every_item_can_be_marked_and_nothing_else_changes(tmp_path):
    items = decode("--fields", "conn,type,nick", TALK)[1].splitlines()
    marks = [w for number in range(1, len(items) + 1) for w in ("--mark", f"{number}:{number}")]
    out = str(tmp_path / "x.pcapng")
    assert decode(*marks, "-o", out, TALK)[0] == 0

    marked = decode("--fields", "conn,type,nick,note", out)[1].splitlines()

    rows = [row.rsplit("\t", 1) for row in marked]
    assert [row for row, _ in rows if "\tmark\t" not in row] == items
    assert [note for row, note in rows if "\tmark\t" in row] == [
        str(number) for number in range(1, len(items) + 1)
    ]


def test_lines_of_ones_own():
    shown = decode("--format", "{n}|{nick}|{.message}", "-f", "type == chat and up", TALK)[1]

    assert shown.splitlines()[0] == "10|alice|hello bob, is carol here yet?"


@pytest.mark.parametrize("chosen", [["-f", "t > 2s"], ["--conn", "3"]])
def test_times_count_from_the_begin_of_the_capture_whatever_was_chosen(chosen):
    of_all = decode("--fields", "n,t", TALK)[1].splitlines()

    shown = decode("--fields", "n,t", *chosen, TALK)[1].splitlines()

    assert shown
    assert set(shown) < set(of_all)


@pytest.mark.parametrize(
    ("args", "status", "says"),
    [
        ([], 2, "no capture given\ntip: name a file, or -"),
        (["/nonexistent"], 6, "No such file"),
        (["/"], 6, "Is a directory"),
        (["--follow", "/nonexistent"], 6, "No such file"),
        (["--chat", "--json", TALK], 2, "one thing at a time"),
        (["-f", "typ == chat", TALK], 2, "did you mean 'type'"),
        (["--as", "what", TALK], 2, "no such form: 'what'; there are pcapng"),
        (["--format", "{nic}", TALK], 2, "did you mean 'nick'"),
        (["--slice", "5", TALK], 2, "span of time"),
        (["-F", "--diff", TALK, TALK], 2, "--diff wants all of a capture"),
        (["-F", "--verify", TALK], 2, "--verify wants all of a capture"),
        (["--shift", "9000000h", TALK], 2, "too long to shift by"),
        (["--split", "color", "-o", "/tmp/x", TALK], 2, "cannot split"),
        (["--to", "jsonl", "--redact", "nick", TALK], 2, "write pcapng, not jsonl"),
        ([__file__], 6, "is not a capture: it looks like text"),
        ([CUT], 5, "cut short"),
    ],
)
def test_endings(args, status, says):
    ended, _, said = decode(*args)

    assert (ended, says in said) == (status, True), said


def test_a_reader_that_has_seen_enough_ends_it_quietly():
    many = " ".join([TALK] * 40)
    script = f"{shlex.join(CHATCTL)} decode --json {many} | head -1 >/dev/null; "
    done = subprocess.run(
        ["bash", "-c", script + "exit ${PIPESTATUS[0]}"], capture_output=True, timeout=60
    )

    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("args", [["--conn", "77"], ["--port", "99"], ["-f", "nick == nobody"]])
def test_an_empty_answer_is_said_to_be_one(args):
    assert decode(*args, TALK) == (
        0,
        "",
        "warning: nothing to show: no packet of the capture was asked for\n",
    )


@pytest.mark.parametrize("form", ["pcapng", "jsonl", "svg"])
@pytest.mark.parametrize("args", [["--conn", "77"], ["--slice", "1h.."]])
def test_an_empty_copy_is_said_to_be_one(tmp_path, form, args):
    assert decode(*args, "--to", form, "-o", str(tmp_path / "out"), TALK) == (
        0,
        "",
        "warning: nothing to write: no packet of the capture was asked for\n",
    )


@pytest.mark.parametrize(
    "view",
    [
        *([], ["-v"], ["-x"], ["--chat"], ["--json"], ["--stats"], ["--sequence"]),
        *(["--conversations"], ["--to", "html"], ["--to", "svg"], ["--to", "mermaid"]),
        *(["--to", "jsonl"], ["--format", "{nick} {text}"]),
    ],
    ids=" ".join,
)
def test_every_view_shows_what_is_sound_before_the_damage(view):
    status, shown, said = decode(CUT, *view)

    assert status == 5
    assert any(word in shown for word in ("alice", "chat"))
    assert "damaged at octet 5500" in said


def test_a_form_that_is_given_is_obeyed_far_into_a_file(tmp_path):
    path = str(long_capture(tmp_path / "long.pcapng"))
    far = "--slice", "20s..20.01s"

    assert decode(*far, path)[1].count("\n") == 12
    assert decode("--as", "pcapng", *far, path) == decode(*far, path)
    damage = decode("--as", "raw", path)[2].splitlines()[-1]
    assert decode("--as", "raw", *far, path)[2].splitlines()[-1] == damage


def test_far_into_a_file_times_may_go_back_where_a_section_begins(tmp_path):
    late = long_capture(tmp_path / "late.pcapng", START + 100_000_000_000)
    early = long_capture(tmp_path / "early.pcapng")
    both = tmp_path / "both.pcapng"
    both.write_bytes(late.read_bytes() + early.read_bytes())

    assert decode("--slice", "20s..20.01s", str(both))[1].count("\n") == 12
