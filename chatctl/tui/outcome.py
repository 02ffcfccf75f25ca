"""How a conversation without a person went: what has to be reported when it is over."""

import errno
import os
from collections.abc import Sequence

from chatctl.errors import ChatError, LinkError, ProtocolError, RequestRefused, TimedOut
from chatctl.session.client.events import Delivery, Event, LinkLost, Negotiated, Receipt, Refused
from chatctl.session.client.speaking import LINK_LOST, NO_ANSWER

NOBODY = os.strerror(errno.ECONNREFUSED)


class Outcome:
    """Watches the events of a session and says which error it ended with, if any."""

    def __init__(self) -> None:
        self._failed: dict[str, Receipt] = {}
        self._refused: Refused | None = None
        self._lost: LinkLost | None = None

    def note(self, event: Event) -> None:
        """Take *event* into account."""
        match event:
            case Receipt(state=Delivery.FAILED):
                self._failed[event.id] = event
            case Receipt():
                self._failed.pop(event.id, None)
            case Refused():
                self._refused = event
            case LinkLost():
                self._lost = event
            case Negotiated():
                self._lost = None
            case _:
                pass

    def error(self) -> ChatError | None:
        """Return what to raise; None if all is well."""
        if error := self.link_error():
            return error
        return _undelivered(list(self._failed.values())) if self._failed else None

    def link_error(self) -> ChatError | None:
        """Return what to raise if the link was lost for good, or never made; else None."""
        lost = self._lost
        if lost is None or lost.retry_in is not None:
            return None
        if lost.fault:
            return ProtocolError(lost.reason)
        if self._refused is not None and not lost.ever:
            return _refusal(self._refused)
        return _unreachable(lost)


def _unreachable(lost: LinkLost) -> LinkError:
    error = LinkError(lost.reason)
    if not lost.ever and lost.reason.endswith(NOBODY):
        error.add_note("nobody listens there; 'chatctl serve' starts a server")
    return error


def _refusal(refused: Refused) -> RequestRefused:
    error = RequestRefused(refused.text or refused.code)
    if refused.suggestion:
        error.add_note(f"{refused.suggestion!r} would be accepted")
    return error


def _undelivered(failed: Sequence[Receipt]) -> ChatError:
    first = failed[0]
    several = f"{len(failed)} messages; the first: " if len(failed) > 1 else ""
    text = f"not delivered: {several}{first.reason}"
    if first.code == NO_ANSWER:
        return TimedOut(text)
    if first.code == LINK_LOST:
        return LinkError(text)
    return RequestRefused(text)
