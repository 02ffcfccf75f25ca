"""docs/json.md is the reference of JSON mode: it has to name what there is, and nothing else."""

import io
import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from chatctl.session.client import events
from chatctl.tui.lines.jsonlines import JsonSheet
from chatctl.wire.codec import read_json, write_json

PAGE = Path(__file__).parents[3] / "docs" / "json.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| ([^|]+) \|", re.MULTILINE)
KINDS = {kind.__struct_config__.tag: kind for kind in get_args(events.Event)}
OURS = {"notice": ["text"], "problem": ["text"]}


def documented():
    return {
        name: re.findall(r"`([a-z_]+)`", cells) for name, cells in ROW.findall(PAGE.read_text())
    }


def test_every_event_is_documented_and_no_other():
    assert sorted(documented()) == sorted([*KINDS, *OURS])


@pytest.mark.parametrize("name", KINDS)
def test_every_member_is_documented_in_its_order(name):
    assert documented()[name] == [field.name for field in msgspec.structs.fields(KINDS[name])]


def test_members_are_written_even_where_they_are_empty():
    written = read_json(write_json(events.Said("alice", "hi")))
    assert list(written) == ["event", *documented()["said"]]
    assert written["event"] == "said"


def test_what_steers_a_terminal_is_written_as_json_escapes():
    stream = io.StringIO()
    JsonSheet(stream).write([write_json(events.Said("alice", "\x1b[2J\x7f\x9b2J\u202eé"))])
    line = stream.getvalue()
    assert r"\u001b[2J\u007f\u009b2J\u202eé" in line
    assert read_json(line.encode())["text"] == "\x1b[2J\x7f\x9b2J\u202eé"
