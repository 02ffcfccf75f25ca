"""What a client remembers of each room: how far it has read, and what it has read of late.

With this it can say on its return what it knows, drop what it is given twice, and see a hole that
the server did not announce.
"""

from collections import deque
from dataclasses import dataclass, field

from chatctl.session.events import Hole

REMEMBERED = 512


@dataclass(slots=True)
class Place:
    """One room, or one other nick.

    Attributes:
        last: the seq of the newest message seen; 0 if there was none.
        joined: whether we are a member, as far as we know.
        recent: seq and time of the newest messages seen.
    """

    last: int = 0
    joined: bool = False
    recent: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


class Places:
    """Every room and nick this client has read from, by the key that events call ``room``."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}

    def __getitem__(self, room: str) -> Place:
        return self._places.setdefault(room, Place())

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

    def cursors(self) -> dict[str, int]:
        """Return the last seq of each place, as a resuming hello carries it."""
        return {room: place.last for room, place in self._places.items() if place.last}

    def joined(self) -> list[str]:
        """Return the rooms we are in, in the order of joining."""
        return [room for room, place in self._places.items() if place.joined]

    def moved(self, nick: str, to: str) -> None:
        """Note that *nick* is called *to*: their direct messages go on under that name."""
        if place := self._places.pop(f"@{nick}", None):
            self._places[f"@{to}"] = place
