"""Seats: sessions that outlive their connection, the tokens that prove them, the ids they used.

A token is the session's id and a keyed hash of it, so a server that kept its key over a restart
knows the sessions it gave out before, without having written one down. docs/protocol.md, "Resume".
"""

import hmac
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from chatctl.session.entries import Entry
from chatctl.session.limits import Limits

HASH = "sha256"
PROOF_LENGTH = 32


@dataclass(slots=True, eq=False)
class Seat:
    """One session.

    Attributes:
        session: its id.
        nick: the nick it holds, or held last.
        conn: its connection; 0 while it has none.
        lost: when the connection was lost.
        partners: the direct conversations it is in: nick in comparable form to the log's key.
        missed_from: of each log it was reading when the link was lost, the last seq at that time.
        ids: when each id it used was used, and the seq it got (0: not yet), oldest first.
    """

    session: str
    nick: str = ""
    conn: int = 0
    lost: float = 0.0
    partners: dict[str, str] = field(default_factory=dict)
    missed_from: dict[str, int] = field(default_factory=dict)
    ids: OrderedDict[str, "Use"] = field(default_factory=OrderedDict)


@dataclass(slots=True)
class Use:
    """One use of an id: when, and the message it became (None while that waits for its log)."""

    at: float
    entry: Entry | None = None


class Seats:
    """All sessions that are connected or may come back."""

    def __init__(self, secret: bytes, new_id: Callable[[], str], limits: Limits) -> None:
        self._secret = secret
        self._new_id = new_id
        self._limits = limits
        self._seats: dict[str, Seat] = {}

    def __len__(self) -> int:
        return len(self._seats)

    def get(self, session: str) -> Seat | None:
        """Return the seat of *session*, if it is known."""
        return self._seats.get(session)

    def new(self) -> Seat:
        """Return a seat with an id of its own."""
        return self._keep(Seat(self._new_id()))

    def restore(self, session: str) -> Seat:
        """Return the seat of *session*, known from the log of before a restart."""
        return self._seats.get(session) or self._keep(Seat(session))

    def by_token(self, token: str) -> Seat | None:
        """Return the seat *token* proves, made anew if it was given out before a restart."""
        session, _, proof = token.partition(".")
        if not hmac.compare_digest(proof.encode(), self._proof(session).encode()):
            return None
        return self.restore(session)

    def token(self, seat: Seat) -> str:
        """Return the secret that proves *seat*."""
        return f"{seat.session}.{self._proof(seat.session)}"

    def forget(self, seat: Seat) -> None:
        """Let go of *seat*: it said goodbye."""
        self._seats.pop(seat.session, None)

    def expired(self, now: float) -> list[Seat]:
        """Forget, and return, the seats nobody came back for within the resume window."""
        gone = [
            seat
            for seat in self._seats.values()
            if not seat.conn and now - seat.lost > self._limits.resume_window
        ]
        for seat in gone:
            self.forget(seat)
        return gone

    def used(self, seat: Seat, request: str, now: float) -> Use | None:
        """Return the earlier use of *request* within the dedup window; note this one if none."""
        ids = seat.ids
        while ids and (
            now - next(iter(ids.values())).at > self._limits.dedup_window
            or len(ids) >= self._limits.dedup_ids
        ):
            ids.popitem(last=False)
        use = ids.get(request)
        if use is None:
            ids[request] = Use(now)
        return use

    def _keep(self, seat: Seat) -> Seat:
        self._seats[seat.session] = seat
        return seat

    def _proof(self, session: str) -> str:
        return hmac.new(self._secret, session.encode(), HASH).hexdigest()[:PROOF_LENGTH]
