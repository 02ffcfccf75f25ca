"""A slice far into a long recording says what the same slice of the whole says."""

import random

import pytest

from chatctl.capture.config import Addresses, RecordConfig
from chatctl.capture.converting.edit import sliced
from chatctl.capture.items.dissect import Dissector
from chatctl.capture.moments import parse_span
from chatctl.capture.reading import earlier
from chatctl.capture.reading.earlier import Earlier
from chatctl.capture.reading.reader import read_batches
from chatctl.capture.reading.seek import LONG, open_at
from chatctl.capture.writing.recorder import Recorder
from chatctl.capture.writing.sink import Sink
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction, Hello, NickChange, Welcome

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
START = 1_790_000_000_000_000_000
SECONDS = 30


class Talk:
    """Records half a minute in which people come, change their nicks, go, and come again."""

    def __init__(self, path, addresses):
        self.now = START
        self.nicks: dict[int, str] = {}
        self.rng = random.Random(3)
        self.count = 0
        config = RecordConfig(str(path), addresses=addresses)
        self.recorder = Recorder(Sink(path), config, side="server", clock=lambda: self.now)

    def come(self):
        self.count += 1
        conn, nick = self.count, f"peer{self.count}"
        if any(conn % 8 == other % 8 for other in self.nicks):
            return
        place = "a unix socket" if conn % 4 == 0 else f"127.0.0.1:{50000 + conn % 8}"
        self.recorder.opened(conn, place, "127.0.0.1:3490")
        self.nicks[conn] = nick
        if conn % 3:
            self.recorder.crossed(conn, UP, encode_frame(Hello(nick=nick)))
        else:
            self.recorder.crossed(conn, DOWN, encode_frame(Welcome(v=1, server="s", nick=nick)))

    def change(self, conn):
        change = NickChange(nick=self.nicks[conn], to=f"{self.nicks[conn]}x")
        self.say(change)
        self.nicks[conn] = change.to

    def go(self, conn):
        del self.nicks[conn]
        for direction in Direction:
            self.recorder.closed(conn, direction, "")

    def say(self, packet):
        for conn in self.nicks:
            self.recorder.crossed(conn, DOWN, encode_frame(packet))

    def step(self):
        self.now += 20_000_000
        if len(self.nicks) < 5 or self.rng.random() < 0.1:
            self.come()
        conn = self.rng.choice(list(self.nicks))
        if self.rng.random() < 0.05:
            self.change(conn)
        if self.rng.random() < 0.05 and len(self.nicks) > 2:
            self.go(conn)
        self.say(Chat(nick="bob", message='{"conn":9} "hello" "welcome"' + "y" * 3000))
        self.recorder.flush()


def record(path, addresses):
    talk = Talk(path, addresses)
    while talk.now < START + SECONDS * 10**9:
        talk.step()
    talk.recorder.close()
    assert path.stat().st_size > LONG
    return path


def told(batches):
    """Return what is said of each item; when a silent connection is joined may differ."""
    items = Dissector().dissect(record for batch in batches for record in batch)
    return [
        (item.what, item.record.conn, item.nick, item.payload, item.record.client, item.note)
        for item in items
    ]


@pytest.mark.parametrize("addresses", Addresses)
def test_connections_have_the_numbers_and_nicks_of_the_whole(tmp_path, addresses, monkeypatch):
    monkeypatch.setattr(earlier, "WINDOW", 100_004)
    path = record(tmp_path / "long.pcapng", addresses)
    rng = random.Random(5)
    for _ in range(6):
        begin = rng.randrange(1000, SECONDS * 1000 - 2000)
        span = parse_span(f"{begin}ms..{begin + 1000}ms")

        place = open_at(path, lambda start, span=span: span.within(start)[0])
        known = Earlier(path, place.offset)
        far = told(sliced(known.among(read_batches(place.source)), span, place.begin))

        assert far == told(sliced(read_batches(path), span))
        assert all(nick for what, _, nick, *_ in far if what == "packet")


def test_octets_that_look_like_blocks_are_passed_over(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b'"hello"' + b"\6\0\0\0\x20\0\0\0" * 5000 + b'{"conn":' + b"\6\0\0\0" * 40)

    known = Earlier(path, path.stat().st_size)

    assert list(known.among([])) == []


def test_what_was_looked_through_in_vain_is_not_looked_through_again(tmp_path, monkeypatch):
    looked = []
    around = earlier._block_around

    def counted(data, place, least):
        looked.append(place - least)
        return around(data, place, least)

    monkeypatch.setattr(earlier, "_block_around", counted)
    path = tmp_path / "x"
    path.write_bytes(b'"hello" ' * 5000)

    assert list(Earlier(path, path.stat().st_size).among([])) == []
    assert len(looked) == 5000
    assert max(looked) < 8
