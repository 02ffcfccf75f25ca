"""Secrets out of a byte stream before it is kept, octet for octet of the same length.

Works on chunks as a socket saw them, whatever their borders: a value that is still arriving is
held back until its end has come. The length stays, so frames stay frames. A value ends at its
quote or at a control character, which no JSON string has, so that a value without an end cannot
swallow the frames behind it.
"""

import hashlib
import hmac
import re
from base64 import b32encode

from chatctl.capture.config import Disguise, Redaction
from chatctl.capture.record import REDACTED
from chatctl.wire import codec

MAX_HELD = 1024
"""A value longer than this is masked as it comes, not held until its end."""

CLOSING_BRACE = 0x7D
"""An octet no unfinished member ends with."""

MAX_HELD_LIST = 16 * 1024
"""A list of values longer than this is masked like one long value."""

_STRING = re.compile(rb'"((?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*)"')
_LIST = re.compile(rb'(?:[^]"\x00-\x1f]|"(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*")*\]')
_REST_OF_VALUE = re.compile(rb'(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*')
_SURELY_OUTSIDE = re.compile(rb'[\x00-\x1f]|..\{\s*["}]', re.DOTALL)
"""What no string has in it: a control character, as most lengths do; or a frame's beginning."""

_START_OF_MEMBER = re.compile(rb'"[A-Za-z0-9_.-]{0,64}(?:"\s{0,8}(?::\s{0,8}\[?\s{0,8})?)?\Z')


class Redactor:
    """Disguises the values of some members, in any number of streams; one key for all of them."""

    def __init__(self, redaction: Redaction, key: bytes) -> None:
        """*key* keys the pseudonyms: the same value under the same key looks the same.

        ``suspicious`` finds the name of a member to disguise, quickly.
        """
        names = [re.escape(name.encode()) for name in redaction.members]
        self.suspicious = re.compile(b'"(?:' + b"|".join(names) + b')"').search
        self.quoted = tuple(b'"%s"' % name.encode() for name in redaction.members)
        self.member = re.compile(rb'"(' + b"|".join(names) + rb')"\s*:\s*(\[\s*)?"')
        self.key = key
        self._masks = redaction.disguise is Disguise.MASK
        self._members = redaction.members

    def begins(self, text: bytes) -> bool:
        """Return whether *text*, from a quote on, may become a member to disguise."""
        return any(name.startswith(text) or text.startswith(name) for name in self.quoted)

    def disguise(self, value: bytes) -> bytes:
        """Return what stands for *value*: as long, and plain ASCII."""
        if self._masks:
            return b"*" * len(value)
        size = len(value)
        digest = hmac.digest(self.key, value, hashlib.sha256)
        return (b32encode(digest).rstrip(b"=").lower() * (size // 52 + 1))[:size]

    def nick(self, nick: str) -> str:
        """Return what stands for *nick* where a recording tells of it outside the packets.

        It is what stands for it within them.
        """
        if "nick" not in self._members:
            return nick
        return self.disguise(codec.write_json(nick)[1:-1]).decode()


class Redacted:
    """One direction of one connection, on its way through a ``Redactor``.

    Attributes:
        held: octets taken that cannot be shown yet.
        inside: whether a long value goes on.
        changed: the members that the last ``feed`` disguised, comma between.
        torn: whether what comes next may be the rest of any value: behind a hole, or midway.
    """

    __slots__ = ("_redactor", "changed", "held", "inside", "torn")

    def __init__(self, redactor: Redactor, *, midway: bool = False) -> None:
        """Begin a stream, or take it up *midway*."""
        self.changed = ""
        self._redactor = redactor
        self.held = b""
        self.inside = False
        self.torn = midway

    @property
    def between(self) -> bool:
        """Whether what comes next needs no knowledge of what came before."""
        return not (self.held or self.inside or self.torn)

    @property
    def comments(self) -> list[str]:
        """The comment on what was disguised last, none where that is nothing."""
        return [f"{REDACTED}{self.changed}"] if self.changed else []

    def feed(self, data: bytes) -> bytes:
        """Return as much of the stream up to the end of *data*, not empty, as can be shown.

        ``changed`` then names the members that were disguised in it, comma between.
        """
        self.changed = ""
        data, self.held = self.held + data, b""
        return self._mended(data) if self.torn else self._search(data)

    def rest(self) -> bytes:
        """Return what was held back, when the stream has ended: perhaps a value without end."""
        self.changed = ""
        held, self.held = self.held, b""
        found = self._redactor.member.search(held)
        if found is None:
            return held
        self.changed = found[1].decode()
        return held[: found.end()] + b"*" * (len(held) - found.end())

    def hole(self) -> bytes:
        """Return what was held back, where octets are missing."""
        held = self.rest()
        self.inside, self.torn = False, True
        return held

    def _mended(self, data: bytes) -> bytes:
        """Mask the rest of a frame: of a value in it the member's name is not known."""
        found = _SURELY_OUTSIDE.search(data)
        self.torn = found is None
        end = found.start() if found else len(data)
        return b"*" * end + self._search(data[end:])

    def _search(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        start = 0
        if self.inside:
            start = self._mask(data, 0, parts)
        while start < len(data):
            found = self._redactor.member.search(data, start)
            if found is None:
                break
            parts.append(data[start : found.start()])
            start = self._value(data, found, parts)
        self._hold_back(data[start:], parts)
        return b"".join(parts)

    def _value(self, data: bytes, found: re.Match[bytes], parts: list[bytes]) -> int:
        """Disguise the value that begins where *found* ends, or hold it; return its end."""
        begin = found.end()
        if found[2] and len(data) - begin < MAX_HELD_LIST:
            return self._list(data, found, parts)
        end = _end_of_value(data, begin)
        if end == len(data) and end - begin < MAX_HELD:
            self.held = data[found.start() :]
            return len(data)
        self._note(found[1].decode())
        parts.append(found[0])
        if end == len(data):
            self.inside = True
            return self._mask(data, begin, parts)
        parts.append(self._redactor.disguise(data[begin:end]))
        return end

    def _list(self, data: bytes, found: re.Match[bytes], parts: list[bytes]) -> int:
        """Disguise a list of values whole, or hold it; return its end."""
        begin = found.end() - 1
        whole = _LIST.match(data, begin)
        if whole is None:
            self.held = data[found.start() :]
            return len(data)
        self._note(found[1].decode())
        parts.append(data[found.start() : begin])
        parts.append(_STRING.sub(self._string, whole[0]))
        return whole.end()

    def _string(self, found: re.Match[bytes]) -> bytes:
        return b'"%s"' % self._redactor.disguise(found[1])

    def _mask(self, data: bytes, begin: int, parts: list[bytes]) -> int:
        """Mask a long value that may end in this chunk; return where to go on."""
        end = _end_of_value(data, begin)
        self.inside = end == len(data)
        cut = end - 1 if self.inside and data[end - 1 : end] == b"\\" else end
        parts.append(b"*" * (cut - begin))
        self.held = data[cut:end]
        return end

    def _hold_back(self, rest: bytes, parts: list[bytes]) -> None:
        """Keep the end of *rest* where it may be the start of a member to disguise."""
        tail = _START_OF_MEMBER.search(rest, max(0, len(rest) - 96))
        if tail is None or not self._redactor.begins(tail[0]):
            parts.append(rest)
            return
        parts.append(rest[: tail.start()])
        self.held = rest[tail.start() :]

    def _note(self, name: str) -> None:
        self.changed = f"{self.changed},{name}" if self.changed else name


def _end_of_value(data: bytes, begin: int) -> int:
    """Return where the value that begins at *begin* ends; ``len(data)`` if not in *data*."""
    found = _REST_OF_VALUE.match(data, begin)
    end = found.end() if found else begin
    return len(data) if data[end:] == b"\\" else end
