"""Which Python the gate runs the suite on besides the usual one, on machines that are made up."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "newest-python"
TOOLS = ("bash", "sed", "sort", "tail")
BROKEN_SHIM = "echo 'python3.13: command not found' >&2; exit 127"


def says(version, path="/somewhere"):
    return f"echo {version} {path}"


@pytest.fixture
def newest(tmp_path):
    """Answer what the script finds among *commands* (name: what a shell does), and nothing else."""

    def find(**commands):
        for tool in TOOLS:
            (tmp_path / tool).symlink_to(shutil.which(tool))
        for name, does in commands.items():
            command = tmp_path / name.replace("_", ".")
            command.write_text(f"#!{tmp_path}/bash\n{does}\n")
            command.chmod(0o755)
        found = subprocess.run(
            [SCRIPT], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
        )
        return found.stdout.strip()

    return find


@pytest.mark.parametrize(
    ("usual", "others", "found"),
    [
        ("3.11", {}, ""),
        ("3.11", {"python3_12": says("3.12"), "python3_13": says("3.13")}, "3.13 /somewhere"),
        ("3.11", {"python3_12": says("3.12"), "python3_13": BROKEN_SHIM}, "3.12 /somewhere"),
        ("3.11", {"python3_13": says("3.11")}, ""),
        ("3.13", {"python3_12": says("3.12"), "python3_13": says("3.13")}, ""),
        ("3.14", {"python3_13": says("3.13")}, ""),
        ("3.11", {"python3_14": says("3.14")}, ""),
    ],
    ids=["none", "newest", "broken", "liar", "usual is newest", "usual is newer", "unsupported"],
)
def test_the_newest_that_works(newest, usual, others, found):
    assert newest(python3=says(usual), **others) == found


def test_one_that_only_pyenv_knows(newest, tmp_path):
    place = tmp_path / "pyenv home"
    kept = place / "versions" / "3.13.0" / "bin"
    kept.mkdir(parents=True)
    (kept / "python3.13").write_text(f"#!{tmp_path}/bash\n{says('3.13', '/kept')}\n")
    (kept / "python3.13").chmod(0o755)
    commands = {"pyenv": f"echo '{place}'", "python3_13": BROKEN_SHIM}
    assert newest(python3=says("3.11"), **commands) == "3.13 /kept"
