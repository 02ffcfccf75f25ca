"""Every form of capture reads the same talk; any input ends in a documented way."""

import gzip
import io
import random
import subprocess
import tracemalloc
from itertools import islice
from pathlib import Path

import dpkt
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from chatctl.capture.config import RecordConfig, Redaction
from chatctl.capture.converting.export import json_lines
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.items.item import What
from chatctl.capture.reading.reader import ReadOptions, read_batches, read_records
from chatctl.capture.reading.sniff import Form
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.reassembly.tcp import MIDSTREAM
from chatctl.capture.record import Kind
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import Sink
from chatctl.errors import CaptureDamaged, CaptureError, NotACapture
from chatctl.wire.codec import encode_frame
from chatctl.wire.framing import Deframer, frame
from chatctl.wire.packets import Chat, Direction, Hello, Say
from tests.capture.packets import ipv4, ipv6, pcap, tcp
from tests.capture.tools import needs

CAPTURES = Path(__file__).parents[3] / "examples" / "captures"
TALK = (CAPTURES / "three-people.pcapng").read_bytes()
TCPDUMP = (CAPTURES / "three-people-tcpdump.pcap").read_bytes()
BARE = (CAPTURES / "capture.bin").read_bytes()
UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


def read(data: bytes, options=ReadOptions(), findings=None):  # noqa: B008
    return list(read_records(io.BytesIO(data), options, findings))


def octets(records, direction=UP):
    return b"".join(r.data for r in records if r.kind is Kind.DATA and r.direction is direction)


HELLO = encode_frame(Hello(nick="alice"))
SAY = encode_frame(Say(message="hi"))
SEGMENTS = [tcp(99, flags=2), tcp(100, HELLO), tcp(100 + len(HELLO), SAY)]

LINKS = {
    "raw": (101, lambda ip: ip),
    "raw of BSD": (12, lambda ip: ip),
    "ipv4": (228, lambda ip: ip),
    "ethernet": (1, lambda ip: b"\0" * 12 + b"\x08\0" + ip),
    "ethernet padded": (1, lambda ip: b"\0" * 12 + b"\x08\0" + ip + b"\0" * 6),
    "VLAN": (1, lambda ip: b"\0" * 12 + b"\x81\0\0\7\x08\0" + ip),
    "VLAN in VLAN": (1, lambda ip: b"\0" * 12 + b"\x88\xa8\0\7\x81\0\0\7\x08\0" + ip),
    "null": (0, lambda ip: b"\2\0\0\0" + ip),
    "loop": (108, lambda ip: b"\0\0\0\2" + ip),
    "SLL": (113, lambda ip: b"\0" * 14 + b"\x08\0" + ip),
    "SLL2": (276, lambda ip: b"\x08\0" + b"\0" * 18 + ip),
}


@pytest.mark.parametrize("link", LINKS)
def test_every_link_type(link):
    linktype, wrap = LINKS[link]

    records = read(pcap([wrap(ipv4(segment)) for segment in SEGMENTS], linktype))

    assert octets(records) == HELLO + SAY
    assert (records[0].client, records[0].server) == ("10.0.0.1:50000", "10.0.0.2:3490")


@pytest.mark.parametrize("extension", [b"", b"\x06\x00" + b"\0" * 6])
def test_ipv6_with_and_without_extension_headers(extension):
    records = read(pcap([ipv6(segment, extension=extension) for segment in SEGMENTS]))

    assert octets(records) == HELLO + SAY
    assert records[0].client == "[::1]:50000"


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("nano", [False, True])
def test_both_byte_orders_and_resolutions(order, nano):
    records = read(pcap(map(ipv4, SEGMENTS), order=order, nano=nano))

    assert octets(records) == HELLO + SAY
    assert records[-1].at == 1000 * 10**9 + (2 if nano else 2000)


def test_a_length_of_0_left_to_the_card_means_all_there_is():
    assert octets(read(pcap([ipv4(segment, total=0) for segment in SEGMENTS]))) == HELLO + SAY


def test_a_packet_cut_by_the_snapshot_length_is_a_hole():
    findings = Findings()
    long = encode_frame(Say(message="x" * 500))
    later = 100 + len(HELLO) + len(long)
    segments = [
        *SEGMENTS[:2],
        tcp(100 + len(HELLO), long),
        tcp(later, SAY),
        tcp(later + len(SAY), SAY),
    ]

    records = read(pcap(map(ipv4, segments), snap=200), findings=findings)

    gaps = [record.missing for record in records if record.kind is Kind.GAP]
    assert sum(gaps) == len(long) - 160
    items = list(Dissector().dissect(records))
    assert [item.type for item in items] == ["open", "hello", "gap", "skipped", "chat", "chat"]
    assert findings.lossy


def test_fragments_are_counted_and_their_loss_is_seen():
    findings = Findings()
    packets = [ipv4(SEGMENTS[0]), ipv4(SEGMENTS[1], fragment=0x2000), ipv4(SEGMENTS[2])]

    records = read(pcap(packets), findings=findings)

    assert findings.fragments == 1
    assert Kind.GAP in [record.kind for record in records]


def test_a_connection_joined_midway_is_taken_up_at_the_next_frame():
    stream = b"".join(encode_frame(Chat(nick="bob", message=f"number {n}")) for n in range(9))
    middle = 70

    records = read(pcap([ipv4(tcp(5, stream[middle:], up=False), up=False)]))
    items = list(Dissector().dissect(records))

    assert records[0].note.startswith(MIDSTREAM)
    assert items[0].record.server == "10.0.0.2:3490"
    assert [item.what for item in items[1:3]] == [What.SKIPPED, What.PACKET]
    assert items[2].resynced
    assert [item.packet.message for item in items[2:]] == [f"number {n}" for n in range(2, 9)]


def test_an_address_used_anew_is_another_connection():
    segments = [
        *SEGMENTS[:2],
        tcp(100 + len(HELLO), flags=0x11),
        tcp(1, flags=0x11, up=False),
        tcp(900, flags=2),
        tcp(901, SAY),
    ]
    packets = [ipv4(s, up=s[2:4] != b"\xc3\x50") for s in segments]

    records = read(pcap(packets))

    assert {record.conn for record in records} == {1, 2}
    assert [r.data for r in records if r.conn == 2 and r.data] == [SAY]


def test_other_traffic_is_left_out_and_only_other_traffic_is_no_capture():
    other = [tcp(9, flags=2, port=80), tcp(10, b"GET / HTTP/1.1\r\n\r\n", port=80)]
    findings = Findings()

    records = read(pcap(map(ipv4, [*other, *SEGMENTS])), findings=findings)

    assert octets(records) == HELLO + SAY
    assert {record.conn for record in records} == {1}
    assert findings.foreign
    with pytest.raises(NotACapture, match=r"none of its connections looks like chat.*:80"):
        read(pcap(map(ipv4, other)))
    assert octets(read(pcap(map(ipv4, other)), ReadOptions(port=80))).startswith(b"GET")


def test_tls_is_named():
    secret = [tcp(9, flags=2, port=443), tcp(10, b"\x16\x03\x01\x02\x00\x01", port=443)]
    with pytest.raises(NotACapture, match="speak TLS"):
        read(pcap(map(ipv4, secret)))


def test_the_same_packets_twice_as_by_tcpdump_on_any():
    findings = Findings()
    doubled = [ipv4(segment) for segment in SEGMENTS for _ in range(2)]

    assert octets(read(pcap(doubled), findings=findings)) == HELLO + SAY
    assert findings.repeated == 3


# ------------------------------------------------------------ forms and packings


def packed(data: bytes, how: str) -> bytes:
    match how:
        case "gzip":
            return gzip.compress(data)
        case "two gzip members":
            return gzip.compress(data[:5000]) + gzip.compress(data[5000:])
        case "zstd":
            return zstandard.compress(data)
        case _:
            return data


@pytest.mark.parametrize("how", ["plain", "gzip", "two gzip members", "zstd"])
@pytest.mark.parametrize("data", [TALK, TCPDUMP], ids=["pcapng", "pcap"])
def test_packed_files_are_unpacked(data, how):
    assert read(packed(data, how)) == read(data)


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_a_packed_file_that_is_cut_shows_what_it_can(how):
    records = []
    cut = packed(TALK * 50, how)
    cut = cut[: len(cut) // 2]
    with pytest.raises(CaptureDamaged, match="cut short"):
        records.extend(read_records(io.BytesIO(cut)))


def hexdump(command: list[str]) -> bytes:
    return subprocess.run(command, input=BARE, capture_output=True, check=True, timeout=30).stdout


@pytest.mark.parametrize(
    "command",
    [
        ["xxd"],
        ["xxd", "-p"],
        ["hexdump", "-C"],
        ["xxd", "-g1"],
        ["xxd", "-c", "8"],
        ["od", "-A", "x", "-t", "x1z"],
        ["od", "-v", "-A", "x", "-t", "x1"],
    ],
)
@needs("xxd", "hexdump", "od")
def test_hex_dumps(command):
    assert read(hexdump(command)) == read(BARE)


@pytest.mark.parametrize("times", [1, 5000, 2**59])
def test_squeezed_lines_are_filled_in_a_little_at_a_time(times):
    row = b"%016x: %s\n"
    dump = row % (0, b"0002 7b7d " * 4) + b"*\n" + row % (16 + 16 * times, b"0002 7b7d")

    frames = islice(read_records(io.BytesIO(dump)), 50_001)  # the first opens

    assert len(octets(frames)) == 4 * min(5 + 4 * times, 50_000)


def test_squeezed_lines_of_hexdump_are_filled_in():
    text = (
        b'00000000  00 3e 7b 22 61 22 3a 22  61 61 61 61 61 61 61 61  |.>{"a":"aaaaaaaa|\n'
        b"00000010  61 61 61 61 61 61 61 61  61 61 61 61 61 61 61 61  |aaaaaaaaaaaaaaaa|\n"
        b"*\n"
        b'00000030  61 61 61 61 61 61 61 61  61 61 61 61 61 61 22 7d  |aaaaaaaaaaaaaa"}|\n'
    )

    (_, record) = read(text)

    assert record.data == b'\x00\x3e{"a":"' + b"a" * 54 + b'"}'


def test_squeezed_lines_at_the_end_are_filled_in():
    row = b"00000000  00 0e 7b 7d 20 20 20 20  20 20 20 20 20 20 20 20  |..{}            |\n"

    records = read(row + b"*\n00000030\n", ReadOptions(form=Form.HEX))

    assert octets(records) == bytes.fromhex("000e7b7d" + "20" * 12) * 3


def test_a_hole_of_less_than_nothing_is_no_line():
    with pytest.raises(CaptureDamaged, match="no record"):
        read(b'{"kind":"gap","size":-50}\n', ReadOptions(form=Form.JSONL))


def test_an_offset_that_is_cut_is_no_octets():
    row = b"00000000  00 02 7b 7d\n0000"

    with pytest.raises(CaptureDamaged, match="no offset"):
        read(row)


def test_socat_tells_times_and_directions():
    text = (
        b"> 2026/11/22 21:13:30.000992400  length=31 from=0 to=30\n"
        b' 00 1d 7b 22 74 79 70 65 22 3a 22 68 65 6c 6c 6f  ..{"type":"hello\n'
        b' 22 2c 22 6e 69 63 6b 22 3a 22 62 6f 62 22 7d     ","nick":"bob"}\n--\n'
        b"< 2026/11/22 21:13:31.5  length=4 from=0 to=3\n 00 02 7b 7d\n--\n"
    )

    opened, hello, empty = read(text)

    assert (opened.kind, hello.data, hello.direction) == (
        Kind.OPEN,
        encode_frame(Hello(nick="bob")),
        UP,
    )
    assert (empty.data, empty.direction) == (b"\x00\x02{}", DOWN)
    assert empty.at - hello.at == 1_499_007_600


@pytest.mark.parametrize(
    ("length", "says"),
    [
        ("5", "cut short: 4 octets of 5"),
        ("16777217", "a chunk cannot be 16777217 octets long"),
        ("9" * 5000, "none of socat"),
    ],
    ids=["cut short", "too long", "no number"],
)
def test_what_socat_cannot_have_told_is_damage(length, says):
    begin = b"> 2026/11/22 21:13:30.0  length=%b from=0 to=0\n 00 02 7b 7d\n"

    with pytest.raises(CaptureDamaged, match=says):
        read(begin % b"4" + begin % length.encode() + begin % b"4")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\x16\x03\x01\x02\x00", "a TLS stream"),
        (b"GET / HTTP/1.1\r\n", "an HTTP request"),
        (b"SQLite format 3\0", "history of `chatctl serve`"),
        (b"\0" * 5000, "begins with zeros"),
        (b"dear diary\n", "text, beginning 'dear diary'"),
        (b"decade of chat\n", "text, beginning 'decade"),
        (b"2026-11-27T12:23:55Z info\n" * 9, "text, beginning '2026-11-27"),
        (b"\xfe\xed\xfa\xce" * 4, "octets nothing known"),
    ],
)
def test_what_is_no_capture_is_told(data, words):
    with pytest.raises(NotACapture, match=words):
        read(data)


def test_a_later_profile_is_refused_in_a_sentence():
    later = TALK.replace(b'{"chatctl":1,', b'{"chatctl":7,')
    with pytest.raises(NotACapture, match="profile 7 by a later version"):
        read(later)


# ------------------------------------------------------------ oracles


def test_dpkt_reads_the_same_octets(tmp_path):
    def payloads(data):
        for _, packet in dpkt.pcapng.Reader(io.BytesIO(data)):
            yield dpkt.ip.IP(packet).data.data

    ours = b"".join(record.data for record in read(TALK))
    assert ours == b"".join(payloads(TALK))


def test_scapy_reads_the_same_octets(tmp_path):
    from scapy.layers.inet import TCP
    from scapy.utils import rdpcap

    path = tmp_path / "x.pcap"
    path.write_bytes(TCPDUMP)

    theirs = b"".join(bytes(packet[TCP].payload) for packet in rdpcap(str(path)))

    assert octets(read(TCPDUMP)) + octets(read(TCPDUMP), DOWN)
    assert sorted(theirs) == sorted(b"".join(record.data for record in read(TCPDUMP)))


@needs("editcap", "mergecap")
def test_what_the_wireshark_family_makes_of_ours_reads_the_same(tmp_path):
    source, out = tmp_path / "x.pcapng", tmp_path / "out"
    source.write_bytes(TALK)
    for command in (
        ["editcap", "-F", "pcap", source, out],
        ["editcap", "-F", "nsecpcap", source, out],
        ["editcap", "-F", "pcapng", source, out],
        ["mergecap", "-w", out, source],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        again = read(out.read_bytes())
        assert octets(again) == octets(read(TALK))
        assert octets(again, DOWN) == octets(read(TALK), DOWN)


# ------------------------------------------------------------ anything at all


def exhaust(data: bytes) -> None:
    """Read *data* in every form to the end; only documented errors may come."""
    for form in (None, *Form):
        try:
            for _ in Dissector().dissect(read_records(io.BytesIO(data), ReadOptions(form=form))):
                pass
        except CaptureError:
            pass


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_any_octets_give_records_or_a_documented_error(data):
    exhaust(data)


def dumped(data: bytes) -> bytes:
    """Return *data* as hexdump -C shows it."""
    rows = [(place, data[place : place + 16]) for place in range(0, len(data), 16)]
    text = "".join(f"{place:08x}  {row.hex(' '):<48} |{'.' * len(row)}|\n" for place, row in rows)
    return f"{text}{len(data):08x}\n".encode()


def told_by_socat(data: bytes) -> bytes:
    """Return each frame of *data* as socat -x shows it, up and down in turn."""
    text = ""
    for number, payload in enumerate(Deframer().feed(data)):
        octets = frame(payload)
        text += f"{'><'[number % 2]} 2026/11/22 21:13:30.{number:06}  length={len(octets)}"
        text += f" from=0 to={len(octets) - 1}\n"
        rows = [octets[place : place + 16].hex(" ") for place in range(0, len(octets), 16)]
        text += "".join(f" {row}\n" for row in rows) + "--\n"
    return text.encode()


LINES = b"".join(json_lines([list(Dissector().dissect(read(TALK)))]))
SAMPLES = {
    "pcapng": TALK,
    "pcap": TCPDUMP,
    "bare": BARE,
    "jsonl": LINES,
    "hex": dumped(BARE),
    "socat": told_by_socat(BARE),
    "gzip": gzip.compress(TALK),
    "gzip of bare": gzip.compress(BARE),
    "gzip of lines": packed(LINES, "two gzip members"),
    "zstd": zstandard.compress(TALK),
    "zstd of hex": zstandard.compress(dumped(BARE)),
}


@pytest.mark.parametrize("sample", SAMPLES)
@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=3)), max_size=10),
    st.floats(0, 1),
)
@settings(max_examples=40)
def test_damage_gives_records_or_a_documented_error(sample, changes, end):
    whole = SAMPLES[sample]
    damaged = bytearray(whole[: round(end * len(whole))])
    for share, octets in changes:  # as long as what they replace, or not
        place = int(share * len(damaged))
        damaged[place : place + 2] = octets
    for options in (ReadOptions(), ReadOptions(salvage=True)):
        try:
            for _ in Dissector().dissect(read_records(io.BytesIO(bytes(damaged)), options)):
                pass
        except CaptureError:
            pass


@pytest.mark.parametrize("seed", range(20))
def test_any_chunking_of_the_source_reads_the_same(seed):
    rng = random.Random(seed)

    class Slow(io.BytesIO):
        def read(self, size=-1):
            return super().read(rng.choice([1, 2, 3, 11, 64, 700]))

    assert list(read_records(Slow(TALK))) == read(TALK)


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_cut_shows_all_that_was_whole_before_it(sample):
    data = SAMPLES[sample]
    whole = read(data)
    for end in range(300, len(data), max(101, len(data) // 40)):
        got = []
        try:
            got.extend(read_records(io.BytesIO(data[:end])))
        except NotACapture:
            assert sample == "pcap"
        except CaptureDamaged as damage:
            packed_octets = sample.startswith(("gzip", "zstd"))  # unpacked, there are more
            assert damage.offset <= end or packed_octets  # noqa: PT017 - not every cut is damage
        assert got == whole[: len(got)]


@pytest.mark.parametrize("sample", ["gzip", "zstd"])
def test_damage_of_what_is_packed_is_told_with_the_name(tmp_path, sample):
    for end in (20, len(SAMPLES[sample]) // 2):
        path = tmp_path / "talk"
        path.write_bytes(SAMPLES[sample][:end])

        with pytest.raises(CaptureDamaged, match=f"{path} is damaged at octet .* cut short"):
            list(read_records(path))


def many(path: Path, count: int) -> Path:
    config = RecordConfig(str(path), redaction=Redaction(()))
    recorder = Recorder(Sink(path), config, side="server")
    recorder.opened(1, "127.0.0.1:50000", "127.0.0.1:3490")
    rng = random.Random(4)
    for number in range(count):
        text = "x" * rng.randint(1, 80)
        recorder.crossed(1, DOWN, encode_frame(Chat(nick="bob", message=text, seq=number + 1)))
        if number % 100 == 0:
            recorder.flush()
    recorder.close()
    return path


def test_memory_does_not_grow_with_the_capture(tmp_path):
    def peak(path):
        tracemalloc.start()
        for _ in Dissector().batches(read_batches(path)):
            pass
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    small, large = many(tmp_path / "small", 15_000), many(tmp_path / "large", 60_000)

    assert peak(large) < 1.2 * peak(small)


def test_holes_that_json_lines_tell_of_count():
    findings = Findings()
    lines = b'{"kind":"gap","size":50}\n{"kind":"gap","size":7}\n'

    list(read_records(io.BytesIO(lines), ReadOptions(form=Form.JSONL), findings))

    assert findings.lossy
    assert (findings.gaps, findings.missing) == (2, 57)


def recording(path, said, clock):
    recorder = Recorder(Sink(path), RecordConfig(str(path)), side="server", clock=lambda: clock)
    recorder.opened(1, "127.0.0.1:50000", "127.0.0.1:3490")
    recorder.crossed(1, Direction.TO_SERVER, said)
    recorder.close()
    return path.read_bytes()


def test_a_recording_behind_another_has_connections_of_its_own(tmp_path):
    first = recording(tmp_path / "a", b"\0\2{}", 10**18)
    second = recording(tmp_path / "b", b"\0\4{  }", 10**18 + 5)

    told = [(it.conn, it.kind, it.data or it.note) for it in read(first + second)]

    assert told == [
        (1, Kind.OPEN, ""),
        (1, Kind.DATA, b"\0\2{}"),
        (1, Kind.CLOSE, "the end was not captured"),
        (1, Kind.CLOSE, "the end was not captured"),
        (2, Kind.OPEN, ""),
        (2, Kind.DATA, b"\0\4{  }"),
    ]
