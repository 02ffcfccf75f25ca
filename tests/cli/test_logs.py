"""One line per event, whatever peers put into its fields."""

import logging

import pytest

from chatctl.cli.logs import JsonLines, LogFormat, LogLevel, TextLines, set_up
from chatctl.wire.codec import read_json


def record(event, /, **fields):
    made = logging.LogRecord("chatctl.node", logging.WARNING, "", 0, event, None, None)
    made.created = 1795343464.117
    made.fields = fields
    return made


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, ""),
        ({"conn": 3, "peer": "127.0.0.1:50312"}, " conn=3 peer=127.0.0.1:50312"),
        ({"lag": 0.123456789}, " lag=0.123457"),
        ({"nick": "a b"}, ' nick="a b"'),
        ({"text": 'say "hi"'}, r' text="say \"hi\""'),
        ({"text": ""}, ' text=""'),
        ({"text": "two\nlines"}, r" text=two\nlines"),
        ({"text": "\x1b[31m"}, r" text=\x1b[31m"),
        ({"text": "a=b"}, ' text="a=b"'),
    ],
)
def test_text(fields, shown):
    line = TextLines().format(record("peer.refused", **fields))

    assert line == "2026-11-22T10:31:04.117Z warning peer.refused" + shown


def test_json_keeps_kinds_and_its_own_members():
    line = JsonLines().format(record("peer.refused", conn=3, nick="\x1b[2J", event="forged"))

    assert "\n" not in line
    assert list(read_json(line.encode()))[:4] == ["time", "level", "event", "logger"]
    assert read_json(line.encode()) == {
        "time": "2026-11-22T10:31:04.117Z",
        "level": "warning",
        "event": "peer.refused",
        "logger": "chatctl.node",
        "conn": 3,
        "nick": r"\x1b[2J",
    }


def test_a_traceback_stays_on_the_line():
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        made = record("internal.error")
        made.exc_info = (ZeroDivisionError, error, error.__traceback__)

    line = TextLines().format(made)

    assert "division by zero" in line
    assert "\n" not in line
    assert "\x1b" not in line


def test_events_below_the_level_are_dropped_and_a_file_is_appended_to(tmp_path):
    file = tmp_path / "events"
    file.write_text("before\n")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        root.handlers = []
        set_up(LogLevel.WARNING, LogFormat.TEXT, file)
        logging.getLogger("chatctl.x").info("quiet")
        logging.getLogger("chatctl.x").warning("loud", extra={"fields": {"n": 1}})
        root.handlers[0].close()
    finally:
        root.handlers, root.level = handlers, level
        logging.raiseExceptions = True

    before, loud = file.read_text().splitlines()
    assert (before, loud.endswith("warning loud n=1")) == ("before", True)
