"""A copy tells of the recording it is made of, and of what it shows of each connection."""

import pytest

from chatctl.capture.config import Addresses, RecordConfig, Redaction, Rotation
from chatctl.capture.converting.copy import write_copy
from chatctl.capture.converting.edit import sliced
from chatctl.capture.converting.export import records_of
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.moments import Moment, Since, Span
from chatctl.capture.reading.reader import read_batches, read_records
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Kind, Record
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import open_sink
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction, Hello, Say, Welcome
from tests.capture.tools import hosts, needs

HIGH = "127.0.0.1:40101"
UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
CHATS = 40


def record(path, *, clients=("127.0.0.1:33000",), server=HIGH, nick="al", **config):
    """Record a talk; the client's port is the lower one."""
    settings = RecordConfig(str(path), **config)
    tape = Recorder(open_sink(settings), settings, side="server", listen=server)
    for conn, client in enumerate(clients, 1):
        tape.opened(conn, client, server)
        tape.crossed(conn, UP, encode_frame(Hello(nick=nick, v=1)))
        tape.crossed(conn, DOWN, encode_frame(Welcome(1, "s", nick, token="sesame")))
    for number in range(CHATS):
        for conn in range(1, len(clients) + 1):
            tape.crossed(conn, UP, encode_frame(Say(f"hi {number}")))
            tape.crossed(conn, DOWN, encode_frame(Chat(nick, f"hi {number}")))
        tape.flush()
    if settings.ring:
        tape.dump("now")
    tape.close()
    return path


def copied(source, path, members=()):
    findings = Findings()
    config = RecordConfig(str(path), redaction=Redaction(members))
    write_copy(read_batches(source, findings=findings), config, findings)
    return path


def profile(path):
    findings = Findings()
    list(read_records(path, findings=findings))
    return findings.profile


def directions(path):
    """Return which way packets went by what is in them, and by what is read."""
    return {
        (b'"nick":"al"' in record.data and b"hello" not in record.data, record.direction is DOWN)
        for record in read_records(path)
        if record.kind is Kind.DATA
    }


RIGHT = {(True, True), (False, False)}


@pytest.mark.parametrize("addresses", Addresses)
def test_who_is_the_server_is_known_in_every_file_of_a_series(tmp_path, addresses):
    rotation = Rotation(size=2000)
    record(tmp_path / "r.pcapng", rotation=rotation, addresses=addresses)

    parts = sorted(tmp_path.glob("r-*"))
    assert len(parts) > 2
    assert [part.name for part in parts if directions(part) - RIGHT] == []


@pytest.mark.parametrize("addresses", Addresses)
def test_who_is_the_server_is_known_in_a_ring(tmp_path, addresses):
    path = record(tmp_path / "ring.pcapng", ring=2000, addresses=addresses)

    assert directions(path) == RIGHT
    assert b"127.0.0.1" not in path.read_bytes() or addresses is Addresses.REAL


def test_who_is_the_server_is_known_in_a_copy_of_a_ring(tmp_path):
    path = record(tmp_path / "ring.pcapng", ring=2000)

    assert directions(copied(path, tmp_path / "copy.pcapng")) == RIGHT


def test_who_is_the_server_is_known_in_a_slice(tmp_path):
    path = record(tmp_path / "whole.pcapng")
    findings = Findings()
    batches = [[item] for item in read_records(path, findings=findings)]
    some = sliced(batches, Span(Moment(Since.EPOCH, batches[50][0].at)))
    write_copy(some, RecordConfig(str(tmp_path / "slice.pcapng")), findings)

    assert directions(tmp_path / "slice.pcapng") == RIGHT


def test_it_says_who_recorded_where_and_what_is_disguised(tmp_path):
    path = record(tmp_path / "whole.pcapng")
    copy = copied(path, tmp_path / "copy.pcapng", ("message",))

    told = {"side": "server", "listen": HIGH, "redact": ["token", "password", "secret", "message"]}
    assert profile(copy).items() >= told.items()
    assert {r.note for r in read_records(copy)} == {"", "redacted:token", "redacted:message"}


@pytest.mark.parametrize("direction", [UP, DOWN])
def test_a_hole_stays_even_where_nothing_comes_behind_it(tmp_path, direction):
    ends = "127.0.0.1:33000", HIGH
    records = [
        Record(1, 1, Kind.OPEN, UP, b"", *ends),
        Record(2, 1, Kind.DATA, UP, encode_frame(Hello(nick="al")), *ends),
        Record(3, 1, Kind.GAP, direction, b"", *ends, 40),
        Record(4, 1, Kind.DATA, direction, encode_frame(Say("hi")), *ends),
        Record(5, 1, Kind.GAP, direction, b"", *ends, 50),
    ]
    write_copy([records], RecordConfig(str(tmp_path / "copy.pcapng")), Findings())

    again = list(read_records(tmp_path / "copy.pcapng"))

    assert [(r.kind, r.data, r.missing) for r in again] == [
        (r.kind, r.data, r.missing) for r in records
    ]


@pytest.mark.parametrize("kind", [Kind.GAP, Kind.CLOSE])
def test_what_may_be_half_of_a_secret_keeps_its_place(tmp_path, kind):
    ends = "127.0.0.1:33000", HIGH
    welcome = encode_frame(Welcome(1, "s", "al", token="sesame"))
    half = welcome.index(b"sesame") + 3
    records = [
        Record(1, 1, Kind.OPEN, UP, b"", *ends),
        Record(2, 1, Kind.DATA, DOWN, welcome[:half], *ends),
        Record(3, 1, kind, DOWN if kind is Kind.GAP else UP, b"", *ends, 1, reset=True),
        Record(4, 1, Kind.DATA, DOWN, welcome[half + 1 :], *ends),
    ][: 4 if kind is Kind.GAP else 3]
    config = RecordConfig(str(tmp_path / "copy.pcapng"), redaction=Redaction(("token",)))
    write_copy([records], config, Findings())

    again = [r for r in read_records(tmp_path / "copy.pcapng") if r.kind is not Kind.OPEN]
    before = b"".join(r.data for r in again[: [r.kind for r in again].index(kind)])
    assert before == welcome[: half - 3] + b"***"
    assert b"ame" not in (tmp_path / "copy.pcapng").read_bytes()


def test_of_captures_read_as_one_it_says_what_is_disguised_in_any(tmp_path):
    one = record(tmp_path / "one.pcapng", redaction=Redaction(("token",)))
    two = record(tmp_path / "two.pcapng", redaction=Redaction(("message",)))
    copy = copied([one, two], tmp_path / "both.pcapng")

    assert profile(copy)["redact"] == ["token", "message"]


def test_of_another_programs_capture_it_says_the_first_server(tmp_path):
    records = list(read_records(record(tmp_path / "whole.pcapng")))
    write_copy([records], RecordConfig(str(tmp_path / "copy.pcapng")), Findings())

    assert profile(tmp_path / "copy.pcapng")["listen"] == HIGH


VIRTUAL = Addresses.VIRTUAL
TWO = "192.0.2.7:33000", "192.0.2.8:33000"


@needs("tshark")
@pytest.mark.parametrize("members", [(), ("message",)], ids=["as it is", "disguised"])
def test_virtual_addresses_keep_their_nicks(tmp_path, members):
    path = record(tmp_path / "whole.pcapng", clients=TWO, addresses=VIRTUAL)
    copy = copied(path, tmp_path / "copy.pcapng", members)

    assert hosts(copy) == hosts(path) == {"198.18.0.11": "al", "198.18.0.12": "al"}
    assert profile(copy)["addresses"] == "virtual"
    assert profile(copy)["listen"] == ":40101"
    assert b"192.0.2" not in copy.read_bytes()
    assert directions(copy) == RIGHT


@needs("tshark")
def test_virtual_addresses_keep_their_nicks_where_a_slice_begins(tmp_path):
    path = record(tmp_path / "whole.pcapng", clients=TWO, addresses=VIRTUAL)
    findings = Findings()
    batches = [[item] for item in read_records(path, findings=findings)]
    some = sliced(batches, Span(Moment(Since.EPOCH, batches[50][0].at)))
    write_copy(some, RecordConfig(str(tmp_path / "slice.pcapng")), findings)

    assert hosts(tmp_path / "slice.pcapng") == hosts(path)


@needs("tshark")
def test_a_nick_is_found_behind_a_hole(tmp_path):
    ends = "198.18.0.11:40000", "198.18.0.1:3490"
    records = [
        Record(1, 1, Kind.OPEN, UP, b"", *ends),
        Record(2, 1, Kind.DATA, UP, encode_frame(Say("hi"))[:-3], *ends),
        Record(3, 1, Kind.GAP, UP, b"", *ends, 40),
        Record(4, 1, Kind.DATA, UP, encode_frame(Hello(nick="al")) * 2, *ends),
    ]
    findings = Findings(profile={"chatctl": 1, "addresses": "virtual"})
    write_copy([records], RecordConfig(str(tmp_path / "copy.pcapng")), findings)

    assert hosts(tmp_path / "copy.pcapng") == {"198.18.0.11": "al"}


@needs("tshark")
def test_merged_they_have_nicks_also_where_both_used_the_same_address(tmp_path):
    one = record(tmp_path / "one.pcapng", addresses=VIRTUAL)
    two = record(tmp_path / "two.pcapng", addresses=VIRTUAL, nick="bo")
    copy = copied([one, two], tmp_path / "both.pcapng")

    assert hosts(copy) == {"198.18.0.11": "al", "fd00::1:0:2": "bo"}
    assert profile(copy)["addresses"] == "virtual"


@pytest.mark.parametrize("other", ["real", "foreign"])
def test_merged_with_real_addresses_they_are_real(tmp_path, other):
    one = record(tmp_path / "one.pcapng", addresses=VIRTUAL)
    two = record(tmp_path / "two.pcapng")
    if other == "foreign":
        two.write_bytes(two.read_bytes().replace(b"chatctl ", b"tcpdump "))
    copy = copied([one, two], tmp_path / "both.pcapng")

    assert profile(copy)["addresses"] == "real"


def chosen(source, path, members=(), **config):
    """Copy what was said, without the packets that tell who somebody is."""
    findings = Findings()
    items = list(Dissector().dissect(read_records(record(source, **config), findings=findings)))
    some = records_of(item for item in items if item.type == "chat")
    write_copy([some], RecordConfig(str(path), redaction=Redaction(members)), findings)
    return path


def test_who_people_are_is_known_where_the_packets_that_say_so_are_left_out(tmp_path):
    copy = chosen(tmp_path / "whole.pcapng", tmp_path / "some.pcapng", clients=TWO)
    again = copied(copy, tmp_path / "again.pcapng")

    for path in (copy, again):
        nicks = {item.nick for item in Dissector().dissect(read_records(path))}
        assert nicks == {"al"}


def test_who_people_are_is_disguised_as_in_the_packets(tmp_path):
    copy = chosen(tmp_path / "whole.pcapng", tmp_path / "some.pcapng", ("nick",), nick="alexander")
    said = list(Dissector().dissect(read_records(copy)))

    assert b"alexander" not in copy.read_bytes()
    answers = [item.packet for item in said if isinstance(item.packet, Chat)]
    assert {item.nick for item in said} == {packet.nick for packet in answers}


@needs("tshark")
def test_names_of_what_was_chosen_follow_changes_that_were_not(tmp_path):
    ends = "198.18.0.11:40000", "198.18.0.1:3490"
    records = [
        Record(at, 1, Kind.DATA, DOWN, encode_frame(Chat("x", "y")), *ends, nick=nick)
        for at, nick in enumerate(["al", "al", "alicia"])
    ]
    findings = Findings(profile={"chatctl": 1, "addresses": "virtual"})
    write_copy([records], RecordConfig(str(tmp_path / "copy.pcapng")), findings)

    assert hosts(tmp_path / "copy.pcapng") == {"198.18.0.11": "alicia"}


def test_a_mark_behind_an_end_opens_nothing(tmp_path):
    ends = [("127.0.0.1:1", HIGH), ("127.0.0.1:2", HIGH)]
    records = [
        Record(at, conn, kind, UP, b"", *ends[conn - 1], note="x", reset=kind is Kind.CLOSE)
        for at, (conn, kind) in enumerate(
            [(conn, kind) for conn in (1, 2) for kind in (Kind.OPEN, Kind.CLOSE)] + [(1, Kind.MARK)]
        )
    ]
    write_copy([records], RecordConfig(str(tmp_path / "copy.pcapng")), Findings())

    kinds = [record.kind for record in read_records(tmp_path / "copy.pcapng")]
    assert kinds == [record.kind for record in records]
