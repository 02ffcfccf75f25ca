"""What sections say of themselves is found in whatever way a capture comes, and as far as it is."""

import gzip

import pytest

from chatctl.capture import pcapng
from chatctl.capture.reading import sources
from chatctl.capture.reading.headers import profiles
from tests.capture.packets import enhanced, section

FOREIGN = section() + enhanced(b"x" * 99, 7)


def ours(comment):
    return pcapng.section_header("chatctl 1.0", comment) + pcapng.interface("chat")


ONE, TWO = ours(b'{"chatctl":1,"redact":["a"]}'), ours(b'{"chatctl":1,"redact":["b"]}')
A, B = {"chatctl": 1, "redact": ["a"]}, {"chatctl": 1, "redact": ["b"]}


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (ONE, [A]),
        (ONE + pcapng.packet(7, b"\x0a\x0d\x0d\x0a" * 9) + TWO, [A, B]),
        (ONE + FOREIGN + TWO, [A, {}, B]),
        (FOREIGN, [{}]),
        (ours(b"no JSON") + ours(b"[]") + TWO, [{}, {}, B]),
        (b'{"dir":"to-server","packet":{}}\n', [{}]),
        (b"", [{}]),
        (ONE + b"\xff" * 16 + TWO * 2, [A]),
        (ONE[:9], []),
    ],
    ids=["one", "two", "another's", "foreign", "nonsense", "lines", "nothing", "damaged", "cut"],
)
@pytest.mark.parametrize("packed", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_section_is_found_up_to_damage(tmp_path, octets, told, packed):
    path = tmp_path / "x.pcapng"
    path.write_bytes(packed(octets))

    assert profiles(path) == told


def test_behind_damage_they_are_found_where_that_is_asked_for(tmp_path):
    path = tmp_path / "x.pcapng"
    path.write_bytes(ONE + b"\xff" * 16 + TWO * 2)

    assert profiles(path, salvage=True) == [A, B, B]


@pytest.mark.parametrize("size", range(1, 9))
def test_a_section_may_begin_anywhere_in_what_is_read_at_a_time(tmp_path, monkeypatch, size):
    monkeypatch.setattr(sources, "CHUNK", len(ONE) + size)
    path = tmp_path / "x.pcapng"
    path.write_bytes(ONE + pcapng.packet(7, b"") + TWO)

    assert profiles(path) == [A, B]
