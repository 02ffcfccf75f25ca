"""Pages of a room's history as rows: before what is there, or behind it where people asked."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from chatctl.session.client.events import Page, Said, TopicIs
from chatctl.tui.screen.room import Room
from chatctl.tui.screen.rows import Row, RowMaker
from chatctl.view.counts import count_of

RowsOf = Callable[[Said | TopicIs], list[Row]]


def rows_of(entry: Said | TopicIs, *, make: RowMaker, ignores: Callable[[Said], bool]) -> list[Row]:
    """Return the rows of *entry*: nobody is called by it, nor does it wait for a receipt."""
    if isinstance(entry, Said):
        row = make.said(entry)
        return [replace(row, key="", state="", mention=False, hidden=ignores(entry))]
    return make.of(entry, entry.time)


def put_before(room: Room, page: Page, rows: RowsOf) -> None:
    """Put what *page* holds before the rows of *room*, apart from what is there."""
    oldest = room.rows.oldest()
    older = [e for e in page.entries if not (0 < oldest <= e.seq or room.has(e.id))]
    room.asked = ""
    room.given = room.given or {(entry.seq, entry.time) for entry in page.entries}
    room.exhausted = room.whole = not page.more
    room.rows.prepend([row for entry in older for row in rows(entry)])


def recalled(page: Page, rows: RowsOf, make: RowMaker) -> Iterator[Row]:
    """Yield what *page* holds once more, between two lines, or it would pass for new words."""
    shown = [row for entry in page.entries for row in rows(entry) if not row.hidden]
    if not shown:
        yield make.rule("no history")
        return
    yield make.rule(f"history: {count_of(len(shown), 'message')}")
    yield from (replace(row, seq=0) for row in shown)
    yield make.rule("end of the history")
