"""Files that people name in what they type."""

from pathlib import Path

import pytest

from chatctl.errors import UsageError
from chatctl.tui.files import beginning_so, named


def test_files_are_found_by_their_beginning(tmp_path):
    for name in ("data.txt", "dots", ".hidden", "other"):
        (tmp_path / name).write_text("")
    (tmp_path / "docs").mkdir()
    shown = [f"{tmp_path}/{name}" for name in ("data.txt", "docs/", "dots")]
    assert beginning_so(f"{tmp_path}/d") == shown
    assert beginning_so(f"{tmp_path}/.h") == [f"{tmp_path}/.hidden"]
    assert beginning_so(f"{tmp_path}/nowhere/x") == []
    assert beginning_so("~nosuch") == []


def test_a_tilde_is_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert named("~/chat.pcapng") == tmp_path / "chat.pcapng"
    assert named("a~b") == Path("a~b")


@pytest.mark.parametrize("text", ["~nosuch", "~nosuch/x", "a\0b"])
def test_what_names_no_file_is_refused(text):
    with pytest.raises(UsageError):
        named(text)
