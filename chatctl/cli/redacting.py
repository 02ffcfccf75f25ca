"""Which members are disguised, as typed: a mistyped one would stay there for everybody to read."""

from typing import get_args

from chatctl.capture.config import STANDARD_SECRETS, Redaction, parse_redaction
from chatctl.cli.report import warn
from chatctl.suggesting import nearest
from chatctl.wire.packets import ToClient, ToServer

WORDS = "text"
"""What stands for several members."""


def redaction_of(text: str) -> Redaction:
    """Return the redaction *text* asks for; warn of what resembles a member of ours and is none.

    Other programs' packets may have it, so it is no error.

    Raises:
        UsageError: see ``parse_redaction``.
    """
    redaction = parse_redaction(text)
    known = {WORDS, *STANDARD_SECRETS, *_members()}
    for name in redaction.members:
        if name not in known and (near := nearest(name, known)):
            warn(f"no packet of ours has a member {name!r} to redact; did you mean {near!r}?")
    return redaction


def _members() -> set[str]:
    """Return the names of the members that packets have."""
    return {name for kind in get_args(ToServer | ToClient) for name in kind.__struct_fields__}
