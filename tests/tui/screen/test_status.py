"""The line at the bottom: what goes first where there is little room, and what never goes."""

import pytest
from rich.cells import cell_len
from textual.content import Content

from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.room import Link
from chatctl.tui.screen.status import Piece, link_piece, room_pieces, status, worries

NOW = 1000.0


def shown(pieces, width):
    line = status(pieces, width).plain
    assert cell_len(line) == width
    return line


def test_the_dearest_goes_first_and_the_right_end_is_the_right_end():
    pieces = [Piece.of("link"), Piece.of("where", 7), Piece.of("12:00", 8, right=True)]
    assert shown(pieces, 30) == " link  where            12:00 "
    assert shown(pieces, 18) == " link  where      "
    assert shown(pieces, 12) == " link       "
    assert shown(pieces, 3) == " l…"


def test_what_takes_its_place_is_shorter():
    pieces = [Piece.of("link"), Piece(Content("2:ops(1) 3:dev"), 6, Piece.of("2:ops(1)", 3))]
    assert shown(pieces, 22).rstrip() == " link  2:ops(1) 3:dev"
    assert shown(pieces, 21).rstrip() == " link  2:ops(1)"
    assert shown(pieces, 10).rstrip() == " link"


@pytest.mark.parametrize("width", [100, 60, 40, 20, 14])
def test_link_pending_and_failed_are_there_at_any_width(width):
    link = Link("reconnecting", retry_at=NOW + 30, attempt=12)
    pieces = [link_piece(link, NOW), *worries(12, 3), Piece.of("alice@127.0.0.1:3490", 7)]
    line = shown(pieces, width)
    assert "◐" in line
    assert "✗ 3 failed" in line or "✗3" in line
    assert "12 pending" in line or "…12" in line
    assert ("reconnecting in 30 s (try 12)" in line) == (width >= 60)


def test_nothing_to_worry_about_is_not_told():
    assert worries(0, 0) == []


def test_rooms_are_told_by_their_number_those_with_news_longest():
    talk = Conversations("alice", lambda: NOW)
    talk.open("ops").unread = 2
    talk.open("dev")
    talk.open("@bob").failed.add("a")
    (rooms,) = room_pieces(talk)
    assert rooms.content.plain == "2:ops(2) 3:dev 4:@bob✗"
    assert rooms.instead.content.plain == "2:ops(2) 4:@bob✗"
    assert rooms.instead.instead.content.plain == "2 unread"


def test_one_room_is_not_told():
    assert room_pieces(Conversations("alice", lambda: NOW)) == []
