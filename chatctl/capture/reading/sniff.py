"""What a source holds, told from its first octets."""

import re
from enum import StrEnum

from chatctl.capture.reading.pcap import MAGICS as PCAP_MAGICS
from chatctl.capture.reassembly.streams import looks_framed


class Form(StrEnum):
    """The forms a capture may have."""

    PCAPNG = "pcapng"
    PCAP = "pcap"
    RAW = "raw"
    JSONL = "jsonl"
    HEX = "hex"
    SOCAT = "socat"


EMPTY_FRAME = b"\0\0"
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"

_SOCAT = re.compile(rb"[<>] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+ +length=\d+ from=\d+ to=\d+")
_HEX = re.compile(
    rb"\s*(?:(?:0x)?[0-9a-fA-F]{4,16}:?\s+)?"
    rb"(?:[0-9a-fA-F]{2}\s?+){2,}(?=\s|\||[0-9a-fA-F]?\Z)"
)
"""An offset, octets, and a gap before their letters: a log's ``2026-11-27`` is none."""

_BEGUN = re.compile(rb"\{|[<>] |[\s0-9a-fA-Fx:]*\Z")
"""How a line of a form that has lines may begin."""

_MEMBERS = (b'"kind"', b'"at"', b'"packet"', b'"raw"')
"""Of which a JSON line has at least one."""

_KNOWN = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "an SQLite database, perhaps the history of `chatctl serve`"),
    (b"\x89MCAP", "an MCAP recording"),
    (b"\x04\x22\x4d\x18", "lz4 data; unpack it first"),
    (b"BZh", "bzip2 data; unpack it first"),
    (b"\xfd7zXZ", "xz data; unpack it first"),
    (b"\x16\x03", "a TLS stream; it cannot be read without its keys"),
    (b"GET ", "an HTTP request"),
    (b"POST ", "an HTTP request"),
    (b"HTTP/", "an HTTP answer"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"#!", "a script"),
)


def sniff(head: bytes) -> Form | None:
    """Return the form of the capture that begins with *head*, None if it begins none."""
    if head[:4] == PCAPNG_MAGIC:
        return Form.PCAPNG
    if head[:4] in PCAP_MAGICS:
        return Form.PCAP
    if _SOCAT.match(head):
        return Form.SOCAT
    if head[:1] == b"{" and _is_json_line(head):
        return Form.JSONL
    if _is_bare(head):
        return Form.RAW
    return Form.HEX if _is_hex(head) else None


def looks_like(head: bytes) -> str:
    """Return what a source that is no capture seems to be, in words."""
    if not head:
        return "it is empty"
    for magic, name in _KNOWN:
        if head.startswith(magic):
            return f"it looks like {name}"
    if head[257:262] == b"ustar":
        return "it looks like a tar archive"
    if not head.strip(b"\0"):
        return "it begins with zeros"
    try:
        text = head[:256].decode(errors="strict")
    except UnicodeDecodeError as error:
        text = head[: error.start].decode() if error.start > 250 else ""
    if text and text.isprintable() | ("\n" in text):
        first = text.strip().splitlines()[0] if text.strip() else ""
        return f"it looks like text, beginning {first[:40]!r}"
    return f"it begins with octets nothing known begins with ({head[:8].hex(' ')})"


def settled(head: bytes) -> bool:
    """Return whether *head* will do for ``sniff``: a line is whole, or there are no lines."""
    return b"\n" in head.lstrip() or not _BEGUN.match(head)


def _is_json_line(head: bytes) -> bool:
    line = head.partition(b"\n")[0]
    return any(member in line for member in _MEMBERS)


def _is_bare(head: bytes) -> bool:
    start = 0
    while len(head) - start > 4 and head[start : start + 2] == EMPTY_FRAME:
        start += 2
    head = head[start:]
    size = int.from_bytes(head[:2], "big")
    whole = head[2 : 2 + size]
    return looks_framed(head) and (len(whole) < size or whole.rstrip()[-1:] == b"}")


def _is_hex(head: bytes) -> bool:
    lines = [line for line in head.splitlines()[:8] if line.strip()][:-1] or head.splitlines()[:1]
    return bool(lines) and all(line.strip() == b"*" or _HEX.match(line) for line in lines)
