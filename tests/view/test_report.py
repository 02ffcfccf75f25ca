"""The report stands alone and works in a real browser; the dissector works in a real tshark."""

import shutil
import subprocess
from pathlib import Path

import pytest

from chatctl.capture.items.dissect import Dissector
from chatctl.capture.reading.reader import read_records
from chatctl.capture.record import Kind, Record
from chatctl.view.report import html, plugin
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction, Hello
from tests.capture.tools import needs
from tests.peers.programs import CHATCTL

CAPTURES = Path(__file__).parents[2] / "examples" / "captures"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")


def report(records) -> str:
    return "\n".join(html(Dissector().dissect(records), "a talk"))


def shown_by_browser(path: Path, fragment: str = "") -> str:
    """Return the document once a browser has run it."""
    command = [
        str(BROWSER),
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        f"--user-data-dir={path.parent / 'browser'}",
        "--dump-dom",
        f"{path.as_uri()}{fragment}",
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=100).stdout


def test_nothing_comes_from_elsewhere():
    page = report(read_records(CAPTURES / "three-people.pcapng"))

    assert "default-src 'none'" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert "src=" not in page
    assert page.count("<svg ") >= 2


def test_words_cannot_steer_a_terminal():
    text = "\x1b[2J\x9b2J\u202e\u200b\ufeff"
    frame = encode_frame(Chat("a", text))
    page = report([Record(1, 1, Kind.DATA, Direction.TO_CLIENT, frame)])

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


def test_the_command_prints_the_dissector():
    command = [*CHATCTL, "decode", "--wireshark-plugin"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)

    assert done.stdout == plugin() + "\n"
