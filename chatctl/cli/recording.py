"""The recording options, for every command that can record.

    @takes_recording
    def serve(*, port: Port = 3490, record: RecordConfig | None) -> None:

gives ``serve`` the options ``--record`` and ``--record-…`` and hands it what they ask for: None
without ``--record``.
"""

import inspect
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from chatctl.capture.config import (
    Addresses,
    RecordConfig,
    Which,
    parse_rotation,
    parse_size,
)
from chatctl.cli.options import RECORDING, Record, RecordFilter, RecordSync
from chatctl.cli.redacting import redaction_of
from chatctl.errors import UsageError

Dir = Annotated[
    Which,
    typer.Option(
        "--record-dir",
        metavar="in|out|both",
        rich_help_panel=RECORDING,
        help="Record what comes in, what goes out, or both.",
    ),
]
RealOrVirtual = Annotated[
    Addresses,
    typer.Option(
        "--record-addresses",
        metavar="real|virtual",
        rich_help_panel=RECORDING,
        help="Record real addresses, or made-up ones that Wireshark shows as nicks.",
    ),
]
Rotate = Annotated[
    str | None,
    typer.Option(
        "--record-rotate",
        metavar="size=,time=,keep=",
        rich_help_panel=RECORDING,
        help="Go on in a new file by size or time, and keep so many (size=64M,time=1h,keep=5).",
    ),
]
Ring = Annotated[
    str | None,
    typer.Option(
        "--record-ring",
        metavar="SIZE",
        rich_help_panel=RECORDING,
        help="Keep the newest in memory, write it on an error or SIGUSR2.",
    ),
]
Redact = Annotated[
    str,
    typer.Option(
        "--record-redact",
        metavar="MEMBERS",
        rich_help_panel=RECORDING,
        help="Disguise these members (token,password,secret; text for words); none for nothing.",
    ),
]


def _options(  # noqa: PLR0913 - one for each option
    *,
    record: Record = None,
    record_dir: Dir = Which.BOTH,
    record_addresses: RealOrVirtual = Addresses.REAL,
    record_rotate: Rotate = None,
    record_ring: Ring = None,
    record_redact: Redact = "token,password,secret",
    record_sync: RecordSync = False,
    record_filter: RecordFilter = "",
) -> RecordConfig | None:
    if record is None:
        _check_alone(record_rotate, record_ring, record_filter)
        return None
    rotation = parse_rotation(record_rotate) if record_rotate is not None else None
    ring = _ring(record_ring) if record_ring is not None else 0
    if rotation and ring:
        raise UsageError("--record-rotate and --record-ring do not go together")
    if str(record) == "-" and (rotation or ring):
        raise UsageError("standard output cannot be rotated, nor be a ring")
    check_place(str(record))
    return RecordConfig(
        str(record),
        which=record_dir,
        addresses=record_addresses,
        sync=record_sync,
        rotation=rotation,
        ring=ring,
        redaction=redaction_of(record_redact),
        filter=record_filter,
    )


def _ring(text: str) -> int:
    size = parse_size(text)
    if not size:
        raise UsageError(f"a ring of nothing keeps nothing: --record-ring {text}")
    return size


def _check_alone(*said: str | None) -> None:
    if any(said):
        error = UsageError("how to record, but not where to")
        error.add_note("add --record FILE")
        raise error


def check_place(record: str) -> None:
    """Refuse to write the octets of others to a terminal.

    Raises:
        UsageError: *record* is ``-`` and standard output is one.
    """
    if record == "-" and sys.stdout.isatty():
        error = UsageError("a recording is not for a terminal to show")
        error.add_note("pipe it, as into 'wireshark -k -i -', or name a file")
        raise error


def takes_recording(command: Callable[..., None]) -> Callable[..., None]:
    """Return *command*, which has a parameter ``record``, with the recording options instead."""
    signature = inspect.signature(command)
    others = [p for name, p in signature.parameters.items() if name != "record"]
    options = list(inspect.signature(_options, eval_str=True).parameters.values())
    names = {option.name for option in options}

    @wraps(command)
    def with_options(**said: Any) -> None:
        chosen = {name: said.pop(name) for name in names}
        command(**said, record=_options(**chosen))

    with_options.__signature__ = signature.replace(parameters=[*others, *options])  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in (*others, *options)}
    del with_options.__wrapped__
    return with_options
