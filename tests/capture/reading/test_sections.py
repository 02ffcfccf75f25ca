"""Blocks of a pcapng file say the same whichever way they are read."""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatctl.capture import pcapng
from chatctl.capture.reading import sections
from chatctl.capture.reading.sources import open_source
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import LATEST
from chatctl.errors import CaptureDamaged
from tests.capture.packets import block, enhanced, section


def read(octets):
    batches = sections.read_pcapng(open_source(io.BytesIO(octets)), Findings())
    return [packet for batch in batches for packet in batch]


def test_a_time_offset_may_be_negative():
    options = struct.pack("<HHB3xHHqHH", 9, 1, 0, 14, 8, -5, 0, 0)
    octets = section()[:28] + block(1, struct.pack("<HHI", 101, 0, 0) + options)

    assert [packet.at for packet in read(octets + enhanced(b"x", 7))] == [2_000_000_000]


@pytest.mark.parametrize(
    ("resolution", "offset", "stamp", "at"),
    [(6, 0, 2**64 - 1, LATEST), (9, 2**40, 7, LATEST), (9, -5, 7, 0), (0, 0, 2**40, LATEST)],
)
def test_times_that_no_recording_of_ours_can_hold_are_the_nearest_that_it_can(
    resolution, offset, stamp, at
):
    options = struct.pack("<HHB3xHHqHH", 9, 1, resolution, 14, 8, offset, 0, 0)
    octets = section()[:28] + block(1, struct.pack("<HHI", 101, 0, 0) + options)

    assert [packet.at for packet in read(octets + enhanced(b"x", stamp) * 2)] == [at, at]


def test_a_simple_packet_has_no_more_octets_than_the_snapshot_length():
    octets = section()[:28] + block(1, struct.pack("<HHI", 101, 0, 5))

    [packet] = read(octets + block(3, struct.pack("<I", 1000) + b"abcde"))

    assert packet.data == b"abcde"


def salvaged(octets):
    findings = Findings()
    batches = sections.read_pcapng(open_source(io.BytesIO(octets)), findings, salvage=True)
    return [packet.data for batch in batches for packet in batch], findings.warnings


OURS = pcapng.section_header("chatctl 1.0", b'{"chatctl":1}')
INTERFACE = pcapng.interface("chat")
PACKETS = pcapng.packet(7, b"one", ["look"]) + pcapng.packet(8, b"two")


@pytest.mark.parametrize(
    ("damaged", "warnings"),
    [
        (INTERFACE, []),
        (b"", []),
        (b"\x81" + INTERFACE[1:], ["1 block was whole but made no sense"]),
        (INTERFACE.replace(b"\x65\0", b"\x64\0", 1), ["1 block was whole but made no sense"]),
        (block(99, b"") + block(98, b""), ["2 blocks were whole but made no sense"]),
    ],
    ids=["sound", "gone", "no interface", "another link type", "unknown"],
)
def test_what_all_of_ours_have_in_common_need_not_be_read_to_be_salvaged(damaged, warnings):
    assert salvaged(OURS + damaged + PACKETS) == ([b"one", b"two"], warnings)


def test_what_cannot_be_salvaged_is_counted():
    lost = enhanced(b"one", 7) + enhanced(b"two", 8, interface=3)

    assert salvaged(section()[:28] + lost) == ([], ["2 blocks were whole but made no sense"])


def test_what_was_passed_over_is_told_too_where_the_end_is_damaged():
    findings = Findings()
    octets = OURS + block(99, b"") + PACKETS[:-4]
    with pytest.raises(CaptureDamaged):
        list(sections.read_pcapng(open_source(io.BytesIO(octets)), findings, salvage=True))

    assert findings.warnings == ["1 block was whole but made no sense"]


@pytest.mark.parametrize("orders", ["<>", "><"])
def test_behind_damage_a_section_of_the_other_byte_order_is_found(orders):
    one, two = (
        section(order=order) + enhanced(order.encode(), 7, order=order) * 3 for order in orders
    )

    packets, warnings = salvaged(one[:-10] + two)

    assert packets == [orders[0].encode()] * 2 + [orders[1].encode()] * 3
    assert len(warnings) == 1


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_plain_blocks_are_read_as_others_are(data):

    from tests.capture.packets import block, enhanced, section

    order = data.draw(st.sampled_from("<>"))
    octets = section(order=order, resolution=data.draw(st.sampled_from([9, 6, 3, 0x8A, 12])))
    interfaces = 1
    for stamp in data.draw(st.lists(st.integers(0, 2**64 - 1), max_size=8)):
        kind = data.draw(st.sampled_from(["", "", "", "comment", "cut", "other", "second"]))
        packet = data.draw(st.binary(min_size=1, max_size=9))
        if kind == "other":
            octets += block(99, packet, order=order)
        if kind == "second":
            octets += block(
                1, b"\0\1\0\0\0\0\0\0" if order == ">" else b"\1\0\0\0\0\0\0\0", order=order
            )
            interfaces += 1
        octets += enhanced(
            packet,
            stamp,
            interface=data.draw(st.integers(0, interfaces - 1)),
            order=order,
            kept=1 if kind == "cut" else None,
            comment=b"note" if kind == "comment" else b"",
        )

    quick = read(octets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sections, "_take_plain", lambda *_: None)
        assert read(octets) == quick
