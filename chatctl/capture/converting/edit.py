"""Small changes to captures on their way: a slice of time, another clock, a mark, a split."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from chatctl.capture.config import parse_nanoseconds
from chatctl.capture.converting.present import Present
from chatctl.capture.items.item import Item, What
from chatctl.capture.moments import Span
from chatctl.capture.record import LATEST, Batch, Kind, Record, RecordRun
from chatctl.errors import UsageError


def parse_shift(text: str) -> int:
    """Return the nanoseconds that *text* shifts by: ``+2s``, ``-150ms``.

    Raises:
        UsageError: it is no duration, or longer than there are times.
    """
    sign = -1 if text.startswith("-") else 1
    shift = parse_nanoseconds(text.lstrip("+-"))
    if shift > LATEST:
        raise UsageError(f"too long to shift by: {text!r}")
    return sign * shift


def parse_mark(text: str) -> tuple[int, str]:
    """Return the number and the words of ``12:bug here``.

    Raises:
        UsageError: it has no number, or words that cannot be written.
    """
    number, colon, words = text.partition(":")
    if not colon or not number.isdecimal():
        raise UsageError(f"not a mark: {text!r} (try '12:look here')")
    try:
        words.encode()
    except UnicodeEncodeError:
        raise UsageError(f"not the words of a mark: {words!r} is no UTF-8") from None
    return int(number), words


class Marks:
    """Marks on their way to be put behind items.

    Attributes:
        left: the words of those whose items have not come, by the items' numbers.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        """Take marks as ``parse_mark`` does; several for an item follow each other.

        Raises:
            UsageError: one of them is none.
        """
        self.left: dict[int, list[str]] = {}
        for number, words in map(parse_mark, texts):
            self.left.setdefault(number, []).append(words)

    def put(self, batches: Iterable[Batch[Item]]) -> Iterator[Batch[Item]]:
        """Yield *batches*, and behind items their marks."""
        for items in batches:
            marked: list[Item] = []
            for item in items:
                marked.append(item)
                marked += (_mark(item, words) for words in self.left.pop(item.number, ()))
            yield marked


def _mark(item: Item, words: str) -> Item:
    record = replace(item.record, kind=Kind.MARK, data=b"", note=words)
    return Item(item.number, What.MARK, record, item.nick, note=words)


def sliced(
    batches: Iterable[Batch[Record]], span: Span, start: int = -1
) -> Iterator[Batch[Record]]:
    """Yield the records of *span*; connections open at its begin are joined there, nicks known.

    *start* is when the capture began, nanoseconds since 1970; by default, with its first record.
    """
    present = Present()
    shown: set[int] = set()
    for batch in filter(None, batches):
        start = next(iter(batch)).at if start < 0 else start
        first, last = span.within(start)
        times = batch.at if isinstance(batch, RecordRun) else [record.at for record in batch]
        if max(times) < first:
            present.see(batch)
        elif first <= min(times) and max(times) <= last and _all_shown(batch, shown):
            yield batch
        else:
            present.see([record for record in batch if record.at < first])
            yield list(_begun(_within(batch, first, last), present, shown))
            if max(times) > last:
                return


def _all_shown(batch: Batch[Record], shown: set[int]) -> bool:
    return isinstance(batch, RecordRun) and shown.issuperset([lane.conn for lane in batch.lanes])


def _within(batch: Batch[Record], first: int, last: float) -> Iterator[Record]:
    for record in batch:
        if record.at > last:
            return
        if record.at >= first:
            yield record


def _begun(records: Iterator[Record], present: Present, shown: set[int]) -> Iterator[Record]:
    """Yield *records*, and before the first of a connection one that opens it."""
    for record in records:
        if record.conn not in shown:
            shown.add(record.conn)
            if record.kind is not Kind.OPEN:
                yield present.joined(record)
        yield record
