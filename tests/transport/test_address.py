"""Where a server is: every spelling, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatctl.errors import UsageError
from chatctl.transport.address import LOCAL, Address, parse

SPELLINGS = [
    ("chat.example.org", Address("chat.example.org"), "chat.example.org:3490"),
    ("chat.example.org:4000", Address("chat.example.org", 4000), "chat.example.org:4000"),
    ("127.0.0.1:1", Address("127.0.0.1", 1), "127.0.0.1:1"),
    ("[::1]:4000", Address("::1", 4000), "[::1]:4000"),
    ("[::1]", Address("::1"), "[::1]:3490"),
    ("::1", Address("::1"), "[::1]:3490"),
    ("[fe80::1%eth0]:5", Address("fe80::1%eth0", 5), "[fe80::1%eth0]:5"),
    (":65535", Address("127.0.0.1", 65535), "127.0.0.1:65535"),
    (
        "tls://chat.example.org",
        Address("chat.example.org", tls=True),
        "tls://chat.example.org:3490",
    ),
    ("tls://[::1]:7", Address("::1", 7, tls=True), "tls://[::1]:7"),
    ("unix:/run/chat.sock", Address("", 0, path="/run/chat.sock"), "unix:/run/chat.sock"),
]
NONSENSE = [
    *("", ":", "host:", "host:0", "host:65536", "host:-1", "host:1e3", "host:٣", "a b:1", "[::1"),
    *("[::1]4", "[host]:1", "http://host", "host/path", "user@host", "1:2:x:3", "unix:", "tls://"),
    "host:1:2",
]


@pytest.mark.parametrize(("text", "address", "again"), SPELLINGS, ids=[s[0] for s in SPELLINGS])
def test_a_spelling_is_understood_and_spelled_back(text, address, again):
    assert parse(text) == address
    assert str(address) == again
    assert parse(again) == address


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_refused(text):
    with pytest.raises(UsageError):
        parse(text)


def test_any_free_port_can_be_listened_on_only():
    assert parse(":0", listen=True) == Address("127.0.0.1", 0)


def test_loopback_is_told_from_the_rest():
    assert all(parse(text).loopback for text in ["localhost", "127.1.2.3", "::1", "unix:x"])
    assert LOCAL.loopback
    assert not parse("128.0.0.1").loopback


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_a_usage_error(text):
    try:
        address = parse(text, listen=True)
    except UsageError:
        return
    assert parse(str(address), listen=True) == address
