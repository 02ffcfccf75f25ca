"""``chatctl replay`` from the outside: statuses and streams, against the real server."""

import signal
import socket
import subprocess

import pytest

from chatctl.wire import codec
from chatctl.wire.framing import frame
from tests.peers import programs
from tests.peers.programs import CHATCTL, environment

HELLO = frame(b'{"type":"hello","nick":"alice"}')
JOIN = frame(b'{"type":"join","nick":"alice"}')
SAY = frame(b'{"type":"chat","message":"hi"}')
CHAT = frame(b'{"type":"chat","nick":"alice","message":"hi"}')
TALK = HELLO + JOIN + SAY + CHAT


def chatctl(*args, given=None):
    env = environment(NO_COLOR="1", COLUMNS="100")
    return subprocess.run(
        [*CHATCTL, *args], input=given, capture_output=True, timeout=60, env=env, check=False
    )


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "capture.bin"
    path.write_bytes(TALK)
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of the real server in a process of its own."""
    with programs.server() as (address, _):
        yield address


def test_to_the_screen(capture):
    done = chatctl("replay", str(capture))

    assert done.stdout.decode() == "*** alice has joined the chat\nalice: hi\n"
    assert (done.returncode, done.stderr) == (0, b"")


def test_against_a_server_that_still_does_the_same(capture, server):
    done = chatctl("replay", str(capture), "--to", server, "--expect", "recorded")

    assert done.returncode == 0, done.stdout
    assert b"everything came back as recorded\n2 packets sent, 2 received" in done.stdout


def test_a_difference_is_named_and_the_status_says_no(tmp_path, server):
    path = tmp_path / "other.bin"
    path.write_bytes(HELLO + JOIN + SAY + frame(b'{"type":"chat","nick":"alice","text":"hi"}'))

    done = chatctl("replay", str(path), "--to", server, "--expect", "recorded", "--timeout", "1")

    assert done.returncode == 1
    assert 'text: recorded "hi"' in done.stdout.decode()
    assert "now      (absent)" in done.stdout.decode()


def test_without_expectation_a_difference_is_none_of_our_business(tmp_path, server):
    path = tmp_path / "other.bin"
    path.write_bytes(HELLO + JOIN + SAY + frame(b'{"type":"chat","nick":"alice","text":"hi"}'))

    assert chatctl("replay", str(path), "--to", server, "--timeout", "1").returncode == 0


def test_reports_for_machines(capture, server, tmp_path):
    xml = tmp_path / "out.xml"
    done = chatctl(
        "replay", str(capture), "--to", server, "--json", "--junit", str(xml), "--loop", "2",
        "--assert", "received==2 and missing==0",
    )  # fmt: skip

    reports = [codec.read_json(line) for line in done.stdout.splitlines()]
    assert [report["status"] for report in reports] == [0, 0]
    assert [report["sent"] for report in reports] == [2, 2]
    assert reports[0]["assertions"][0]["holds"]
    assert b'failures="0"' in xml.read_bytes()


def test_a_failed_assertion_is_a_no(capture, server):
    done = chatctl("replay", str(capture), "--to", server, "--assert", "sent>2")

    assert done.returncode == 1
    assert b"FAILS  sent>2  (2)" in done.stdout


def test_the_replay_is_recorded(capture, server, tmp_path):
    path = tmp_path / "again.pcapng"

    assert chatctl("replay", str(capture), "--to", server, "-r", str(path)).returncode == 0
    again = chatctl("replay", str(path), "--to", server, "--expect", "recorded")

    assert again.returncode == 0, again.stdout


def test_a_damaged_capture_plays_its_sound_part(tmp_path, server):
    path = tmp_path / "cut.bin"
    path.write_bytes(TALK + SAY[:-4])

    done = chatctl("replay", str(path), "--to", server, "--expect", "recorded")

    assert done.returncode == 5
    assert b"warning: the capture is damaged" in done.stderr
    assert b"2 packets sent" in done.stdout
    assert chatctl("replay", str(path)).returncode == 5


def test_dry_run_sends_nothing(capture):
    done = chatctl("replay", str(capture), "--to", "127.0.0.1:1", "--dry-run")

    assert done.returncode == 0
    assert b"1 connection, 2 packets to send, 2 to come" in done.stdout


USAGE = {
    "no packets": (["{empty}", "--to", ":1"], "nothing to send"),
    "a stranger": (["{capture}", "--to", "192.0.2.1:9"], "192.0.2.1:9 is not this machine"),
    "speed": (["{capture}", "--speed", "0"], "--speed is a number above 0, or max"),
    "conns": (["{capture}", "--conns", "a"], "--conns is a list like 1,3-5"),
    "clients": (["{capture}", "--clients", "x0"], "--clients is x and a number"),
    "gap": (["{capture}", "--max-gap", "soon"], "not a duration"),
    "fault": (["{capture}", "--to", ":1", "--fault", "dorp"], "did you mean 'drop'?"),
    "mask": (["{capture}", "--to", ":1", "--unmask", "nick"], "'nick' is not masked"),
    "claim": (["{capture}", "--to", ":1", "--assert", "x"], "not an assertion"),
    "its own input": (
        ["{capture}", "--to", ":1", "--record", "{capture}"],
        "cannot be read and written at once",
    ),
    "no role": (["{capture}", "--expect", "recorded"], "--expect needs a server to play against"),
    "no target": (["{capture}", "--listen", ":1", "--minimize", "x"], "--minimize needs a server"),
    "TLS between": (["{capture}", "--listen", ":1", "--to", "tls://:2"], "only TCP is compared"),
}


@pytest.mark.parametrize(("args", "words"), USAGE.values(), ids=USAGE)
def test_usage(capture, tmp_path, args, words):
    empty = tmp_path / "empty.bin"
    empty.write_bytes(JOIN)
    names = {"capture": capture, "empty": empty}

    done = chatctl("replay", *[arg.format(**names) for arg in args])

    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert done.stdout == b""


def test_what_is_no_capture(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))

    done = chatctl("replay", str(path))

    assert done.returncode == 6
    assert b"is not a capture" in done.stderr


def test_what_is_not_there(tmp_path):
    done = chatctl("replay", str(tmp_path / "missing"))

    assert done.returncode == 6
    assert b"No such file" in done.stderr


def test_nobody_there(capture):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    done = chatctl("replay", str(capture), "--to", f"127.0.0.1:{port}")

    assert done.returncode == 3
    assert b"Connection refused" in done.stdout


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_still_reports(capture, number, status):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        target = f"127.0.0.1:{mute.getsockname()[1]}"
        args = [*CHATCTL, "replay", str(capture), "--to", target, "--timeout", "60"]
        with subprocess.Popen(args, stdout=subprocess.PIPE) as process:
            accepted, _ = mute.accept()
            with accepted:
                assert accepted.recv(100) == HELLO
                process.send_signal(number)
                out, _ = process.communicate(timeout=30)

    assert process.returncode == status
    assert b"interrupted" in out
    assert b"1 packet sent" in out


def test_a_target_that_never_answers(capture):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        target = f"127.0.0.1:{mute.getsockname()[1]}"
        done = chatctl("replay", str(capture), "--to", target, "--timeout", "0.2")

    assert done.returncode == 7
    assert b"stopped answering" in done.stdout


def test_help_shows_examples():
    done = chatctl("replay", "--help")

    assert b"Examples:" in done.stdout


def test_companies_of_clones(capture, server):
    done = chatctl(
        "replay", str(capture), "--to", server, "--clients", "x4", "--expect", "recorded"
    )

    assert done.returncode == 0, done.stdout
    assert b"8 packets sent" in done.stdout
    assert b"alice-3" in done.stdout


def test_step_by_step(capture, server):
    done = chatctl("replay", str(capture), "--to", server, "--step", given=b"\n" * 10)

    assert done.returncode == 0
    assert b"alice connects  [Enter]" in done.stderr
    assert b'"message":"hi"}  [Enter]' in done.stderr


def listening(*args):
    """Start a replay that listens; return it and where."""
    command = [*CHATCTL, "replay", *args, "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return process, process.stderr.readline().decode().split()[-1]


def test_as_the_server(capture):
    process, address = listening(str(capture), "--expect", "recorded")
    with process:
        done = chatctl("replay", str(capture), "--to", address, "--expect", "recorded")
        out, _ = process.communicate(timeout=30)

    assert done.returncode == 0, done.stdout
    assert process.returncode == 0, out
    assert b"everything came back as recorded" in out


def test_in_between_differences_are_named_as_they_happen(capture, server):
    process, address = listening(str(capture), "--to", server, "--expect", "recorded")
    with process:
        done = chatctl("replay", str(capture), "--to", address, "--rewrite", "message=s/hi/ho/")
        _, err = process.communicate(timeout=30)

    assert done.returncode == 0, done.stdout
    assert process.returncode == 1
    assert 'alice → chat.message: recorded "hi", now "ho"' in err.decode()
    assert 'alice ← chat.message: recorded "hi", now "ho"' in err.decode()


def test_nobody_comes_and_somebody_interrupts(capture):
    process, _ = listening(str(capture))
    with process:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)

    assert process.returncode == 130
    assert b"interrupted" in out
