"""Where frames begin again is found as by looking everywhere each time, but quickly."""

from hypothesis import example, given
from hypothesis import strategies as st

from chatctl.capture.items import search
from chatctl.capture.items.search import MAX_SEARCHED, Search
from chatctl.wire import codec

FRAME = b'\0\x08{"a":12}'
SCRAPS = st.sampled_from(
    [
        *(FRAME, b"\0\x02{}", b'\0\x05{"a"', b"{", b"}", b"\0", b"\0\x03[1]", b"\0\x02{ ", b"\x40"),
        *(b'\0\x0a{"a":{}}x}', b"\0\x04{{}}", b'\0\x0c{"\0\x04{}":1}', b'\0\x07{ "a":}'),
    ]
)


def naive(data, *, final=False):
    """Return the first place where two frames begin, by trying all."""
    for start in range(len(data) - 2):
        end = frame_end(data, start)
        if end == len(data) and (final or start == 0):
            return start
        if end > 0 and end != len(data) and frame_end(data, end) > 0:
            return start
    return -1


def frame_end(data, start):
    size = int.from_bytes(data[start : start + 2], "big")
    end = start + 2 + size
    whole = data[start + 2 : end]
    if start + 2 > len(data) or size < 2 or end > len(data) or whole[:1] != b"{":
        return -1
    return end if codec.is_object(whole) else -1


@given(st.lists(SCRAPS, max_size=12).map(b"".join), st.lists(st.integers(1, 9), min_size=1))
@example(FRAME, [4])
@example(b'\0\x0a{"a":{}}x}' + FRAME * 2, [3, 20])
def test_the_place_is_the_one_that_is_found_by_trying_all(data, sizes):
    found, start = Search(), 0
    step = 0
    while start < len(data):
        size = sizes[step % len(sizes)]
        place = found.feed(data[start : start + size])
        start, step = start + size, step + 1
        assert place == naive(data[:start])
        if place >= 0:
            return
    assert found.finish() == naive(data, final=True)


def test_what_is_given_up_is_counted(monkeypatch):
    monkeypatch.setattr(search, "MAX_SEARCHED", 100)
    found = Search()
    for _ in range(10):
        assert found.feed(b'\x01\x40{"aaaaaaaaaa') < 0
        assert len(found.octets) <= 100
    place = found.feed(FRAME * 2)

    assert bytes(found.octets[place:]) == FRAME * 2
    assert found.given_up + place == 140


def test_no_octet_is_judged_often(monkeypatch):
    judged = []
    end_of = Search._end
    monkeypatch.setattr(Search, "_end", lambda self, at: judged.append(at) or end_of(self, at))
    found = Search()
    for _ in range(MAX_SEARCHED // 4):
        found.feed(b'\x10\0{"}'[:4])

    assert len(judged) <= MAX_SEARCHED
