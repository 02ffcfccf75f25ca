"""What cannot be written is said, named and has a status of its own, whoever writes it."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.peers.programs import CHATCTL, environment, run

TALK = str(Path(__file__).parents[2] / "examples" / "captures" / "three-people.pcapng")
BUFFERED = pytest.mark.parametrize("buffered", ["", "1"], ids=["buffered", "unbuffered"])
FULL = "No space left on device"


@BUFFERED
@pytest.mark.parametrize(
    "args",
    [
        ["--version"],
        ["--help"],
        ["decode", "--help"],
        ["config"],
        ["completion", "bash"],
        ["decode", TALK],
        ["decode", "--json", TALK],
        ["decode", "--to", "raw", TALK],
        ["decode", "--to", "pcapng", TALK],
        ["decode", "--to", "html", TALK],
        ["replay", TALK, "--speed", "max"],
    ],
    ids=" ".join,
)
def test_standard_output_on_a_full_disk(args, buffered):
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [*CHATCTL, *args],
            env=environment(PYTHONUNBUFFERED=buffered),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )

    wanted = f"error: cannot write to standard output: {FULL}\n"
    assert (done.returncode, done.stderr) == (74, wanted)


@pytest.mark.parametrize(
    "args",
    [
        ["decode", TALK, "--to", "raw", "-o"],
        ["decode", TALK, "--to", "pcapng", "-o"],
        ["decode", TALK, "--to", "svg", "-o"],
        ["replay", TALK, "--to-pytest"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(
    ("file", "why"), [("/dev/full", FULL), ("/nowhere/x", "No such file or directory")]
)
def test_a_file_that_cannot_be_written(args, file, why):
    done = run(*args, file)

    assert (done.returncode, done.stderr) == (74, f"error: cannot write {file}: {why}\n")


@pytest.mark.parametrize("place", ["-", "/dev/null"])
def test_what_is_recovered_goes_where_it_can_be_read_again(place):
    done = run("decode", TALK, "--recover", place)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"{place} is no file" in done.stderr


@BUFFERED
def test_where_errors_cannot_be_written_the_status_stays(buffered):
    command = f"{shlex.join(CHATCTL)} decode /nowhere 2> /dev/full"
    env = environment(PYTHONUNBUFFERED=buffered)
    assert subprocess.run(["sh", "-c", command], env=env, timeout=60).returncode == 6


def test_the_version_into_a_closed_pipe():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*CHATCTL, "--version"], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")
