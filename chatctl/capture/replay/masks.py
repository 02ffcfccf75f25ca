"""Masks: which members of a packet are volatile, so that two runs of one talk can be compared.

A mask hides a member's value and never its presence: a member that is renamed or left out is still
seen. The members that differ in every run by nature are masked from the start.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chatctl.errors import UsageError

MASKED = "<any>"
"""What stands for a masked value in comparisons and reports."""

VOLATILE = frozenset(
    {
        "seq",
        "time",
        "id",
        "token",
        "session",
        "retry_after",
        "error.value",
        "welcome.limits",
        "welcome.server",
        "rooms.last",
        "gap.first",
        "gap.last",
        "hello.resume",
        "history.before",
        "history.after",
    }
)
"""Masked unless unmasked: ``member`` in packets of any type, ``type.member`` in those of one.

A member counts wherever in the packet it is; ``rooms.last`` is a room's ``last`` in ``rooms``.
"""

Frozen = Any
"""A JSON value made hashable: objects as sorted tuples of pairs, arrays as tuples."""


@dataclass(frozen=True, slots=True)
class Masks:
    """The members that comparisons leave out: names, or ``type.name``."""

    members: frozenset[str] = VOLATILE

    def adding(self, names: Iterable[str]) -> "Masks":
        """Return these masks and *names*.

        Raises:
            UsageError: one of them is no ``member`` or ``type.member``.
        """
        return Masks(self.members | {_checked(name) for name in names})

    def without(self, names: Iterable[str]) -> "Masks":
        """Return these masks but *names*.

        Raises:
            UsageError: one of them is not masked.
        """
        gone = {_checked(name) for name in names}
        unknown = gone - self.members
        if unknown:
            known = ", ".join(sorted(self.members))
            raise UsageError(f"{min(unknown)!r} is not masked (masked are {known})")
        return Masks(self.members - gone)

    def hides(self, kind: str, member: str) -> bool:
        """Return whether *member* of packets of type *kind* is masked."""
        return member in self.members or f"{kind}.{member}" in self.members

    def hide(self, kind: str, value: Any) -> Any:
        """Return *value*, the packet or a part of it, with masked values as ``MASKED``."""
        if isinstance(value, dict):
            return {
                name: MASKED if self.hides(kind, name) else self.hide(kind, part)
                for name, part in value.items()
            }
        if isinstance(value, list):
            return [self.hide(kind, part) for part in value]
        return value

    def key(self, kind: str, value: Mapping[str, Any] | None) -> Frozen:
        """Return what two packets have in common when they differ in masked members alone."""
        return freeze(self.hide(kind, value))


def freeze(value: Any) -> Frozen:
    """Return *value* hashable; equal for objects whose members are equal in any order."""
    if isinstance(value, dict):
        return tuple(sorted((name, freeze(part)) for name, part in value.items()))
    if isinstance(value, list):
        return ("[", *(freeze(part) for part in value))
    if isinstance(value, bool):
        return ("bool", value)
    return value


def _checked(name: str) -> str:
    parts = name.strip().split(".")
    if len(parts) > 2 or not all(parts):
        raise UsageError(f"not a member: {name!r} (use member or type.member, as in chat.message)")
    return ".".join(parts)
