"""Reading what was missed when a server did not know our session any more.

A server that resumes sends what was missed by itself. One that was started anew, with its history
kept, does not know our token: then the client asks for what lies beyond the last seq it saw, and
looks for its own words of uncertain fate before it says them again. Meanwhile, what is said live
waits, so that everything is told in order.
"""

from chatctl.session.client.translate import Numbered
from chatctl.wire.packets import AskHistory, History

PAGE = 200


class CatchUp:
    """The pages asked for and not yet given, and what waits for them."""

    __slots__ = ("_asked", "_rooms", "held", "until")

    def __init__(self) -> None:
        self._asked: dict[str, str] = {}
        self._rooms: set[str] = set()
        self.held: list[Numbered] = []
        self.until = 0.0

    def __bool__(self) -> bool:
        return bool(self._asked)

    def __contains__(self, request: str) -> bool:
        return request in self._asked

    def ask(self, room: str, after: int, request: str) -> AskHistory:
        """Return the question for a page of *room*: what follows *after*, or the newest for 0."""
        self._asked[request] = room
        self._rooms.add(room)
        return AskHistory(room=room, after=after, limit=PAGE, id=request)

    def wants(self, room: str) -> bool:
        """Say whether live words of *room* have to wait."""
        return room in self._rooms

    def answered(self, request: str) -> str:
        """Note the answer to *request*; return its room."""
        return self._asked.pop(request)

    def next_after(self, page: History) -> int:
        """Return the seq after which the next page begins; 0 where there is none."""
        return max((each.seq for each in page.entries), default=0) if page.more else 0

    def finish(self) -> list[Numbered]:
        """Give up what is not answered, and hand out what waited."""
        held, self.held = self.held, []
        self._asked.clear()
        self._rooms.clear()
        return held
