"""The root of the command line: help, unknown things, statuses, and what is imported when."""

import pytest

from chatctl import __version__
from chatctl.cli import app
from chatctl.cli.help import summary
from tests.peers.programs import run

LAZY = {"asyncio", "rich", "textual", "pydantic", "sqlite3", "prometheus_client", "lark", "ssl"}


@pytest.mark.parametrize("flag", ["--version", "-V"])
@pytest.mark.parametrize("before", [[], ["--color", "never"]])
def test_version(flag, before):
    done = run(*before, flag)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"chatctl {__version__}\n", "")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command_without_colour(flag):
    done = run(flag)

    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    for name, line in app.COMMANDS.items():
        assert f"  {name:<10}  {line}\n" in done.stdout


def test_colour_can_be_forced_and_forbidden():
    assert "\x1b[1;32mUsage:\x1b[0m" in run("--color", "always", "--help").stdout
    assert "\x1b" not in run("--help", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_no_command_shows_the_help_as_a_usage_error():
    done = run()

    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: chatctl [OPTIONS] COMMAND" in done.stderr


@pytest.mark.parametrize(
    ("args", "error", "tip"),
    [
        (["confg"], "no such command 'confg'", "did you mean 'config'?"),
        (["xyzzy"], "no such command 'xyzzy'", "see 'chatctl --help'"),
        (["x\x1b[31my"], r"no such command 'x\x1b[31my'", "see 'chatctl --help'"),
        (["--versoin"], "no such option: --versoin", "did you mean '--version'?"),
        (["completion"], "missing argument 'SHELL'", "see 'chatctl completion --help'"),
        (
            ["config", "--log-level", "loud"],
            "invalid value for '--log-level': 'loud' is not one of",
            "see 'chatctl config --help'",
        ),
    ],
)
def test_a_wrong_command_line_is_one_line_and_a_tip(args, error, tip):
    done = run(*args)

    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith(f"error: {error}")
    assert second == f"tip: {tip}"


@pytest.mark.parametrize("name", app.COMMANDS)
def test_the_table_says_what_the_docstring_says(name):
    command = app.load(name)

    assert summary(command.help) == app.COMMANDS[name]
    assert "Examples:" in command.help


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_has_its_help(name):
    done = run(name, "--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert f"Usage: chatctl {name}" in done.stdout
    assert "Global options:" in done.stdout
    assert "Raises:" not in done.stdout


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['chatctl', '--help']\n"
        "try:\n    from chatctl.__main__ import main; main()\n"
        "finally:\n    print(*sys.modules, file=sys.stderr)"
    )

    assert not LAZY & set(run(code=code).stderr.split())


def test_send_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['chatctl', 'send', 'hi', '--once', '-s', '127.0.0.1:1']\n"
        "try:\n    from chatctl.__main__ import main; main()\n"
        "finally:\n    print('modules', *sys.modules, file=sys.stderr)"
    )
    done = run(code=code)

    assert "cannot connect" in done.stderr
    assert "chatctl.transport.blocking" in done.stderr.split()
    assert not LAZY & set(done.stderr.split())
