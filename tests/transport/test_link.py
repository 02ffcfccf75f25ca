"""A link: what asyncio's transports report, and when it is read from."""

import asyncio

import pytest

from chatctl.transport.link import Link


class Socket(asyncio.Transport):
    """A transport of which a test says how much it still has to write."""

    def __init__(self) -> None:
        super().__init__()
        self.unwritten = 0
        self.reading = True

    def set_write_buffer_limits(self, high=None, low=None) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return self.unwritten

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Owner:
    def link_opened(self, link: Link) -> None:
        pass

    def __init__(self) -> None:
        self.ends = 0

    def link_ended(self, link: Link) -> None:
        self.ends += 1

    def link_blocked(self, link: Link) -> None:
        pass

    def link_drained(self, link: Link) -> None:
        link.hold(link.held)


@pytest.fixture
def owner():
    return Owner()


@pytest.fixture
def link(owner):
    link = Link(owner, 1)
    link.connection_made(Socket())
    return link


def test_what_is_let_go_is_read_from_again(link):
    link.hold(True)
    assert not link.transport.reading
    link.hold(False)
    assert link.transport.reading


def test_what_is_let_go_while_blocked_is_read_from_when_it_has_drained(link):
    link.transport.unwritten = 100_000
    link.pause_writing()
    link.hold(True)
    link.hold(False)
    assert not link.transport.reading
    link.transport.unwritten = 0
    link.resume_writing()
    assert link.transport.reading


def test_a_few_octets_below_the_high_water_mark_do_not_stop_the_reading_for_good(link):
    """With TLS some may wait without asyncio ever saying so, and so without an end to it."""
    link.transport.unwritten = 100
    link.hold(True)
    link.hold(False)
    assert link.transport.reading


@pytest.mark.parametrize("over_tls", [False, True])
def test_the_end_of_the_peers_side_is_told_once_and_leaves_ours_open_if_it_can(
    link, owner, over_tls
):
    link.transport.get_extra_info = lambda name: over_tls or None
    assert [link.eof_received(), link.eof_received()] == [not over_tls] * 2
    assert owner.ends == 1
