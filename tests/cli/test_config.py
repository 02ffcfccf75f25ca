"""``chatctl config``: each layer goes before the next, and is named."""

import pytest

from chatctl.wire.codec import read_json
from tests.peers.programs import run

FILE = """
nick = "file"
[send]
timeout = 3
[profiles.work]
nick = "profile"
[profiles.work.send]
nick = "profile-send"
"""


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text(FILE)

    def rows(*args, **env):
        done = run("config", "--json", *args, CHATCTL_CONFIG=str(file), **env)
        assert (done.returncode, done.stderr) == (0, "")
        lines = [read_json(line.encode()) for line in done.stdout.splitlines()]
        return {(row["command"], row["option"]): (row["value"], row["origin"]) for row in lines}

    return rows


@pytest.mark.parametrize(
    ("args", "env", "found"),
    [
        ([], {}, ("file", "config.toml")),
        (["--profile", "work"], {}, ("profile-send", "profile work")),
        (["--profile", "work"], {"CHATCTL_NICK": "env"}, ("env", "CHATCTL_NICK")),
        ([], {"CHATCTL_SEND_NICK": "own"}, ("own", "CHATCTL_SEND_NICK")),
        ([], {"CHATCTL_PROFILE": "work"}, ("profile-send", "profile work")),
    ],
)
def test_the_nearest_layer_is_shown(config, args, env, found):
    assert config("send", *args, **env)[("send", "nick")] == found


def test_every_command_and_defaults_are_shown(config):
    rows = config()
    assert rows[("serve", "port")] == (3490, "default")
    assert rows[("connect", "nick")] == ("file", "config.toml")
    assert rows[("send", "timeout")] == (3, "config.toml")


def test_the_full_screens_looks_and_keys_are_shown(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text(
        '[ui]\ntheme = "nord"\n[keys]\nfind = "f3"\n[profiles.work.ui]\ntheme = "gruvbox"\n'
    )
    for profile, theme, origin in (
        ("", "nord", "config.toml"),
        ("work", "gruvbox", "profile work"),
    ):
        done = run("config", "--json", "--profile", profile, CHATCTL_CONFIG=str(file))
        rows = [read_json(line.encode()) for line in done.stdout.splitlines()]
        found = {(row["command"], row["option"]): (row["value"], row["origin"]) for row in rows}
        assert found[("ui", "theme")] == (theme, origin)
        assert found[("ui", "mouse")] == (True, "default")
        assert found[("ui", "highlight")] == ([], "default")
        assert found[("keys", "find")] == ("f3", "config.toml")
        assert found[("keys", "help")] == ("f1", "default")


def test_for_people(tmp_path):
    file = tmp_path / "none.toml"
    done = run("config", "serve", CHATCTL_CONFIG=str(file))
    assert done.stdout.startswith(f"{file}  (does not exist)\nprofile: -\n\nserve:\n")


@pytest.mark.parametrize(
    ("text", "args", "complaint"),
    [
        ("nikc = 1", ["config"], "'nikc' means nothing here; did you mean 'nick'?"),
        ("[send]\nonec = true", ["send", "x"], "send has no option 'onec'; did you mean 'once'?"),
        ("", ["send", "x", "--profile", "x"], "no profile 'x'"),
        ("[send]\ntimeout = 'x'", ["send", "x"], "'x' is not a number (from config.toml)"),
        ("", ["config", "snd"], "no settings for 'snd'; did you mean 'send'?"),
        ("[ui]\ntheme = 'nrd'", ["config", "ui"], "no theme 'nrd'; did you mean 'nord'?"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path, text, args, complaint):
    file = tmp_path / "config.toml"
    file.write_text(text)
    done = run(*args, CHATCTL_CONFIG=str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr.splitlines()[0]


def test_a_setting_is_used(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text('server = "127.0.0.1:1"\n')
    done = run("send", "hi", "--once", CHATCTL_CONFIG=str(file))
    assert done.returncode == 3
    assert done.stderr.startswith("error: cannot connect to 127.0.0.1:1: Connection refused\n")
