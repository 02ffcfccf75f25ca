"""Packets: every type round-trips with any members, and a base packet holds the guide's alone."""

from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.wire import codec, packets
from chatctl.wire.packets import (
    MAX_WHOLE,
    BaseToServer,
    Chat,
    Hello,
    Join,
    Leave,
    RoomInfo,
    Say,
    SetTopic,
    ToClient,
    ToServer,
)

TEXTS = st.text(max_size=20)
WHOLES = st.integers(0, MAX_WHOLE)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def packets_of(struct):
    fields = {}
    for field in msgspec.structs.fields(struct):
        special = VALUES.get((struct.__name__, field.name))
        fields[field.name] = VALUES[str(field.type)] if special is None else special
    return st.builds(struct, **fields)


VALUES = {
    str(str): TEXTS,
    str(bool): st.booleans(),
    str(packets.Whole): WHOLES,
    str(str | None): st.none() | TEXTS,
    str(float | None): st.none() | NUMBERS,
    str(tuple[str, ...]): st.lists(TEXTS, max_size=3).map(tuple),
    str(dict[str, float]): st.dictionaries(TEXTS, NUMBERS, max_size=3),
    str(dict[str, packets.Whole]): st.dictionaries(TEXTS, WHOLES, max_size=3),
}
VALUES["Hello", "resume"] = st.none() | packets_of(packets.Resume)
VALUES["Rooms", "rooms"] = st.lists(packets_of(RoomInfo), max_size=3).map(tuple)
VALUES["History", "entries"] = st.lists(
    st.one_of(*map(packets_of, [Chat, packets.Action, packets.Direct, packets.Topic])), max_size=3
).map(tuple)


@pytest.mark.parametrize("struct", get_args(ToServer), ids=lambda s: s.__name__)
def test_every_packet_to_the_server_round_trips(struct):
    @given(packets_of(struct))
    def check(packet):
        assert codec.decode_to_server(codec.encode(packet)) == packet

    check()


@pytest.mark.parametrize("struct", get_args(ToClient), ids=lambda s: s.__name__)
def test_every_packet_to_the_client_round_trips(struct):
    @given(packets_of(struct))
    def check(packet):
        assert codec.decode_to_client(codec.encode(packet)) == packet

    check()


@pytest.mark.parametrize(
    ("packet", "payload"),
    [
        (Hello("alice"), b'{"type":"hello","nick":"alice"}'),
        (Say("hi"), b'{"type":"chat","message":"hi"}'),
        (Chat("alice", "hi"), b'{"type":"chat","nick":"alice","message":"hi"}'),
        (Join("alice"), b'{"type":"join","nick":"alice"}'),
        (Leave("alice"), b'{"type":"leave","nick":"alice"}'),
    ],
)
def test_base_packets_hold_the_members_of_the_guide_in_its_order(packet, payload):
    assert codec.encode(packet) == payload


def test_taking_a_topic_away_is_not_asking_for_it():
    assert codec.encode(SetTopic(topic="")) == b'{"type":"topic","topic":""}'
    assert codec.encode(SetTopic()) == b'{"type":"topic"}'


@pytest.mark.parametrize("union", [ToServer, ToClient, BaseToServer])
def test_no_two_packets_of_a_direction_share_a_type(union):
    tags = [struct.__struct_config__.tag for struct in get_args(union)]
    assert len(set(tags)) == len(tags)


def test_packets_are_frozen():
    with pytest.raises(AttributeError):
        Say("hi").message = "bye"


def test_the_door_shows_every_packet():
    everything = {struct.__name__ for union in (ToServer, ToClient) for struct in get_args(union)}
    assert everything <= set(packets.__all__)
    assert all(hasattr(packets, name) for name in packets.__all__)
