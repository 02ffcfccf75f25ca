"""What is known of one room, and of the link: the two things that conversations are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatctl.session.client.events import (
    Delivery,
    Event,
    Joined,
    Lag,
    Left,
    LinkLost,
    MalformedPacket,
    Negotiated,
    Receipt,
    Reconnecting,
    Said,
    UnknownPacket,
)
from chatctl.tui.screen.people import People
from chatctl.tui.screen.rows import Row, judged
from chatctl.tui.screen.scrollback import Scrollback

MOMENT = 1.0
"""Seconds for which nobody worries about words that are on their way."""


@dataclass(slots=True)
class Room:
    """One room, or the direct messages with one nick (``@nick``).

    Attributes:
        name: the key that events call ``room``.
        draft: what was begun to be written here, while another room is looked at.
        unread: how many words came that nobody has looked at; ``mentions`` of them name us.
        seen_to: the number of the row before which the line "3 unread" stands; None for nowhere.
        fresh: how many words were unread when somebody looked last and there were any.
        failed: the keys of words of ours that did not arrive.
        loaded: whether its newest words were asked for.
        exhausted: whether the server has nothing older than what is here.
        whole: whether its oldest row here is where the room's log begins.
        asked: the id of the question for older words that is under way.
        given: seq and time of what its newest page held: some of it may be on its way as well.
    """

    name: str
    rows: Scrollback = field(default_factory=Scrollback)
    people: People = field(default_factory=People)
    topic: str = ""
    joined: bool = True
    draft: str = ""
    unread: int = 0
    mentions: int = 0
    seen_to: int | None = None
    fresh: int = 0
    failed: set[str] = field(default_factory=set)
    loaded: bool = False
    exhausted: bool = False
    whole: bool = False
    asked: str = ""
    given: set[tuple[int, int]] = field(default_factory=set)

    @property
    def direct(self) -> bool:
        """Whether this is the talk with one nick."""
        return self.name.startswith("@")

    @property
    def left(self) -> bool:
        """Whether this is a room that we are no longer in."""
        return not (self.joined or self.direct)

    @property
    def below_the_line(self) -> int:
        """How many words came below the line "3 unread" while nobody looked."""
        return self.unread or self.fresh

    def seen(self) -> None:
        """Note that somebody looks: nothing is unread."""
        self.fresh = self.below_the_line
        self.unread = self.mentions = 0

    def has(self, key: str) -> bool:
        """Say whether words of ours that wait for their receipt are called *key*."""
        return bool(key) and self.rows.find_key(key) is not None

    def row(self, key: str) -> Row | None:
        """Return the row of the words of ours that are called *key*, if they are here."""
        number = self.rows.find_key(key)
        return None if number is None else self.rows[number]

    def settle(self, receipt: Receipt) -> bool:
        """Show by words of ours what became of them; False where they are not here."""
        number = self.rows.find_key(receipt.id)
        if number is None:
            return False
        self.rows.replace(number, judged(self.rows[number], receipt))
        self.failed.discard(receipt.id)
        if receipt.state is Delivery.FAILED:
            self.failed.add(receipt.id)
        if receipt.state is Delivery.CONFIRMED:
            self.rows.settled(receipt.id)
        return True

    def lost_oldest(self) -> None:
        """Note that the oldest rows had to go for a new one."""
        self.exhausted = self.whole = False
        self.failed = {key for key in self.failed if self.has(key)}

    def clear(self) -> None:
        """Let all rows go; the server may still have them."""
        self.rows.clear()
        self.failed.clear()
        self.seen_to = None
        self.exhausted = self.whole = False


@dataclass(slots=True)
class Link:
    """The state of the connection, as the status line tells it.

    Attributes:
        word: connecting, connected, reconnecting or offline.
        retry_at: when the next try is due, by the clock of ``Conversations``; 0 for none.
        attempt: the number of that try.
        lag: seconds of the last ping's way there and back; None if none came back yet.
        silent: whether the server has said nothing yet, not even that we are there.
        ever: whether there was a link at all.
        secure: whether it is TLS; None where it is no link.
    """

    word: str = "connecting"
    retry_at: float = 0.0
    attempt: int = 0
    lag: float | None = None
    extended: bool = False
    server: str = ""
    limits: dict[str, float] = field(default_factory=dict)
    silent: bool = False
    ever: bool = False
    secure: bool | None = None

    def doubts(self, pending: Mapping[str, float], now: float) -> list[str]:
        """Return the ids in *pending*, of words with the time they were said, that may not arrive.

        On a link, those said a moment ago are no matter to worry about.
        """
        linked = self.word == "connected"
        return [key for key, at in pending.items() if not linked or now - at >= MOMENT]

    def heed(self, event: Negotiated | LinkLost | Reconnecting | Lag, now: float) -> bool:
        """Learn of *event*, which happened at *now*; say whether it is news to people."""
        match event:
            case Lag():
                self.lag = event.seconds
                return False
            case Negotiated():
                self.word, self.attempt, self.retry_at = "connected", 0, 0.0
                self.extended, self.server, self.limits = event.extended, event.server, event.limits
                self.silent, self.ever = not event.extended, True
                return True
            case LinkLost(retry_in=None):
                self.word, self.retry_at = "offline", 0.0
                return True
            case LinkLost():
                again = self.word == "reconnecting"
                self.word, self.attempt = "reconnecting", self.attempt + 1
                self.retry_at = now + (event.retry_in or 0.0)
                return not again
            case Reconnecting():
                self.word, self.attempt, self.retry_at = "reconnecting", event.attempt, 0.0
                return False


def is_spoken(event: Event) -> bool:
    """Say whether *event* shows that the server speaks, which a link alone does not."""
    if isinstance(event, Said | Receipt):
        return event.state is Delivery.CONFIRMED
    return isinstance(event, Joined | Left | UnknownPacket | MalformedPacket)
