"""docs/protocol.md against the codec: each of its test vectors, and its tables, hold."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from chatctl.errors import ErrorCode, MalformedPayload
from chatctl.wire import codec
from chatctl.wire.framing import Deframer, frame
from chatctl.wire.packets import Direction, ToClient, ToServer, Unknown

TEXT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
KEYS = {"name", "direction", "packet", "json", "text", "octets", "frame", "error"}


def vectors():
    for block in re.findall(r"^```vector\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE):
        yield dict(line.split(": ", 1) for line in block.splitlines())


def payload_of(vector):
    if "text" in vector:
        text = re.sub(r"\\(.)", lambda m: {"n": "\n", "\\": "\\"}[m[1]], vector["text"])
        return text.encode()
    if "json" in vector:
        return vector["json"].encode()
    if "octets" in vector:
        return bytes.fromhex(vector["octets"])
    return bytes.fromhex(vector["frame"])[2:]


def directions(vector):
    return list(Direction) if vector["direction"] == "both" else [Direction(vector["direction"])]


ALL = list(vectors())
CASES = [
    pytest.param(vector, direction, id=f"{vector['name']}-{direction}")
    for vector in ALL
    for direction in directions(vector)
]
SOUND = [case for case in CASES if "packet" in case.values[0]]
REFUSED = [case for case in CASES if "error" in case.values[0]]
FRAMED = [case for case in CASES if "frame" in case.values[0]]


def test_vectors_are_well_formed():
    names = [vector["name"] for vector in ALL]
    assert len(names) > 60
    assert len(set(names)) == len(names)
    for vector in ALL:
        assert vector.keys() <= KEYS, vector["name"]
        assert ("packet" in vector) != ("error" in vector), vector["name"]


@pytest.mark.parametrize(("vector", "direction"), SOUND)
def test_sound_payload_is_the_packet_named(vector, direction):
    packet = codec.decode(payload_of(vector), direction)

    assert type(packet).__name__ == vector["packet"]
    if "json" in vector:
        assert codec.encode(packet) == vector["json"].encode()


@pytest.mark.parametrize(("vector", "direction"), REFUSED)
def test_refused_payload(vector, direction):
    assert vector["error"] == ErrorCode.MALFORMED
    with pytest.raises(MalformedPayload):
        codec.decode(payload_of(vector), direction)


@pytest.mark.parametrize(("vector", "direction"), FRAMED)
def test_frame_holds_the_payload(vector, direction):
    wire = bytes.fromhex(vector["frame"])

    assert Deframer().feed(wire) == [payload_of(vector)]
    assert frame(payload_of(vector)) == wire


@pytest.mark.parametrize("direction", Direction)
def test_every_packet_has_a_vector_with_every_member(direction):
    union = ToServer if direction is Direction.TO_SERVER else ToClient
    complete = {
        type(packet)
        for case in SOUND
        if case.values[1] is direction
        for packet in [codec.decode(payload_of(case.values[0]), direction)]
        if not isinstance(packet, Unknown) and is_complete(packet)
    }
    composed = {"Hello"}  # a hello that asks for all, and one that resumes: two vectors

    assert {t for t in get_args(union) if t.__name__ not in composed} - complete == set()


def is_complete(packet):
    fields = msgspec.structs.fields(packet)
    return all(getattr(packet, f.name) != f.default for f in fields if not f.required)


def table(section):
    body = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    (found,) = [part for part in body if part.startswith(f"{section}\n")]
    return re.findall(r"^\| `([^`]+)` \|", found, re.MULTILINE)


def test_every_error_code_has_its_row_once():
    assert sorted(table("Errors")) == sorted(ErrorCode)


@pytest.mark.parametrize("direction", Direction)
def test_every_packet_has_its_section_with_its_members(direction):
    union = ToServer if direction is Direction.TO_SERVER else ToClient
    for struct in get_args(union):
        section = section_of(struct.__struct_config__.tag, direction)
        for name in struct.__struct_fields__:
            assert f"`{name}`" in section, (struct.__name__, name)


def section_of(tag, direction):
    end = "server" if direction is Direction.TO_SERVER else "client"
    titles = {tag, f"{tag} (to {end})", "ping and pong" if tag in {"ping", "pong"} else tag}
    (found,) = [
        part
        for part in re.split(r"^### ", TEXT, flags=re.MULTILINE)
        if part.split("\n", 1)[0] in titles
    ]
    if "members as of `chat`" in found or "as for `chat`" in found or "as of `chat`" in found:
        found += section_of("chat", direction)
    return found


def test_links_within_the_page_lead_somewhere():
    titles = re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    targets = set(re.findall(r"\]\(#([^)]+)\)", TEXT))
    assert targets - anchors == set()
