"""What comes in the smallest pieces takes no longer than its octets do, and is read the same.

Nearly each of these took minutes where what was there was copied for every piece that came.
"""

import os

import pytest

from chatctl.capture.reading.blocks import MAX_BLOCK, Blocks
from chatctl.capture.reading.dumps import read_socat
from chatctl.capture.reading.jsonl import MAX_LINE, lines
from chatctl.capture.reading.pcap import MAX_PACKET, read_pcap
from chatctl.capture.reading.sources import Source
from chatctl.errors import CaptureDamaged
from tests.capture.packets import block, enhanced, pcap, section

SMALL = 64
pytestmark = pytest.mark.timeout(20)


def pieces(octets, size=SMALL):
    return Source((octets[at : at + size] for at in range(0, len(octets), size)), "pieces")


def test_a_huge_block():
    octets = section() + block(99, bytes(MAX_BLOCK - 12)) + block(98, b"")

    assert [(kind, len(body)) for kind, body in Blocks(pieces(octets))][2:] == [
        (99, MAX_BLOCK - 12),
        (98, 0),
    ]


def test_a_huge_block_that_is_cut_short():
    octets = section() + block(99, bytes(1000))[:-1]

    with pytest.raises(CaptureDamaged, match="the last block has 1011 octets of 1012"):
        list(Blocks(pieces(octets)))


def test_a_huge_packet_of_pcap():
    octets = pcap([b"", bytes(MAX_PACKET), b"x"])

    sizes = [len(packet.data) for batch in read_pcap(pieces(octets)) for packet in batch]

    assert sizes == [0, MAX_PACKET, 1]


def test_a_long_line():
    octets = b"x" * MAX_LINE + b"\n\nshort\n\nend"

    found = list(lines(pieces(octets, 1)))

    assert [(at, len(line)) for at, line in found] == [
        (0, MAX_LINE), (MAX_LINE + 2, 5), (MAX_LINE + 9, 3),
    ]  # fmt: skip
    assert {type(line) for _, line in found} == {bytes}


def test_damage_that_is_looked_through():
    rng = bytes(range(1, 256)) * 1024
    octets = section() + b"\xff" * 16 + rng + enhanced(b"x", 7) * 2
    blocks = Blocks(pieces(octets), salvage=True)

    assert [kind for kind, _ in blocks][2:] == [6, 6]
    assert blocks.lost == [(len(section()), 16 + len(rng))]


def test_a_chunk_that_socat_tells_of_in_many_lines():
    octets = os.urandom(1 << 20)
    rows = [octets[at : at + 16].hex(" ") for at in range(0, len(octets), 16)]
    text = f"> 2026/11/22 21:13:30.0  length={len(octets)} from=0 to={len(octets) - 1}\n "
    told = (text + "\n ".join(rows) + "\n--\n").encode()

    assert [record.data for record in read_socat(pieces(told, 1 << 16))] == [b"", octets]
