"""What to record and where: the frozen answer to every ``--record...`` option."""

import re
from dataclasses import dataclass
from enum import StrEnum

from chatctl.errors import UsageError
from chatctl.wire.packets import Direction

STANDARD_SECRETS = ("token", "password", "secret")
"""Members whose values never reach a recording unless ``--record-redact none`` says so."""

_MEANT = {"text": ("message", "topic", "reason"), "nick": ("nick", "nicks", "to", "suggestion")}
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?", re.IGNORECASE)
_SECOND = 1_000_000_000
_NANOSECONDS = {"us": 1_000, "µs": 1_000, "ms": 1_000_000, "": _SECOND, "s": _SECOND}
_NANOSECONDS |= {"m": 60 * _SECOND, "min": 60 * _SECOND, "h": 3600 * _SECOND, "d": 86400 * _SECOND}
_DURATION = re.compile(r"(\d{1,18})(?:\.(\d{1,18}))?\s*(us|µs|ms|s|min|m|h|d|)", re.IGNORECASE)


class Which(StrEnum):
    """What is recorded, seen from the recording process."""

    IN = "in"
    OUT = "out"
    BOTH = "both"

    def ignored(self, side: str) -> Direction | None:
        """Return the direction that is not recorded: in and out are as *side* sees them."""
        if self is Which.BOTH:
            return None
        to_me = Direction.TO_CLIENT if side == "client" else Direction.TO_SERVER
        from_me = Direction.TO_SERVER if side == "client" else Direction.TO_CLIENT
        return from_me if self is Which.IN else to_me


class Addresses(StrEnum):
    """Whether a recording shows the addresses as they are, or made-up ones, one a connection."""

    REAL = "real"
    VIRTUAL = "virtual"


class Disguise(StrEnum):
    """What stands in the place of a secret: asterisks, or a keyed pseudonym of equal length."""

    MASK = "mask"
    PSEUDONYM = "pseudonym"


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a recording goes on in a new file: after *size* octets or *seconds*; 0 means never.

    Attributes:
        keep: how many files to leave on the disk, the newest; 0 for all.
    """

    size: int = 0
    seconds: float = 0.0
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Redaction:
    """The members whose string values are disguised, at any depth of a packet.

    Attributes:
        members: their names.
        disguise: what stands in their place.
        key: of the pseudonyms; empty for a new random one.
        before: members that were disguised already, in what is copied.
    """

    members: tuple[str, ...] = STANDARD_SECRETS
    disguise: Disguise = Disguise.PSEUDONYM
    key: bytes = b""
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordConfig:
    """Everything about one recording.

    Attributes:
        path: the file; ``-`` is standard output, a pipe is written by a thread of its own.
        which: the directions to keep.
        addresses: real or virtual.
        sync: whether each flush waits for the disk, at most once a second.
        rotation: None for one file.
        ring: octets kept in memory and written only by ``Recorder.dump``; 0 writes as it goes.
        redaction: what is disguised before it reaches the disk.
        filter: an expression of docs/filters.md; only packets it matches are kept. Empty: all.
    """

    path: str
    which: Which = Which.BOTH
    addresses: Addresses = Addresses.REAL
    sync: bool = False
    rotation: Rotation | None = None
    ring: int = 0
    redaction: Redaction = Redaction()
    filter: str = ""


def parse_size(text: str) -> int:
    """Return the octets *text* says: ``4096``, ``64k``, ``16MB``, ``1GiB``; units are of 1,024.

    Raises:
        UsageError: it says no size.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"not a size: {text!r} (try 64k, 16M or 1G)")
    return int(float(found[1]) * _UNITS[found[2].lower()])


def parse_duration(text: str) -> float:
    """Return the seconds *text* says, see ``parse_nanoseconds``.

    Raises:
        UsageError: it says no duration.
    """
    return parse_nanoseconds(text) / _SECOND


def parse_nanoseconds(text: str) -> int:
    """Return the nanoseconds *text* says: ``20``, ``1.5s``, ``640us``, ``250ms``, ``10min``.

    Exactly these: what is compared with the times of a capture must not be off by a rounding.

    Raises:
        UsageError: it says no duration.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"not a duration: {text!r} (try 640us, 250ms, 20s, 10min or 1h)")
    unit, part = _NANOSECONDS[found[3].lower()], found[2] or "0"
    nanoseconds: int = int(found[1]) * unit + int(part) * unit // 10 ** len(part)
    return nanoseconds


def is_duration(text: str) -> bool:
    """Return whether *text* says a duration."""
    return _DURATION.fullmatch(text.strip()) is not None


def parse_rotation(text: str) -> Rotation:
    """Return the rotation *text* asks for, as in ``size=64M,time=1h,keep=5``.

    Raises:
        UsageError: it has another part or one twice, neither size nor time, or one of nothing.
    """
    said: dict[str, str] = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        if name not in ("size", "time", "keep"):
            raise UsageError(f"cannot rotate by {name!r} (use size=64M,time=1h,keep=5)")
        if name in said:
            raise UsageError(f"rotation has one {name}, not {said[name]} and {value}")
        said[name] = value
    if not {"size", "time"} & said.keys():
        raise UsageError("rotation needs a size or a time (size=64M,time=1h,keep=5)")
    keep = said.get("keep", "0")
    if not keep.isdecimal():
        raise UsageError(f"not a number of files to keep: {keep!r}")
    size = parse_size(said["size"]) if "size" in said else 0
    seconds = parse_duration(said["time"]) if "time" in said else 0.0
    for name, parsed in (("size", size), ("time", seconds)):
        if name in said and not parsed:
            raise UsageError(f"cannot rotate at a {name} of nothing: {name}={said[name]}")
    return Rotation(size, seconds, int(keep))


def parse_redaction(text: str) -> Redaction:
    """Return the redaction *text* asks for: members, ``none``, or ``mask:`` before members.

    ``token,text`` keeps equal values equal by keyed pseudonyms; ``mask:token`` writes asterisks.
    ``text`` means whatever people write, ``nick`` every place where a nick stands.

    Raises:
        UsageError: a member's name is empty or has a character no member of ours has.
    """
    if text == "none":
        return Redaction(())
    kind, colon, names = text.rpartition(":")
    if colon and kind not in list(Disguise):
        raise UsageError(f"cannot redact as {kind!r} (use mask: or pseudonym:)")
    members = tuple(member for name in names.split(",") for member in _MEANT.get(name, (name,)))
    for name in members:
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
            raise UsageError(f"not the name of a packet's member: {name!r}")
    return Redaction(members, Disguise(kind) if colon else Disguise.PSEUDONYM)
