"""What a client remembers of each room: how far it has read, and what it has read of late.

With this it can say on its return what it knows, drop what it is given twice, and see a hole that
the server did not announce.
"""

from collections import deque

from msgspec import Struct, field

from chatctl.session.client.events import Hole

REMEMBERED = 512
MOST_PLACES = 1024


class Place(Struct):
    """One room, or one other nick.

    Attributes:
        last: the seq of the newest message seen; 0 if there was none.
        joined: whether we are a member, as far as we know.
        known: whether ``last`` is where the room stood when we came in, or later.
        recent: seq and time of the newest messages seen.
    """

    last: int = 0
    joined: bool = False
    known: bool = False
    recent: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


class Places:
    """Every room and nick this client has read from, by the key that events call ``room``."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}

    def __getitem__(self, room: str) -> Place:
        place = self._places.get(room)
        if place is None:
            place = self._places[room] = Place()
            self._forget_oldest()
        return place

    def _forget_oldest(self) -> None:
        """Keep within bounds, whatever rooms a server makes up: those we are in stay."""
        if len(self._places) > MOST_PLACES:
            for room in [name for name, each in self._places.items() if not each.joined][:1]:
                del self._places[room]

    def seen(self, room: str, seq: int, time: int) -> bool:
        """Say whether this very message was seen before; remember it."""
        place = self[room]
        if seq <= place.last and (seq, time) in place.recent:
            return True
        place.recent.append((seq, time))
        return False

    def advance(self, room: str, seq: int) -> Hole | None:
        """Note that *seq* was read; return the hole before it, if it does not follow the last.

        A smaller number than the last means that the room's log has begun anew. Direct messages
        show no holes: a nick may be somebody else's by now.
        """
        place = self[room]
        before, place.last = place.last, seq
        if before and seq > before + 1 and not room.startswith("@"):
            return Hole(room, before + 1, seq - 1, "the server left them out")
        return None

    def skip(self, room: str, last: int) -> None:
        """Note that nothing up to *last* will come any more: the server said so."""
        self[room].last = max(self[room].last, last)

    def entered(self, room: str, last: int) -> None:
        """Note that *room* stood at *last* when we came in, or a little later."""
        place = self[room]
        place.last, place.known = max(place.last, last), True

    def left(self, room: str) -> None:
        """Forget how far we have read: what is said there is not for us any more."""
        self._places.pop(room, None)

    def cursors(self) -> dict[str, int]:
        """Return the last seq of each room we are in and of each other nick, for a hello.

        A room in which nothing was read, and of which it is not known where it stood when we came
        in, is not among them: its whole past would be given as missed.
        """
        return {
            room: place.last
            for room, place in self._places.items()
            if (place.joined or room.startswith("@")) and (place.last or place.known)
        }

    def joined(self) -> list[str]:
        """Return the rooms we are in, in the order of joining."""
        return [room for room, place in self._places.items() if place.joined]

    def moved(self, nick: str, to: str) -> None:
        """Note that *nick* is called *to*: their direct messages go on under that name."""
        if place := self._places.pop(f"@{nick}", None):
            self._places[f"@{to}"] = place
