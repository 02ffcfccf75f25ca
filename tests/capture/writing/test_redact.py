"""Secrets are gone whatever the chunks are, and nothing else is changed, not even in length."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.capture.config import Disguise, Redaction
from chatctl.capture.writing.redact import MAX_HELD, Redacted, Redactor

PSEUDONYM = Redactor(Redaction(("token", "nicks")), b"k" * 32)
MASK = Redactor(Redaction(("token", "nicks"), Disguise.MASK), b"")
CASES = {
    "plain": b'\x00\x20{"type":"chat","message":"token"}',
    "value": b'{"v":1,"token":"sesame"}',
    "spaces": b'{ "token" : "sesame" , "x":"y"}',
    "deep": b'{"resume":{"token":"sesame","rooms":{"lobby":3}}}',
    "escapes": b'{"token":"se\\"sa\\\\me"}{"token":"sesame"}',
    "list": b'{"nicks":["sesame","sesame", "sesame"],"more":false}',
    "not a text": b'{"token":12345,"x":"sesam"}',
    "quoted in words": b'{"message":"\\"token\\":\\"sesam\\""}',
    "broken": b'{"token":"sesame\x00\x05{"a":1}',
    "long": b'{"token":"' + b"sesame" * 600 + b'"}' + b'{"token":"sesame"}',
    "many": b'{"token":"sesame"}' * 20,
}


def through(redactor: Redactor, chunks: list[bytes]) -> bytes:
    stream = Redacted(redactor)
    return b"".join(map(stream.feed, chunks)) + stream.rest()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("redactor", [MASK, PSEUDONYM], ids=["mask", "pseudonym"])
def test_no_secret_in_any_chunking_and_the_same_length(redactor, name, size):
    data = CASES[name]
    shown = through(redactor, [data[i : i + size] for i in range(0, len(data), size)])

    assert len(shown) == len(data)
    assert b"sesame" not in shown
    kept = re.sub(rb"(sesame)+|se..sa..me", b"", data)
    assert all(octet in shown for octet in kept)


HALVES = {
    "value": (b'{"v":1,"token":"ses', b'ame"}'),
    "name": (b'{"v":1,"tok', b'en":"sesame","x":"sesame"}'),
    "colon": (b'{"v":1,"token":', b'"sesame"}'),
    "list": (b'{"v":1,"nicks":["ses', b'ame","sesame"]}'),
    "all of the name": (b"", b'sesame","sesame"}'),
    "escape": (b'{"token":"ses\\', b'"ame"}'),
    "between": (b'{"token":"sesame"}', b""),
}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("name", HALVES)
def test_no_half_of_a_secret_is_shown_where_octets_are_missing(name, size):
    before, after = HALVES[name]
    stream = Redacted(MASK)
    shown = b"".join(stream.feed(bytes([octet])) for octet in before) + stream.hole()
    behind = after + b'\x00\x41{"type":"chat","token":"sesame"}'
    chunks = [behind[place : place + size] for place in range(0, len(behind), size)]
    shown_behind = b"".join(map(stream.feed, chunks)) + stream.rest()

    assert (len(shown), len(shown_behind)) == (len(before), len(behind))
    assert b"ses" not in shown + shown_behind
    assert b"ame" not in shown + shown_behind
    assert shown_behind.endswith(b'\x00\x41{"type":"chat","token":"******"}')


def test_a_frame_that_begins_behind_a_hole_stays_whatever_its_length():
    for head in (b"\x00\x41", b"AB"):
        stream = Redacted(MASK, midway=True)
        assert stream.feed(head + b'{"type":"chat"}') == head + b'{"type":"chat"}'


def test_equal_values_look_equal_and_others_do_not():
    shown = through(PSEUDONYM, [b'{"token":"aaaa"}{"token":"aaaa"}{"token":"bbbb"}'])
    first, second, third = re.findall(rb'"token":"(\w+)"', shown)

    assert first == second != third


def test_what_was_changed_is_named_and_only_then():
    stream = Redacted(PSEUDONYM)

    stream.feed(b'{"a":"b"}')
    assert stream.changed == ""
    stream.feed(b'{"token":"x"}{"nicks":["y"]}')
    assert stream.changed == "token,nicks"


def test_what_is_held_is_bounded():
    stream = Redacted(PSEUDONYM)
    stream.feed(b'{"token":"')
    for _ in range(5000):
        stream.feed(b"x")

    assert len(stream.held) <= MAX_HELD


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=10))
def test_any_octets_keep_their_number(chunks):
    assert len(through(PSEUDONYM, chunks)) == sum(map(len, chunks))
