"""Calls the person who looks elsewhere: the window's title, and a bell or a note for a mention."""

from chatctl.tui.screen.bars import shown_name
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.looks import Looks
from chatctl.tui.screen.outside import Outside

LONGEST = 60
BETWEEN = 2.0
"""Seconds between two calls: a flood of mentions is one call."""


class Calling:
    """Remembers what the terminal was told last."""

    def __init__(self) -> None:
        self._rung = 0
        self._called_at = 0.0

    def look(self, talk: Conversations, outside: Outside, looks: Looks, now: float) -> None:
        """Tell the terminal what it has to know of *talk* by *now*, in seconds since the epoch."""
        if looks.title:
            outside.title(window_title(talk))
        if talk.rings == self._rung:
            return
        self._rung = talk.rings
        row = talk.ringing
        if row is not None and abs(now - self._called_at) >= BETWEEN:
            self._called_at = now
            outside.call(looks.notify, row.nick, row.text)


def window_title(talk: Conversations) -> str:
    """Return what the window is called: how much is unread, the room, and us."""
    unread = f"({talk.unread}) " if talk.unread else ""
    name = shown_name(talk.current)
    name = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    return f"{unread}{name} - chatctl"
