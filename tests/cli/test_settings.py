"""config.toml: what is found, in which order, and what is refused."""

import pytest

from chatctl.cli import settings
from chatctl.errors import UsageError

FILE = """
nick = "alice"
log-level = "debug"
profile = "home"
[send]
nick = "bot"
[keys]
quit = "ctrl+q"
find = "ctrl+f"
[profiles.home]
server = "home.example"
[profiles.work]
server = "tls://work.example"
nick = "a.smith"
[profiles.work.send]
timeout = 9
[profiles.work.keys]
quit = "f10"
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    file = tmp_path / "config.toml"
    monkeypatch.setenv("CHATCTL_CONFIG", str(file))
    return file.write_text


def test_no_file_is_no_settings(write):
    assert settings.read() == {}
    assert settings.origins("send", "") == {}


@pytest.mark.parametrize(
    ("command", "profile", "found"),
    [
        (
            "connect",
            "",
            {
                "server": ("home.example", "profile home"),
                "nick": ("alice", "config.toml"),
                "log_level": ("debug", "config.toml"),
            },
        ),
        (
            "send",
            "work",
            {
                "server": ("tls://work.example", "profile work"),
                "nick": ("a.smith", "profile work"),
                "timeout": (9, "profile work"),
                "log_level": ("debug", "config.toml"),
            },
        ),
    ],
)
def test_the_nearest_layer_wins(write, command, profile, found):
    write(FILE)

    assert settings.origins(command, profile) == found


def test_tables_of_a_profile_lie_over_those_of_the_file(write):
    write(FILE)

    assert settings.table("keys", "work") == {"quit": "f10", "find": "ctrl+f"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nick = ", "not TOML"),
        ("nikc = 'x'", "'nikc' means nothing here; did you mean 'nick'?"),
        ("send = 3", "'send' must be a table"),
        ("[profiles.work]\nservr = 'x'", r"\[profiles.work\]: 'servr' means nothing here"),
        ("profiles.work = 3", "must be a table"),
        ("profile = 'wrok'\n[profiles.work]", "no profile 'wrok' in .*; did you mean 'work'?"),
        ("[send]\ntimeot = 1", "send has no option 'timeot'; did you mean 'timeout'?"),
    ],
)
def test_what_means_nothing_is_refused(write, text, complaint):
    write(text)

    with pytest.raises(UsageError, match=complaint):
        settings.check_options("send", "", {"timeout", "nick"})
