"""A private, bounded file of what was written."""

import os
import stat

import pytest

from chatctl.tui.remembered import MOST_TEXT, Remembered


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state" / "history" / "default.jsonl"


def kept(file, **more):
    return Remembered(file, **more).lines


def test_what_was_written_is_there_the_next_time(file):
    lines = Remembered(file)
    for line in ("first", "two\nlines", "日本語 👍", "\x1b[2J"):
        lines.add(line)
    assert kept(file) == ["first", "two\nlines", "日本語 👍", "\x1b[2J"]
    assert lines.lines == kept(file)


def test_it_is_the_owners_alone_whatever_the_umask(file):
    before = os.umask(0)
    try:
        Remembered(file).add("secret")
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    file.chmod(0o644)
    Remembered(file).add("more")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_does_not_grow_without_end(file):
    lines = Remembered(file, most=5)
    for number in range(100):
        lines.add(str(number))
        assert len(file.read_bytes().splitlines()) <= 10
    assert kept(file, most=5) == ["95", "96", "97", "98", "99"]
    assert list(file.parent.iterdir()) == [file]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_sessions_keep_what_both_wrote(file):
    one, other = Remembered(file), Remembered(file)
    one.add("from one")
    other.add("from the other")
    assert kept(file) == ["from one", "from the other"]


def test_damage_costs_the_damaged_lines_alone(file):
    Remembered(file).add("sound")
    with file.open("ab") as out:
        out.write(b'{"no": "text"}\n\xff\xfe\n"half a li')
    assert kept(file) == ["sound"]


def test_of_a_giant_file_the_end_is_read(file):
    Remembered(file).add("old")
    with file.open("ab") as out:
        out.write(b'"' + b"x" * (2 << 20) + b'"\n"new"\n')
    assert kept(file) == ["new"]


@pytest.mark.parametrize("line", [" private", "x" * (MOST_TEXT + 1), "\ud800"])
def test_some_things_are_not_kept(file, line):
    Remembered(file).add(line)
    assert kept(file) == []


def test_nothing_is_kept_without_a_file_or_while_it_is_switched_off(file):
    Remembered(None).add("x")
    lines = Remembered(file)
    lines.keeping = False
    lines.add("x")
    assert not file.exists()


def test_what_cannot_be_written_is_said_once_and_harms_nothing(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    lines = Remembered(blocked / "below" / "history")
    lines.add("x")
    lines.add("y")
    assert lines.trouble.endswith("Not a directory")
