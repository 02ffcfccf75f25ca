"""Outside programs that tests compare us with."""

import shutil
import subprocess

import pytest


def needs(*programs: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test, with the reason, where a program is not installed."""
    absent = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(absent), reason=f"not installed here: {', '.join(absent)}")


def hosts(path: object) -> dict[str, str]:
    """Return the names that Wireshark gives to the addresses in the file at *path*."""
    command = ["tshark", "-r", str(path), "-N", "n", "-q", "-z", "hosts"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    lines = (line.split() for line in said.splitlines() if line and not line.startswith("#"))
    return {address: name for address, name, *_ in lines}
