"""What a reader noticed besides the records: counters, and where the capture came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

from chatctl.capture.config import Addresses


@dataclass(slots=True)
class Findings:
    """Filled in while a capture is read; complete when the last record has come.

    Attributes:
        format: what the source turned out to be, in words.
        profile: the header comment of a capture of ours, see ``joint_profile`` for several; empty
            for others. Known from the first record on.
        profiles: those of all sections, where somebody has looked them up before the reading.
        packets: captured packets looked at.
        foreign: of these, packets that are no TCP over IP, or of connections not chosen.
        fragments: IP fragments, which are not put together.
        cut: packets shorter in the capture than on the wire.
        repeated: segments, or parts of them, that were captured again.
        conflicting: octets that differ between two copies; the first copy was used.
        backwards: packets stamped earlier than the one before them.
        gaps: holes that were given up, and ``missing`` the octets in them.
        skipped: octets that make no frame, passed over to find the next one.
        dropped: packets that the recording program says it lost.
        whole: whether it was read to its end.
        sections: recordings of ours, or files of one; ``ended`` those that ended in good order.
        warnings: what else the reader of the capture should know, a sentence each.
    """

    format: str = ""
    profile: dict[str, object] = field(default_factory=dict)
    profiles: list[dict[str, object]] = field(default_factory=list)
    packets: int = 0
    foreign: int = 0
    fragments: int = 0
    cut: int = 0
    repeated: int = 0
    conflicting: int = 0
    backwards: int = 0
    gaps: int = 0
    missing: int = 0
    skipped: int = 0
    dropped: int = 0
    whole: bool = True
    sections: int = 0
    ended: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def closed(self) -> bool | None:
        """Whether all recordings of ours ended in good order; None where that is not known."""
        return self.ended >= self.sections if self.sections and self.whole else None

    def absorb(self, other: "Findings") -> None:
        """Add what was noticed in a capture that is read beside this one."""
        self.warnings += other.warnings
        for counter in fields(self):
            count = getattr(self, counter.name)
            if type(count) is int:
                setattr(self, counter.name, count + getattr(other, counter.name))

    @property
    def lossy(self) -> bool:
        """Whether something that was on the wire is not in the records."""
        return bool(self.missing or self.gaps)


def redacted_in(profile: Mapping[str, object]) -> list[str]:
    """Return the members that a recording says were disguised in it."""
    told = profile.get("redact")
    return list(map(str, told)) if isinstance(told, list) else []


def has_virtual_addresses(profile: Mapping[str, object]) -> bool:
    """Return whether a recording says that nicks stand in it for made-up addresses."""
    return profile.get("addresses") == Addresses.VIRTUAL


def joint_profile(profiles: Iterable[dict[str, object]]) -> dict[str, object]:
    """Return what captures that are read as one say of themselves.

    That is what the first one of ours says, what was disguised in any of them, and that addresses
    are virtual only if they are so in all, also in those that are not ours.
    """
    profiles = list(profiles)
    ours = list(filter(None, profiles))
    if not ours:
        return {}
    redacted = dict.fromkeys(member for profile in ours for member in redacted_in(profile))
    virtual = all(map(has_virtual_addresses, profiles))
    addresses = Addresses.VIRTUAL if virtual else Addresses.REAL
    return ours[0] | {"redact": list(redacted), "addresses": addresses.value}
