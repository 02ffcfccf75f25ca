"""The demo really runs everything, and says so when something is wrong."""

import sys

import pytest
from rich.console import Console

from chatctl.capture.reading.reader import read_records
from chatctl.cli import demonstration
from chatctl.errors import LinkError, TimedOut
from tests.peers.programs import run


def test_the_demo_serves_talks_records_explains_and_replays(tmp_path):
    file = tmp_path / "chat.pcapng"

    done = run("demo", "--keep", str(file))

    assert (done.returncode, done.stderr) == (0, "")
    for line in (
        "  alice: hello bob, is carol here yet?\n",
        "  * alice waves\n",
        "  builder: the build is green\n",
        "✔ same answers\n",
        f"  chatctl replay {file}  ",
    ):
        assert line in done.stdout
    assert {record.conn for record in read_records(file)} == {1, 2, 3, 4}


def test_a_step_that_fails_ends_it_with_one_line_and_no_children(tmp_path, monkeypatch):
    broken = [sys.executable, "-c", "print('nothing')"]
    monkeypatch.setattr(demonstration, "_COMMAND", broken)
    steps = demonstration.Demonstration(Console(file=sys.stdout))
    with pytest.raises(LinkError, match="the server did not start"), steps:
        steps.record(tmp_path / "x.pcapng", [])
    assert all(child.poll() is not None for child in steps._children)


def test_when_it_is_late_no_further_step_is_taken(tmp_path, monkeypatch):
    started = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(60)"]
    monkeypatch.setattr(demonstration, "_COMMAND", started)
    steps = demonstration.Demonstration(Console(file=sys.stdout))
    steps._give_up()
    with pytest.raises(TimedOut, match="not done in 50 s"), steps:
        steps.explain(tmp_path / "x.pcapng")
    assert len(steps._children) == 1
    assert steps._children[0].poll() is not None
