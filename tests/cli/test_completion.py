"""Completion in the shells themselves."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers.programs import environment, run

BIN = Path(sys.executable).parent


def needs(shell):
    missing = shutil.which(shell) is None
    return pytest.mark.skipif(missing, reason=f"{shell} is not installed")


def bash(line, **env):
    """Return what bash offers behind *line*, whose words have no spaces in them."""
    words = line.split(" ")
    script = (
        'eval "$(chatctl completion bash)"; '
        f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; "
        '_chatctl_completion chatctl; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    path = f"{BIN}:{environment().get('PATH', '')}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env=environment(PATH=path, **env),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split()


@needs("bash")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("chatctl de", ["decode", "demo"]),
        ("chatctl send --on", ["--once"]),
        ("chatctl --prof", ["--profile"]),
        ("chatctl completion z", ["zsh"]),
        ("chatctl send --profile w", ["work"]),
        ("chatctl send --profile h", ["home"]),
    ],
)
def test_bash_offers(tmp_path, line, offered):
    file = tmp_path / "config.toml"
    file.write_text('[profiles.work]\n[profiles.home]\n[profiles."h$(reboot)\\u009b2J"]\n')
    assert bash(line, CHATCTL_CONFIG=str(file)) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_every_shell_has_a_script(shell):
    done = run("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert "_CHATCTL_COMPLETE" in done.stdout


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_script_is_one_that_its_shell_understands(shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = run("completion", shell).stdout
    subprocess.run([shell, "-n"], input=script, text=True, check=True, timeout=60)
