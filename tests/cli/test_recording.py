"""The recording options become one frozen configuration."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from chatctl.capture.config import (
    Addresses,
    Disguise,
    RecordConfig,
    Redaction,
    Rotation,
    Which,
)
from chatctl.cli.recording import takes_recording
from chatctl.errors import UsageError

told: list[RecordConfig | None] = []


@takes_recording
def command(*, port: int = 1, record: RecordConfig | None) -> None:
    told.append(record)


def config(*args: str) -> RecordConfig | None:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, list(args))
    if isinstance(result.exception, UsageError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return told.pop()


def test_without_record_there_is_none():
    assert config() is None


def test_every_option_has_its_place():
    assert config(
        *("--record", "x.pcapng", "--record-dir", "in", "--record-addresses", "virtual"),
        *("--record-rotate", "size=1M,time=2min,keep=3", "--record-sync"),
        *("--record-redact", "mask:token,text", "--record-filter", "type == chat"),
    ) == RecordConfig(
        "x.pcapng",
        which=Which.IN,
        addresses=Addresses.VIRTUAL,
        sync=True,
        rotation=Rotation(1 << 20, 120.0, 3),
        redaction=Redaction(("token", "message", "topic", "reason"), Disguise.MASK),
        filter="type == chat",
    )


def test_a_ring_has_a_size():
    assert config("--record", "x", "--record-ring", "16M") == RecordConfig("x", ring=16 << 20)


@pytest.mark.parametrize(
    "args",
    [
        ["--record-ring", "1M"],
        ["--record", "x", "--record-ring", "1M", "--record-rotate", "size=1M"],
        ["--record", "-", "--record-rotate", "size=1M"],
        ["--record", "x", "--record-rotate", "often"],
        ["--record", "x", "--record-rotate", "keep=3"],
        ["--record", "x", "--record-rotate", "size=0"],
        ["--record", "x", "--record-rotate", "size=1M,time=0"],
        ["--record", "x", "--record-rotate", "size=20k,size=30k"],
        ["--record", "x", "--record-rotate", ""],
        ["--record", "x", "--record-ring", "0"],
        ["--record", "x", "--record-ring", ""],
        ["--record", "x", "--record-ring", "much"],
        ["--record", "x", "--record-redact", "a b"],
    ],
)
def test_nonsense_is_refused(args):
    with pytest.raises(UsageError):
        config(*args)
    assert not Path("x").exists()
