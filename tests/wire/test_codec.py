"""Payloads: hostile JSON is refused with the one documented error, whatever it is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatctl.errors import MalformedPayload, PayloadTooBig
from chatctl.wire import codec
from chatctl.wire.framing import Deframer
from chatctl.wire.packets import (
    BaseExit,
    BaseHello,
    BaseSay,
    Chat,
    Direction,
    Exit,
    Hello,
    Packet,
    Ping,
    Say,
    Unknown,
)

DECODERS = {
    "to server": codec.decode_to_server,
    "to client": codec.decode_to_client,
    "base to server": codec.decode_base_to_server,
}


def chat(message, extra=b""):
    return b'{"type":"chat","nick":"a","message":' + message + extra + b"}"


HOSTILE = {
    "nothing": b"",
    "white space": b" \n",
    "a zero octet": b"\x00",
    "no JSON": b"GET / HTTP/1.1",
    "truncated": b'{"type":"chat","message":"x',
    "trailing octets": chat(b'"x"') + b"x",
    "two objects": chat(b'"x"') * 2,
    "trailing comma": b'{"type":"chat","message":"x",}',
    "comment": chat(b'"x"') + b"//",
    "single quotes": b"{'type':'chat','message':'x'}",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "empty object": b"{}",
    "type is null": b'{"type":null}',
    "type is a list": b'{"type":["chat"]}',
    "30,000 lists deep": b"[" * 30_000,
    "10,000 objects deep": b'{"a":' * 10_000,
    "deep and sound": b'{"type":"x","a":' + b"[" * 9_000 + b"]" * 9_000 + b"}",
    "closing before opening": b'{"type":"x","a":' + b"]" * 100 + b"[" * 100 + b"}",
    "deep behind an escaped quote": chat(b'"\\""', b',"z":' + b"[" * 9_000),
    "NaN": chat(b"NaN"),
    "NaN beside": chat(b'"x"', b',"z":NaN'),
    "NaN in a strange packet": b'{"type":"zzz","z":NaN}',
    "minus infinity beside": chat(b'"x"', b',"z":-Infinity'),
    "leading zero beside": chat(b'"x"', b',"z":01'),
    "number cut short beside": chat(b'"x"', b',"z":1.'),
    "lone high surrogate": chat(b'"\\ud800"'),
    "lone high surrogate and text": chat(b'"\\ud800 and more text"'),
    "lone low surrogate": chat(b'"\\udc00"'),
    "two high surrogates": chat(b'"\\ud83d\\ud83d"'),
    "surrogate and letter": chat(b'"\\ud83d\\u0041 and more"'),
    "lone surrogate beside": chat(b'"x"', b',"z":"\\ud800"'),
    "lone surrogate in a name": chat(b'"x"', b',"\\ud800":1'),
    "lone surrogate in a strange packet": b'{"type":"zzz","z":"\\ud800"}',
    "surrogate as UTF-8": chat(b'"\xed\xa0\x80"'),
    "not UTF-8": chat(b'"\xff"'),
    "not UTF-8 beside": chat(b'"x"', b',"z":"\xff"'),
    "not UTF-8 in a name": chat(b'"x"', b',"\xff":1'),
    "not UTF-8 in a strange packet": b'{"type":"zzz","z":"\xff"}',
    "overlong": chat(b'"\xc0\xaf"'),
    "above U+10FFFF": chat(b'"\xf4\x90\x80\x80"'),
    "byte order mark": b"\xef\xbb\xbf" + chat(b'"x"'),
    "UTF-16": chat(b'"x"').decode().encode("utf-16"),
    "UTF-16 without a mark": chat(b'"x"').decode().encode("utf-16-le"),
    "UTF-32": chat(b'"x"').decode().encode("utf-32-be"),
    "no-break space": '{"type":"chat",\u00a0"message":"x"}'.encode(),
    "form feed": b'{"type":"chat",\x0c"message":"x"}',
    "raw line feed": chat(b'"a\nb"'),
    "raw zero": chat(b'"a\x00b"'),
    "raw line feed beside": chat(b'"x"', b',"z":"\n"'),
    "bad escape": chat(b'"\\q"'),
    "bad escape beside": chat(b'"x"', b',"z":"\\q"'),
    "true for a text": chat(b"true"),
    "number for a text": chat(b"1"),
    "null for a text": chat(b"null"),
    "list for a text": chat(b'["x"]'),
}


@pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS)
@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
def test_hostile_payload_is_malformed(payload, decoder):
    with pytest.raises(MalformedPayload):
        decoder(payload)


@pytest.mark.parametrize(
    "members",
    [
        b'"v":1.5',
        b'"v":true',
        b'"v":"1"',
        b'"v":-1',
        b'"v":9007199254740992',
        b'"v":' + b"9" * 5_000,
        b'"v":1e999',
        b'"caps":"rooms"',
        b'"caps":[1]',
        b'"caps":["\\ud800"]',
        b'"resume":5',
        b'"resume":{}',
        b'"resume":{"token":"t","rooms":{"lobby":-1}}',
        b'"resume":{"token":"t","rooms":{"lobby":' + b"9" * 30 + b"}}",
        b'"resume":{"token":"t","rooms":["lobby"]}',
    ],
)
def test_extended_hello_is_checked_and_base_hello_is_not(members):
    payload = b'{"type":"hello","nick":"a",' + members + b"}"

    with pytest.raises(MalformedPayload):
        codec.decode_to_server(payload)
    if b"\\ud800" not in members:
        assert codec.decode_base_to_server(payload) == BaseHello("a")


SAME = [
    # what differs in the spelling and not in the meaning
    b'{"type":"chat","message":"hi"}',
    b'{"message":"hi","type":"chat"}',
    b' {\t"type" :\r\n"chat" , "message":"hi" } ',
    b'{"type":"chat","message":"\\u0068\\u0069"}',
    b'{"\\u0074ype":"ch\\u0061t","m\\u0065ssage":"hi"}',
    b'{"type":"chat","nick":"root","message":"hi"}',
    b'{"type":"chat","nick":[],"message":"hi"}',
    b'{"type":"chat","message":"bye","message":"hi"}',
    b'{"type":"chat","message":"hi","z":1e999}',
    b'{"type":"chat","message":"hi","z":' + b"9" * 5_000 + b"}",
    b'{"type":"chat","message":"hi","z":[[[[[[[]]]]]]]}',
    b'{"type":"chat","message":"hi","z":"' + b"[{" * 50 + b'"}',
    b'{"type":"chat","message":"hi","z":"\\"' + b"[{" * 50 + b'"}',
]


@pytest.mark.parametrize("payload", SAME)
def test_spelling_does_not_matter(payload):
    assert codec.decode_to_server(payload) == Say("hi")
    assert codec.decode_base_to_server(payload) == BaseSay("hi")


@pytest.mark.parametrize(
    "message", ["", "\x00", "\x7f\x1b[2J", "\ufeff", "\uffff", "😀", "\u202e", "a" * 4096, '"\\/\b']
)
def test_any_text_survives(message):
    packet = Chat("a", message)
    assert codec.decode_to_client(codec.encode(packet)) == packet


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"type":"zzz"}', Unknown("zzz")),
        (b'{"type":""}', Unknown("")),
        (b'{"type":"zzz","id":"7"}', Unknown("zzz", "7")),
        (b'{"type":"zzz","id":7}', Unknown("zzz")),
        (b'{"type":"zzz","z":1e999}', Unknown("zzz")),
        (b'{"type":"zzz","z":' + b"9" * 5_000 + b"}", Unknown("zzz")),
        (b'{"type":"welcome","v":"?"}', Unknown("welcome")),
    ],
)
def test_strange_types_are_unknown_to_the_server(payload, expected):
    assert codec.decode_to_server(payload) == expected
    assert codec.decode_base_to_server(payload) == expected


@pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS)
@pytest.mark.parametrize(
    "types", [("chat", "ping"), ("ping", "chat"), ("zzz", "chat"), ("chat", "zzz"), ("a", "b")]
)
def test_two_types_are_never_a_known_packet(types, decoder):
    payload = b'{"type":"%s","nick":"a","message":"x","type":"%s"}'
    try:
        packet = decoder(payload % tuple(map(str.encode, types)))
    except MalformedPayload:
        return
    assert isinstance(packet, Unknown)


def test_base_eyes_see_the_extension_as_unknown():
    assert codec.decode_base_to_server(b'{"type":"ping","id":"1"}') == Unknown("ping", "1")
    assert codec.decode_base_to_server(b'{"type":"leave","nick":1}') == BaseExit()
    assert codec.decode_to_server(b'{"type":"leave","nick":1}') == Exit()


def test_direction_decides():
    payload = b'{"type":"chat","nick":"a","message":"x"}'
    assert codec.decode(payload, Direction.TO_SERVER) == Say("x")
    assert codec.decode(payload, Direction.TO_CLIENT) == Chat("a", "x")


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"[" * 10, "nested deeper than 8"),
        (chat(b'"\xff"'), "not UTF-8 at octet 37"),
        (b'{"type":"zzz","z":"\\ud800\\u0041"}', "surrogate"),
        (b'{"type":"zzz","z":"\\ud800"}', "a lone surrogate"),
        (chat(b'"\\\\\\uD8ab."'), "a lone surrogate"),
        (b'{"type":"zzz","z":"\\\\ud800"', "truncated"),
        (b'{"type":"zzz","z":"\\ud83d\\ude00"', "truncated"),
        (b'{"type":"chat","nick":"a","message":1}', "Expected `str`, got `int` - at `$.message`"),
    ],
)
def test_the_error_names_the_fault(payload, said):
    with pytest.raises(MalformedPayload) as caught:
        codec.decode_to_client(payload)
    assert said in str(caught.value)


def test_text_that_is_not_unicode_is_refused_before_it_is_sent():
    with pytest.raises(MalformedPayload, match="surrogates"):
        codec.encode(Say("\ud800"))
    with pytest.raises(MalformedPayload, match="surrogates"):
        codec.write_json({"x": "\ud800"})


def test_frame_of_a_packet():
    assert codec.encode_frame(Ping()) == b'\x00\x0f{"type":"ping"}'
    with pytest.raises(PayloadTooBig):
        codec.encode_frame(Say("x" * 65_536))


@pytest.mark.parametrize("text", [b"{", b"\xff", b'"\\ud800"', b"NaN", b"[" * 9, b'"\xc0\x80"'])
def test_read_json_is_as_strict(text):
    with pytest.raises(MalformedPayload):
        codec.read_json(text)


@pytest.mark.parametrize("text", [b"null", b"1.5", b'{"a":[1,"x"]}', b'"x"', b"[[[[[[[[]]]]]]]]"])
def test_json_round_trip(text):
    assert codec.write_json(codec.read_json(text)) == text


@given(st.binary(max_size=200))
@example(b'{"type":"chat","message":"\\ud800"}')
def test_any_octets_give_a_packet_or_the_one_error(payload):
    for decoder in DECODERS.values():
        try:
            packet = decoder(payload)
        except MalformedPayload:
            continue
        assert isinstance(packet, Packet | Unknown)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
MEMBERS = sorted({name for s in codec.ToServer.__args__ for name in s.__struct_fields__})


@given(
    st.sampled_from(sorted(codec.TO_SERVER_TYPES | {"welcome", "zzz"})),
    st.dictionaries(st.sampled_from(MEMBERS), JSON | st.text(max_size=5)),
)
def test_members_of_any_type_give_a_packet_or_the_one_error(kind, members):
    payload = codec.write_json({"type": kind, **members})
    for decoder in DECODERS.values():
        try:
            packet = decoder(payload)
        except MalformedPayload:
            continue
        if not isinstance(packet, Unknown):
            assert codec.encode(packet)


@given(st.binary(max_size=60), st.integers(0, 59))
def test_a_flipped_octet_gives_a_packet_or_the_one_error(noise, place):
    payload = bytearray(codec.encode(Hello("alice", 1, ("rooms", "dm"))))
    payload[place : place + len(noise)] = noise
    for decoder in DECODERS.values():
        try:
            decoder(bytes(payload))
        except MalformedPayload:
            continue


EACH = {
    codec.decode_each_to_server: codec.decode_to_server,
    codec.decode_each_base_to_server: codec.decode_base_to_server,
}
SOUND = {
    "a chat": chat(b'"x"'),
    "a leave": b'{"type":"leave"}',
    "not ASCII": chat('"ü"'.encode()),
    "a strange type": b'{"type":"zzz","id":"7"}',
    "brackets in words": chat(b'"[[[[{{{{]]]]"'),
    "eight deep": chat(b'"x"', b',"z":[[[[[[[]]]]]]]'),
    "nine deep": chat(b'"x"', b',"z":[[[[[[[[]]]]]]]]'),
}


def told(decode, payload):
    try:
        return decode(payload)
    except MalformedPayload as error:
        return str(error)


@pytest.mark.parametrize("decode_each", EACH, ids=["to server", "base to server"])
@given(st.lists(st.sampled_from([*SOUND.values(), *HOSTILE.values()]) | st.binary(), max_size=6))
@example([SOUND["nine deep"], b"1", b"1"])
@example([chat(b'"x"', b',"z":"\xc3'), b'\xbc"}'])
def test_payloads_together_are_decoded_as_each_alone(decode_each, payloads):
    packets = [str(p) if isinstance(p, MalformedPayload) else p for p in decode_each(payloads)]

    assert packets == [told(EACH[decode_each], payload) for payload in payloads]


def test_a_single_bad_payload_leaves_the_others_as_they_are():
    payloads = [SOUND["a chat"], b"{", SOUND["a leave"]]

    first, fault, last = codec.decode_each_base_to_server(payloads)

    assert (first, last) == (BaseSay("x"), BaseExit())
    assert isinstance(fault, MalformedPayload)


@given(st.lists(st.builds(Chat, st.text(), st.text()), max_size=5), st.integers(1, 9))
def test_packets_survive_the_wire_in_any_pieces(packets, size):
    wire = b"".join(map(codec.encode_frame, packets))
    deframer = Deframer()
    chunks = [wire[i : i + size] for i in range(0, len(wire), size)]
    payloads = [p for chunk in chunks for p in deframer.feed(chunk)]

    assert [codec.decode_to_client(p) for p in payloads] == packets


def is_object(text):
    try:
        return isinstance(codec.read_json(text), dict)
    except MalformedPayload:
        return False


TEXTS = [*SOUND.values(), *HOSTILE.values(), b"{}", b'{"a":1e999}', b'{"\xee', b"[1]", b'{"a":1}x']


@given(st.sampled_from(TEXTS) | st.binary(), st.binary(max_size=2))
@example(b'{"a":"\\ud800"}', b"")
@example(b'{"a":{"b":NaN}}', b"")
def test_what_is_an_object_is_told_as_by_reading_it(text, more):
    assert codec.is_object(text + more) is is_object(text + more)
