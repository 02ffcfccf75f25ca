"""Our own words on their way: what is pending, what confirms it, when it has failed.

On an extended link words carry an id and their copy confirms them by it. On a base link the copy
has nothing but nick and text, so the oldest words of the same text are the ones it confirms.
"""

from collections.abc import Iterator

from msgspec import Struct

from chatctl.session.client.events import Delivery, Saying

SILENT_AFTER = 2
"""So many words left unechoed by a base server, and no more waiting for its echo."""
KEPT_CONFIRMED = 1024
"""Ids of confirmed words remembered: a server may send a second copy after a new link."""
KEPT_UNECHOED = 256
"""Words sent to a base server that did not echo them, kept in case it does so late."""


class Outgoing(Struct):
    """Words of ours that no server has confirmed yet.

    Attributes:
        room: a room, or ``@nick``.
        sent_at: when it was written on the link there is now; None if it was not.
        tried: whether it was ever written on any link.
        named: whether it was sent with its id, so that sending it again is harmless.
    """

    id: str
    text: str
    how: Saying
    room: str
    state: Delivery = Delivery.PENDING
    sent_at: float | None = None
    tried: bool = False
    named: bool = False

    @property
    def base_text(self) -> str:
        """The words as the base protocol can say them."""
        return f"*{self.text}*" if self.how is Saying.ACTION else self.text


class Outbox:
    """Everything of ours that is not confirmed, oldest first.

    Attributes:
        window: how many may be on the link at a time.
        hold_until: nothing is to be sent before; 0 while that holds for nothing.
    """

    __slots__ = ("_confirmed", "_items", "_progress", "_unechoed", "hold_until", "window")

    def __init__(self, window: int) -> None:
        self._items: dict[str, Outgoing] = {}
        self._confirmed: dict[str, None] = {}
        self._progress = 0.0
        self._unechoed = 0
        self.window = window
        self.hold_until = 0.0

    def __contains__(self, key: str) -> bool:
        return key in self._items

    def add(self, item: Outgoing) -> None:
        """Take charge of *item*."""
        self._items[item.id] = item

    def get(self, key: str) -> Outgoing | None:
        """Return what is not confirmed under *key*, if anything."""
        return self._items.get(key)

    @property
    def pending(self) -> int:
        """How many words may still be confirmed or fail by themselves."""
        return sum(1 for _ in self._pending())

    def waiting(self) -> list[Outgoing]:
        """Return the words that may still be confirmed or fail by themselves, oldest first."""
        return list(self._pending())

    def rooms(self) -> set[str]:
        """Return where words are pending that were tried on an earlier link."""
        return {item.room for item in self._pending() if item.tried and item.sent_at is None}

    def to_send(self, now: float) -> list[Outgoing]:
        """Return what may be written now, oldest first."""
        if now < self.hold_until:
            return []
        self.hold_until = 0.0
        flying = sum(1 for item in self._pending() if item.sent_at is not None)
        waiting = [item for item in self._pending() if item.sent_at is None]
        return waiting[: max(0, self.window - flying)]

    def sent(self, item: Outgoing, now: float, *, named: bool) -> None:
        """Note that *item* is on the link now."""
        item.sent_at, item.tried, item.named = now, True, named

    def find_text(self, text: str) -> Outgoing | None:
        """Return the oldest words that a base server's copy of *text* confirms, if any."""
        wanted = text.strip()
        for item in self._items.values():
            if item.tried and not item.named and item.base_text.strip() == wanted:
                return item
        return None

    def confirm(self, item: Outgoing, now: float) -> None:
        """Note that *item* has arrived, and forget it."""
        self._progress = now
        self._unechoed = 0 if not item.named else self._unechoed
        item.state = Delivery.CONFIRMED
        del self._items[item.id]
        self._confirmed[item.id] = None
        if len(self._confirmed) > KEPT_CONFIRMED:
            del self._confirmed[next(iter(self._confirmed))]

    def was_ours(self, key: str) -> bool:
        """Say whether words under *key* were confirmed, so that another copy is no news."""
        return key in self._confirmed

    def hold(self, item: Outgoing, until: float) -> None:
        """Send *item* again, but nothing before *until*; less at a time from now on."""
        item.sent_at = None
        self.hold_until = max(self.hold_until, until)
        self.window = max(1, self.window // 2)

    def fail(self, item: Outgoing) -> None:
        """Give *item* up, unless somebody retries it."""
        item.state = Delivery.FAILED

    def retry(self, item: Outgoing) -> None:
        """Make *item* pending again, behind what is pending already."""
        item.state, item.sent_at = Delivery.PENDING, None
        self._items[item.id] = self._items.pop(item.id)

    def settle_unechoed(self, item: Outgoing) -> None:
        """Leave *item* as sent: the base server has had it, and says nothing."""
        item.state = Delivery.SENT
        self._unechoed += 1
        unechoed = [i for i in self._items.values() if i.state is Delivery.SENT]
        for old in unechoed[:-KEPT_UNECHOED]:
            del self._items[old.id]

    def overdue(self, now: float, receipt: float, echo: float) -> list[Outgoing]:
        """Return the pending words whose receipt is due."""
        return [item for item, due in self._dues(receipt, echo) if due <= now]

    def deadline(self, receipt: float, echo: float) -> float | None:
        """Return when something here has to be looked at again."""
        dues = [due for _, due in self._dues(receipt, echo)]
        if self.hold_until:
            dues.append(self.hold_until)
        return min(dues, default=None)

    def link_lost(self) -> list[Outgoing]:
        """Make everything ready to be sent again; return what must not be, as it has no id."""
        unsure = [i for i in self._pending() if i.sent_at is not None and not i.named]
        for item in self._items.values():
            item.sent_at = None
        self.hold_until = 0.0
        return unsure

    def _dues(self, receipt: float, echo: float) -> Iterator[tuple[Outgoing, float]]:
        """Yield what is on the link and when its receipt is due: so long after the last one."""
        for item in self._pending():
            if item.sent_at is not None:
                silent = self._unechoed >= SILENT_AFTER
                patience = receipt if item.named else 0.0 if silent else echo
                yield item, max(item.sent_at, self._progress) + patience

    def _pending(self) -> Iterator[Outgoing]:
        return (item for item in self._items.values() if item.state is Delivery.PENDING)
