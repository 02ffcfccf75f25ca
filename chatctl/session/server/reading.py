"""Reading a log for one peer: pages of history on request, and catching up after a resume."""

from dataclasses import dataclass

from chatctl.errors import ErrorCode, HistoryError
from chatctl.session.entries import Page, Query
from chatctl.session.names import same_name
from chatctl.session.server.checks import is_member
from chatctl.session.server.house import House
from chatctl.session.server.pages import fitting
from chatctl.session.server.peer import Member, Peer
from chatctl.wire.packets import LOBBY, AskHistory, Error, Gap, History

NOT_KEPT = "the server does not have them any more"


def history(house: House, peer: Peer, packet: AskHistory) -> None:
    """Answer *packet* with a page of a room *peer* is in, or of its direct messages with a nick."""
    name = packet.room or LOBBY
    if not name.startswith("@") and not is_member(house, peer, name, packet.id):
        return
    limit = min(packet.limit or house.limits.page, house.limits.page)
    newest = not packet.after
    query = Query(log_key(peer, name), packet.after, packet.before, limit, newest)

    def answered(page: Page | HistoryError) -> None:
        if isinstance(page, HistoryError):
            house.refuse(peer, Error(ErrorCode.NOT_STORED, str(page), packet.id))
        else:
            house.tell(peer, _fitting(name, page, packet.id, newest=newest))

    house.read(peer, query, answered)


def log_key(peer: Peer, name: str) -> str:
    """Return the log's key for *name*: a room's own, or that of the conversation with ``@nick``."""
    if not name.startswith("@"):
        return name
    return peer.seat.partners.get(same_name(name[1:]), "@") if peer.seat else "@"


def _fitting(name: str, page: Page, request: str, *, newest: bool) -> History:
    """Return the page, cut at the end that can be asked for again so that it fits a frame."""
    entries = reversed(page.entries) if newest else page.entries
    kept = fitting(entry.packet() for entry in entries)
    packets = kept[::-1] if newest else kept
    return History(name, packets, more=page.more or len(kept) < len(page.entries), id=request)


@dataclass(slots=True)
class CatchUp:
    """What one member is still to be given of what it missed.

    Attributes:
        member: whose it is; it reads the live stream when this is done.
        name: the room's name, or ``@nick``, as the member knows it.
        after: the last seq it has.
        before: the seq after the last one it missed.
    """

    member: Member
    name: str
    after: int
    before: int


class Catching:
    """Gives returning members what they missed, a page at a time, as fast as they take it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stopped: dict[int, list[CatchUp]] = {}

    def begin(self, catch_up: CatchUp) -> None:
        """Hold the member of *catch_up* back from the live stream until it has what it missed."""
        if catch_up.after >= catch_up.before - 1:
            return
        catch_up.member.leave_flock()
        catch_up.member.catching_up = True
        self._ask(catch_up)

    def drained(self, peer: Peer) -> None:
        """Go on for *peer*, whose socket takes more now."""
        for catch_up in self._stopped.pop(peer.conn, ()):
            self._ask(catch_up)

    def forget(self, peer: Peer) -> None:
        """Let go of *peer*, which is no longer there."""
        self._stopped.pop(peer.conn, None)

    def _ask(self, catch_up: CatchUp) -> None:
        house, member = self._house, catch_up.member
        if member.peer.blocked:
            self._stopped.setdefault(member.peer.conn, []).append(catch_up)
            return
        query = Query(member.key, catch_up.after, catch_up.before, house.limits.page)
        house.read(member.peer, query, lambda page: self._answered(catch_up, page))

    def _answered(self, catch_up: CatchUp, page: Page | HistoryError) -> None:
        if isinstance(page, HistoryError):
            page = Page((), more=False, reached=catch_up.before - 1)
        peer = catch_up.member.peer
        for entry in page.entries:
            self._skip_to(catch_up, entry.seq)
            self._house.tell(peer, entry.packet())
            catch_up.after = entry.seq
        if page.more:
            self._skip_to(catch_up, page.reached + 1)
            catch_up.after = page.reached
            self._ask(catch_up)
            return
        self._skip_to(catch_up, catch_up.before)
        catch_up.member.catching_up = False
        self._house.touch(self._house.rooms[catch_up.member.key])

    def _skip_to(self, catch_up: CatchUp, seq: int) -> None:
        """Tell of the messages before *seq* that were not in the log any more, if any."""
        if seq > catch_up.after + 1:
            gap = Gap(catch_up.name, catch_up.after + 1, seq - 1, NOT_KEPT)
            self._house.tell(catch_up.member.peer, gap)
