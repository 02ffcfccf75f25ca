"""The pages say what the program does: made from it, or compared with it."""

import re
import shlex
from pathlib import Path

import pytest

from chatctl.cli import app, reference
from chatctl.cli.status import MEANING
from tests.peers.programs import run, server

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
CLI = (ROOT / "docs" / "cli.md").read_text("utf-8")
EXAMPLES = ROOT / "examples" / "captures" / "README.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *ROOT.glob("examples/*/*.md")]


def test_the_reference_is_of_this_program():
    assert reference.page() == CLI, "run: python -m chatctl.cli.reference > docs/cli.md"


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_and_option_is_in_the_reference(name):
    section = CLI.partition(f"## chatctl {name}\n")[2]
    assert section
    for param in app.load(name).params:
        for option in (*param.opts, *param.secondary_opts):
            assert not option.startswith("--") or option in CLI, option


@pytest.mark.parametrize("status", MEANING)
def test_every_status_is_in_the_readme(status):
    meaning = MEANING[status].replace("|", "\\|")
    assert f"| {int(status)} | {meaning} |" in README


def test_the_readme_shows_what_decode_prints():
    command = "decode --filter 'type == chat and rtt > 0s' examples/captures/three-people.pcapng"
    shown = README.partition(f"$ chatctl {command}\n")[2].partition("```")[0]
    arguments = ["decode", "--filter", "type == chat and rtt > 0s"]
    file = str(ROOT / "examples/captures/three-people.pcapng")

    assert run(*arguments, file, TZ="UTC", COLUMNS="200").stdout == shown


@pytest.mark.parametrize("page", ["README.md", "docs/replay.md"])
def test_the_report_of_a_replay_is_as_shown(page):
    """The words and the counts; how long it took differs each time."""
    command = (
        "replay examples/captures/three-people.pcapng --to :4000 --speed max --expect recorded"
    )
    shown = (ROOT / page).read_text("utf-8").partition(f"$ chatctl {command}\n")[2]
    arguments = command.replace("examples", str(ROOT / "examples")).split()
    with server() as (address, _):
        arguments[arguments.index(":4000")] = address
        done = run(*arguments, NO_COLOR="1")

    assert _without_times(done.stdout) == _without_times(shown.partition("```")[0])


def _without_times(report):
    lines = re.sub(r"\b\d+(\.\d+)? (µs|ms|s)\b", "TIME", report).splitlines()
    return [" ".join(line.split()) for line in lines]


TRIED = re.findall(r"chatctl (?:decode|replay) [^`;|\n]+", EXAMPLES.read_text("utf-8"))


@pytest.mark.parametrize("command", sorted(set(TRIED)))
def test_every_example_to_try_works(command):
    arguments = shlex.split(command.replace("examples/", f"{ROOT}/examples/"))[1:]
    done = run(*arguments, *(["--speed", "max"] if arguments[0] == "replay" else []))

    assert done.returncode == (5 if "truncated" in command else 0), done.stderr
    assert done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_leads_nowhere(page):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_shown_is_one(page):
    shown = re.findall(r"^(?:\$ )?chatctl ([a-z]+)", page.read_text("utf-8"), re.MULTILINE)
    assert set(shown) <= set(app.COMMANDS)


def test_every_package_has_its_directory_of_tests():
    packages = {path.parent.relative_to(ROOT / "chatctl") for path in ROOT.glob("chatctl/*/*.py")}
    tested = {path.parent.relative_to(ROOT / "tests") for path in ROOT.glob("tests/*/test_*.py")}
    assert packages <= tested
