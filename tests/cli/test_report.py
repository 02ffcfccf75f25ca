"""However an action ends, it ends as one line and a status."""

import os
import signal
import subprocess
import sys

import pytest
import typer

from chatctl.cli.invocation import Invocation
from chatctl.cli.report import guarded
from chatctl.cli.status import MEANING, ExitStatus
from chatctl.errors import (
    CaptureDamaged,
    HistoryError,
    LinkError,
    MalformedPayload,
    NotACapture,
    OutputError,
    ProtocolError,
    RequestRefused,
    TimedOut,
    UsageError,
)

ENDINGS = [
    (RequestRefused("somebody is alice"), 1, "somebody is alice"),
    (UsageError("no port"), 2, "no port"),
    (LinkError("refused"), 3, "refused"),
    (ProtocolError("chat before hello"), 4, "chat before hello"),
    (MalformedPayload("not UTF-8"), 4, "not UTF-8"),
    (CaptureDamaged("cut off at 12", 12), 5, "cut off at 12"),
    (NotACapture("looks like PNG"), 6, "looks like PNG"),
    (HistoryError("locked"), 6, "locked"),
    (OutputError("cannot write x"), 74, "cannot write x"),
    (TimedOut("no answer in 5 s"), 7, "no answer in 5 s"),
    (FileNotFoundError(2, "No such file or directory", "x.bin"), 6, "x.bin: No such file"),
    (ConnectionRefusedError(111, "Connection refused"), 3, "Connection refused"),
    (ZeroDivisionError("x"), 70, "a fault in chatctl: ZeroDivisionError: x"),
    (ExceptionGroup("tasks", [ExceptionGroup("", [LinkError("lost")])]), 3, "lost"),
    (LinkError("\x1b]0;pwned\x07 lost"), 3, r"\x1b]0;pwned\x07 lost"),
]


def ended(error, **invocation):
    def act():
        raise error

    return guarded(act, Invocation(**invocation))


@pytest.mark.parametrize(("error", "status", "line"), ENDINGS, ids=lambda value: str(value)[:20])
def test_an_error_is_a_line_and_a_status(error, status, line, capsys):
    assert ended(error) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {line}")


@pytest.mark.parametrize(
    ("ending", "status"),
    [(typer.Exit(5), 5), (KeyboardInterrupt(), 130), (typer.Abort(), 130)],
)
def test_these_end_quietly(ending, status, capsys):
    assert ended(ending) == status
    assert capsys.readouterr() == ("", "")


def test_a_note_is_a_tip(capsys):
    error = UsageError("no")
    error.add_note("try yes")

    ended(error)

    assert capsys.readouterr().err == "error: no\ntip: try yes\n"


def test_debug_shows_where_it_came_from(capsys):
    ended(LinkError("lost"), debug=True)

    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.endswith("error: lost\n")


def test_every_status_has_its_meaning():
    assert set(MEANING) == set(ExitStatus)


def child(code, **streams):
    setup = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which nohup ignores\n"
        "from chatctl.cli.report import guarded\n"
        "from chatctl.cli.invocation import Invocation\n"
        f"def act():\n{code}\n"
        "sys.exit(guarded(act, Invocation()))\n"
    )
    return subprocess.Popen([sys.executable, "-c", setup], text=True, **streams)


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
)
def test_a_signal_unwinds_what_was_begun(number, status):
    code = (
        "    try:\n"
        "        print('ready', flush=True); time.sleep(60)\n"
        "    finally: print('cleaned', flush=True)"
    )
    with child(code, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err) == (status, "cleaned\n", "")


@pytest.mark.parametrize("flush", ["True", "False"])
def test_a_closed_stdout_ends_quietly(flush):
    reader, writer = os.pipe()
    os.close(reader)
    code = f"    print('into nothing', flush={flush})"
    with child(code, stdout=writer, stderr=subprocess.PIPE) as process:
        os.close(writer)
        _, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (141, "")
