"""The building rules: floors, purity, one codec, small modules, tests for each folder.

Every rule that a tool enforces is shown to bite: a fault is planted in a copy of the package.
"""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "chatctl"
BIN = Path(sys.executable).parent
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
LONGEST = 350
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base", "manager"}

FAULTS = {
    "a floor imports the floor above it": (
        ("wire/framing.py", "from chatctl import session"),
        "Floors",
    ),
    "two packages of one floor import each other": (
        ("capture/record.py", "from chatctl import log"),
        "Floors",
    ),
    "a module on no floor": (("utils.py", '"""Odds and ends."""'), "Floors"),
    "the hub reads the clock": (("session/server/planted.py", "import time"), "sans-IO"),
    "the hub awaits": (("session/server/planted.py", "import asyncio"), "sans-IO"),
    "the codec logs, by way of errors": (("errors.py", "import logging"), "sans-IO"),
    "the server's mind asks the client's": (
        ("session/server/planted.py", "from chatctl.session.client import events"),
        "know nothing",
    ),
    "a cycle inside of a package": (
        ("wire/framing.py", "from chatctl.wire import codec"),
        "No cycles",
    ),
}
BANNED = {
    "a second speaker of JSON": ("TID251", "import json\n\nTEXT = json.dumps(1)\n"),
    "a bare task": ("TID251", "import asyncio\n\nTASK = asyncio.create_task\n"),
    "a print": ("T201", 'print("x")\n'),
    "a relative import": ("TID252", "from .. import errors\n\nERRORS = errors\n"),
    "an exception swallowed": ("BLE001", "try:\n    X = 1\nexcept Exception:\n    X = 2\n"),
}


def run(tool, *arguments, cwd):
    command = [str(BIN / tool), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "chatctl", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_contracts_hold_in_a_copy(copy):
    result = run("lint-imports", "--no-cache", cwd=copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("fault", "contract"), FAULTS.values(), ids=FAULTS)
def test_contract_catches_a_planted_fault(copy, fault, contract):
    name, line = fault
    path = copy / "chatctl" / name
    path.write_text((path.read_text() if path.exists() else "") + f"\n{line}\n")

    result = run("lint-imports", "--no-cache", cwd=copy)

    assert result.returncode == 1, result.stdout
    broken = [row for row in result.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(row.startswith(contract) or contract in row for row in broken), result.stdout


@pytest.mark.parametrize(("rule", "code"), BANNED.values(), ids=BANNED)
def test_ruff_catches_a_planted_fault(copy, rule, code):
    planted = copy / "chatctl" / "view" / "planted.py"
    planted.write_text(f'"""Planted."""\n\n{code}')

    result = run("ruff", "check", "--no-cache", "chatctl/view/planted.py", cwd=copy)

    assert result.returncode == 1
    assert f"{rule} " in result.stdout


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_module_is_small_and_well_named(module):
    text = (PACKAGE / module).read_text("utf-8")

    assert len(text.splitlines()) <= LONGEST, "an idea too many: split it"
    assert module.stem not in FORBIDDEN_NAMES
    assert ast.get_docstring(ast.parse(text)) or not text.strip(), "no docstring"
    if module.name == "__init__.py" and module.parent != Path():
        assert len(ast.parse(text).body) <= 1, "code in an __init__"


@pytest.mark.parametrize("folder", sorted({m.parts[0] for m in MODULES if len(m.parts) > 1}))
def test_folder_has_its_tests(folder):
    assert list((ROOT / "tests" / folder).glob("test_*.py"))
