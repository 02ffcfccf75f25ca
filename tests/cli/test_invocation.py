"""Global options, before the command and after it."""

from pathlib import Path

from chatctl.cli.invocation import Invocation
from chatctl.cli.logs import LogFormat, LogLevel
from chatctl.wire.codec import read_json
from tests.peers.programs import run


def test_the_command_line_wins_wherever_it_stands():
    run_ = Invocation()
    run_.set("log_level", "debug", "COMMANDLINE")
    run_.set("log_level", "error", "ENVIRONMENT")
    assert run_.log_level is LogLevel.DEBUG
    run_.set("log_level", "info", "COMMANDLINE")
    run_.set("log_level", None, "DEFAULT")
    run_.set("log_format", "json", "DEFAULT_MAP")
    run_.set("log_file", "x", "ENVIRONMENT")
    assert (run_.log_level, run_.log_format) == (LogLevel.INFO, LogFormat.JSON)
    assert run_.log_file == Path("x")


def test_debug_before_and_after_the_command():
    for arguments in (["--debug", "send", "x", "--once"], ["send", "x", "--once", "--debug"]):
        done = run(*arguments, "--server", "127.0.0.1:1")
        assert "Traceback" in done.stderr
        assert done.stderr.splitlines()[-2].startswith("error: cannot connect")


def test_events_go_where_they_are_told(tmp_path):
    file = tmp_path / "events"
    arguments = [
        "--log-format",
        "json",
        "--log-file",
        str(file),
        "serve",
        "--listen",
        "10.255.255.1:1",
    ]
    done = run(*arguments, "--log-level", "debug", "--no-history")
    assert done.returncode == 3
    assert "error: cannot listen on 10.255.255.1:1" in done.stderr
    assert all(read_json(line) for line in file.read_bytes().splitlines())
