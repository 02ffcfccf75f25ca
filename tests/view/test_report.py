"""The report stands alone and works in a real browser; the dissector works in a real tshark."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from chatctl.capture.config import RecordConfig
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.reading.reader import read_records
from chatctl.capture.record import Kind, Record
from chatctl.capture.writing.recorder import open_recorder
from chatctl.view.report import html, plugin
from chatctl.wire.codec import encode_frame
from chatctl.wire.framing import frame
from chatctl.wire.packets import Chat, Direction, Hello, NickChange, Say
from tests.capture.tools import needs
from tests.peers.programs import CHATCTL

UP, DOWN = Direction
CAPTURES = Path(__file__).parents[2] / "examples" / "captures"
START = 1_790_000_000_000_000_000
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")


def report(records) -> str:
    return "\n".join(html(Dissector().dissect(records), "a talk", utc=True))


def shown_by_browser(path: Path, fragment: str = "", width: int = 1200) -> str:
    """Return the document once a browser has run it."""
    command = [
        str(BROWSER),
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        f"--user-data-dir={path.parent / 'browser'}",
        f"--window-size={width},800",
        "--dump-dom",
        f"{path.as_uri()}{fragment}",
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=100).stdout


@pytest.mark.parametrize("long", ["nick", "message"])
def test_it_holds_what_is_first_in_few_octets(monkeypatch, long):
    monkeypatch.setattr("chatctl.view.report.MAX_OCTETS", 150_000)
    said = [
        encode_frame(Hello(nick="a" * 60_000) if long == "nick" else Say("a" * 60_000)),
        *[encode_frame(Say("b"))] * 20,
    ]
    records = [Record(1, 1, Kind.DATA, Direction.TO_SERVER, data, "a:1", "b:2") for data in said]
    told = []
    page = html(Dissector().dissect(records * 3), "t", full=lambda *both: told.append(both))

    assert len("".join(page)) < 2_000_000
    assert sum(told[0]) == 63
    assert told[0][0] < (5 if long == "nick" else 63)


def test_nothing_comes_from_elsewhere():
    page = report(read_records(CAPTURES / "three-people.pcapng"))

    assert "default-src 'none'" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert "src=" not in page
    assert page.count("<svg ") >= 2


def test_words_cannot_steer_a_terminal():
    text = "\x1b[2J\x9b2J\u202e\u200b\ufeff"
    said = encode_frame(Chat("a", text))
    page = report([Record(1, 1, Kind.DATA, Direction.TO_CLIENT, said)])

    assert not set(text) & set(page) - set("[2J")


def test_words_cannot_become_markup():
    words = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    frames = [encode_frame(Hello(nick="eve")), encode_frame(Chat(nick="eve", message=words))]
    records = [
        Record(10**18, 1, Kind.DATA, way, data)
        for way, data in zip((Direction.TO_SERVER, Direction.TO_CLIENT), frames, strict=True)
    ]

    page = report(records)

    assert page.count("</script>") == 2
    assert "<img" not in page


@pytest.mark.skipif(BROWSER is None, reason="not installed here: chromium")
def test_a_browser_shows_rows_ladder_and_search(tmp_path):
    path = tmp_path / "talk.html"
    path.write_text(report(read_records(CAPTURES / "malformed.pcapng")), encoding="utf-8")

    whole = shown_by_browser(path)
    some = shown_by_browser(path, "#search=nobody%20malformed")
    eve = shown_by_browser(path, "#search=eve%20malformed")

    assert 'data-ready="20"' in whole
    assert whole.count('<tr id="n') == 20
    assert "a talk, 20 items" in whole
    assert "I am root" in whole
    assert "\x1b" not in whole
    assert 'data-ready="0"' in some
    assert 'data-ready="3"' in eve
    assert eve.count('class="fault"') == 1


BIG = b'{"type":"weather","big":123456789012345678901,"half":1.50}'
LONG = [
    Record(START, 1, Kind.DATA, Direction.TO_SERVER, encode_frame(Hello(nick="n" * 60))),
    Record(START + 1, 1, Kind.DATA, Direction.TO_CLIENT, frame(BIG.replace(b"w", b"w" * 60))),
]
MEASURE = """<script>
const cells = document.querySelectorAll("td.text");
document.body.dataset.narrowest = Math.min(...[...cells].map(cell => cell.offsetWidth));
document.body.dataset.beyond = document.documentElement.scrollWidth - window.innerWidth;
</script></body>"""


@pytest.mark.skipif(BROWSER is None, reason="not installed here: chromium")
@pytest.mark.parametrize("width", [400, 1200])
def test_no_name_takes_the_room_of_the_words(tmp_path, width):
    path = tmp_path / "talk.html"
    path.write_text(report(LONG).replace("</body>", MEASURE), encoding="utf-8")

    shown = shown_by_browser(path, width=width)

    assert int(shown.partition('data-narrowest="')[2].partition('"')[0]) > 300
    assert int(shown.partition('data-beyond="')[2].partition('"')[0]) <= 0
    assert re.findall("<th class=[^>]*>([^<]*)<", shown)[:3] == ["no", "time, UTC", "seconds"]
    assert ">14:13:20.000000<" in shown


def test_numbers_of_a_payload_are_spelled_as_they_were():
    page = report(LONG[1:])

    assert r"\"big\": 123456789012345678901,\n  \"half\": 1.50" in page


@needs("tshark")
@pytest.mark.parametrize("name", ["three-people.pcapng", "three-people-tcpdump.pcap"])
def test_the_dissector_shows_rows_as_people_read_them(tmp_path, name):
    script = tmp_path / "chatctl.lua"
    script.write_text(plugin() + "\n")

    def tshark(*args: str) -> list[str]:
        command = ["tshark", "-X", f"lua_script:{script}", "-r", str(CAPTURES / name), *args]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
        return done.stdout.splitlines()

    rows = tshark("-Y", "chatctl", "-T", "fields", "-e", "_ws.col.Info")
    assert rows[0].startswith("alice → server hello alice")
    assert any(row.startswith("server → bob chat alice: hello bob") for row in rows)
    assert any(row.startswith("carol → server chat: of course") for row in rows)
    said = tshark("-Y", 'chatctl.nick=="bob" && chatctl.type=="chat"')
    assert said
    types = tshark("-Y", "chatctl", "-T", "fields", "-e", "chatctl.type")
    assert types.count("hello") == 3


@needs("tshark")
def test_the_dissector_marks_what_is_no_packet(tmp_path):
    script = tmp_path / "chatctl.lua"
    script.write_text(plugin() + "\n")
    command = ["tshark", "-X", f"lua_script:{script}", "-r", str(CAPTURES / "malformed.pcapng")]

    done = subprocess.run(
        [*command, "-Y", "chatctl.malformed"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert len(done.stdout.splitlines()) == 1


@needs("tshark")
@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one pass", "two passes"])
def test_the_dissector_knows_who_is_who_without_the_usual_port(tmp_path, passes):
    script, path = tmp_path / "chatctl.lua", tmp_path / "talk.pcapng"
    script.write_text(plugin() + "\n")
    server = "127.0.0.1:40101"
    tape = open_recorder(RecordConfig(str(path)), side="server", listen=server)
    for conn in (1, 2):
        tape.opened(conn, f"127.0.0.1:3300{conn}", server)
    tape.crossed(1, UP, encode_frame(Hello(nick="alice")))
    tape.crossed(1, DOWN, encode_frame(NickChange(nick="alice", to="alicia")))
    tape.crossed(1, UP, encode_frame(Say("later")))
    tape.crossed(2, DOWN, frame(b'{"type":"history","entries":[{"message":"no"}],"id":"a"}'))
    tape.crossed(2, UP, frame(b"{{}"))
    tape.joined(3, "127.0.0.1:33003", server, "carol")
    tape.crossed(3, DOWN, encode_frame(Chat("alicia", "later")))
    tape.close()

    fields = ("-e", "_ws.col.Protocol", "-e", "_ws.col.Info", "-e", "chatctl.message")
    command = ["tshark", *passes, "-X", f"lua_script:{script}", "-r", str(path)]
    done = subprocess.run(
        [*command, "-Y", "chatctl", "-T", "fields", *fields],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.splitlines() == [
        "CHATCTL\talice → server hello alice\t",
        "CHATCTL\tserver → alicia nick alice\t",
        "CHATCTL\talicia → server chat: later\tlater",
        "CHATCTL\tserver → client history\t",
        "CHATCTL\tclient → server malformed\t",
        "CHATCTL\tserver → carol chat alicia: later\tlater",
    ]


def test_the_command_prints_the_dissector():
    command = [*CHATCTL, "decode", "--wireshark-plugin"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)

    assert done.stdout == plugin() + "\n"
