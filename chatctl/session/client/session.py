"""The client's mind: what to say to a server, when, and what its packets mean to us. Pure.

Whoever owns the socket says what happened (``link_up``, ``receive``, ``link_down``, ``tick``) and
then takes ``outgoing`` frames and ``events``; fronts say what a person wants (``say``, ``ask``,
``retry``, ``close``). Time is an argument: seconds of any clock that never goes back.

Until a welcome has come, only base packets are sent: servers of the base protocol die of others.
docs/protocol.md, sections "Negotiation", "Acknowledgement" and "Resume".
"""

from chatctl.errors import ErrorCode
from chatctl.session.client.backoff import Backoff
from chatctl.session.client.events import Event, LinkLost, RawPacket, Reconnecting, Saying
from chatctl.session.client.listening import Listening
from chatctl.session.client.mind import Mind
from chatctl.session.client.negotiating import take_for_base
from chatctl.session.client.settings import LINKED, TALKING, ClientSettings, Phase
from chatctl.session.client.speaking import Question, Speaking
from chatctl.wire.framing import Deframer
from chatctl.wire.packets import LOBBY, Direction, Error

NICK_FAULTS = {ErrorCode.NICK_TAKEN, ErrorCode.BAD_NICK}
DRAIN = 2.0
KNOWN_GRACE = 10.0
LASTING = 10.0
DEAD = "nothing was heard from the server for too long"
RENAMES = 5


class ClientSession:
    """One person's or program's conversation with a server, over as many links as it takes.

    ``phase`` tells the owner of the socket what to do: in DIALLING make a link, in WAITING let time
    pass until ``deadline``, in CLOSING write what is outgoing, shut down the write side, read to
    the end and then call ``link_down``; in OVER there is nothing left to do.
    """

    def __init__(self, settings: ClientSettings) -> None:
        self._mind = Mind(settings)
        self._listening = Listening(self._mind)
        self._speaking = Speaking(self._mind)
        self._backoff = Backoff(settings.jitter)
        self._deframer = Deframer()
        self._grace_ends = 0.0
        self._retry_at = 0.0
        self._close_by = 0.0
        self._leave_by: float | None = None
        self._farewell = ""
        self._up_since = 0.0
        self._renames = 0
        self._renamed = False

    # ------------------------------------------------------------ what is known

    @property
    def phase(self) -> Phase:
        """Where we stand."""
        return self._mind.phase

    @property
    def nick(self) -> str:
        """What we are called, or hope to be."""
        return self._mind.nick

    @property
    def extended(self) -> bool:
        """Whether the link we have, or had last, is of the extension."""
        return self._mind.welcome is not None

    @property
    def pending(self) -> int:
        """How many words of ours may still be confirmed, or fail by themselves."""
        return self._mind.outbox.pending

    @property
    def asked(self) -> int:
        """How many questions of ours have no answer yet."""
        return self._speaking.asked

    @property
    def leaving(self) -> bool:
        """Whether we are on our way out, or gone: nothing more is to be said."""
        return self._leave_by is not None or self.phase is Phase.OVER

    @property
    def raw(self) -> bool:
        """Whether every payload is told as an event; may be set at any time."""
        return self._mind.raw

    @raw.setter
    def raw(self, wanted: bool) -> None:
        self._mind.raw = wanted

    @property
    def deadline(self) -> float | None:
        """When to call ``tick`` at the latest; None where only the socket matters."""
        due = self._due()
        if self._leave_by is None or self.phase in {Phase.CLOSING, Phase.OVER}:
            return due
        return self._leave_by if due is None else min(due, self._leave_by)

    def _due(self) -> float | None:
        settings, mind = self._mind.settings, self._mind
        match mind.phase:
            case Phase.GREETING:
                return self._grace_ends
            case Phase.WAITING:
                return self._retry_at
            case Phase.CLOSING:
                return self._close_by
            case Phase.BASE | Phase.EXTENDED:
                dues = [mind.outbox.deadline(settings.receipt, settings.echo)]
                dues.append(mind.heartbeat.deadline() if mind.phase is Phase.EXTENDED else None)
                dues.append(mind.catchup.until if mind.catchup else None)
                return min((due for due in dues if due is not None), default=None)
            case _:
                return None

    def events(self) -> list[Event]:
        """Take what happened since the last call, in its order."""
        taken, self._mind.events = self._mind.events, []
        return taken

    def outgoing(self) -> list[bytes]:
        """Take the frames to write, in their order; each has to be written whole."""
        taken, self._mind.frames = self._mind.frames, []
        return taken

    # ------------------------------------------------------------ what the socket does

    def link_up(self, now: float) -> None:
        """A link was made: say hello."""
        mind = self._mind
        self._forget_what_came()
        mind.phase = Phase.GREETING
        self._up_since = now
        self._grace_ends = now + (KNOWN_GRACE if mind.token else mind.settings.grace)
        self._speaking.hello()

    def receive(self, data: bytes, now: float) -> None:
        """Read *data*, any chunk of what the server sent."""
        mind = self._mind
        if mind.phase not in LINKED | {Phase.CLOSING}:
            return
        mind.heartbeat.heard(now)
        for payload in self._deframer.feed(data):
            if mind.raw:
                mind.tell(RawPacket(Direction.TO_CLIENT, payload))
            self._listening.payload(payload, now)
        if mind.phase is Phase.GREETING and self._listening.refused is not None:
            self._hello_refused(self._listening.refused, now)
        self._go_on(now)

    def link_down(self, reason: str, now: float) -> None:
        """The link is gone, or could not be made; *reason* in words."""
        mind = self._mind
        if mind.phase in {Phase.OVER, Phase.WAITING}:
            return
        was, mind.phase = mind.phase, Phase.OVER
        if was is Phase.CLOSING and self._listening.refused is None:
            self._speaking.give_up()
            return
        if was in TALKING and now - self._up_since >= LASTING:
            self._backoff.lasted()
        self._speaking.link_lost()
        retry_in, fault = self._retry_in(now), self._is_fault()
        if retry_in is not None:
            mind.phase, self._retry_at = Phase.WAITING, now + retry_in
        else:
            self._speaking.give_up()
        reason = self._explain(reason) if fault else reason
        mind.tell(LinkLost(reason, retry_in, fault, ever=mind.ever_talked))

    def tick(self, now: float) -> None:
        """Do what is due at *now*; harmless at any time."""
        mind = self._mind
        if mind.phase is Phase.WAITING and now >= self._retry_at:
            mind.phase = Phase.DIALLING
            mind.tell(Reconnecting(self._backoff.attempt))
        elif mind.phase is Phase.CLOSING and now >= self._close_by:
            self.link_down("the server does not close its side", now)
        elif mind.phase is Phase.GREETING and now >= self._grace_ends:
            self._no_welcome(now)
        if mind.phase is Phase.EXTENDED:
            self._beat(now)
        if mind.catchup and now >= mind.catchup.until:
            self._listening.caught_up(now)
        self._go_on(now)

    # ------------------------------------------------------------ what a person wants

    def say(self, text: str, now: float, *, how: Saying = Saying.CHAT, room: str = LOBBY) -> str:
        """Say *text* in *room*, or to somebody where that is ``@nick``; return its id.

        Told at once as pending; a ``Receipt`` tells how it went.
        """
        key = self._speaking.say(text, how, room)
        self._go_on(now)
        return key

    def retry(self, key: str, now: float) -> bool:
        """Say again, under the same id, what has failed; False if nothing has under *key*."""
        found = self._speaking.retry(key)
        self._go_on(now)
        return found

    def ask(self, question: Question, now: float) -> str:
        """Put *question* to the server, under an id of ours; return that.

        Exactly one event with this id answers: what was asked for, or ``Refused``.
        """
        key = self._speaking.ask(question)
        self._go_on(now)
        return key

    def too_long(self, text: str) -> str:
        """Return why the server would refuse the length of *text*; empty if it would not."""
        return self._speaking.too_long(text)

    def close(self, now: float, reason: str = "") -> None:
        """Leave, once what was said is confirmed, or 2 s later.

        Without a *reason*, for people, nothing is sent: the end of our side is the goodbye, as the
        guide has it.
        """
        self._farewell = reason
        self._leave_by = now + DRAIN
        self._go_on(now)

    def try_now(self) -> bool:
        """Make the next attempt at a link without waiting any longer, or the first after the end.

        Returns:
            False where there is nothing to try: a link is there or being made, or we have left.
        """
        mind = self._mind
        if mind.phase is Phase.OVER and self._leave_by is None:
            self._forget_what_came()
            self._backoff = Backoff(mind.settings.jitter)
            self._renames = 0
            mind.phase = Phase.DIALLING
            mind.tell(Reconnecting(1))
            return True
        self._retry_at = 0.0
        return mind.phase is Phase.WAITING

    # ------------------------------------------------------------ inside

    def _forget_what_came(self) -> None:
        """Judge the server by what comes from here on, not by an earlier link."""
        self._deframer = Deframer()
        self._listening.link_up()

    def _leave(self, now: float) -> None:
        """Close, if we are to leave and nothing has to be waited for any more."""
        mind = self._mind
        if self._leave_by is None or mind.phase in {Phase.CLOSING, Phase.OVER}:
            return
        if mind.phase not in LINKED:
            mind.phase = Phase.OVER
        elif not mind.outbox.pending or now >= self._leave_by:
            self._speaking.bye(self._farewell)
            mind.phase, self._close_by = Phase.CLOSING, now + DRAIN

    def _no_welcome(self, now: float) -> None:
        """Take the server for a base one, unless it has given a welcome before: then it is slow."""
        if self._mind.token:
            self.link_down("the server did not answer", now)
        else:
            take_for_base(self._mind)

    def _hello_refused(self, error: Error, now: float) -> None:
        """Try the nick the server suggests, if we may; else there is nothing more to do here."""
        mind = self._mind
        may_rename = mind.settings.rename or mind.ever_talked
        if may_rename and error.code in NICK_FAULTS and self._renames < RENAMES:
            self._renames += 1
            self._listening.refused = None
            self._renamed = True
            mind.called(error.suggestion or f"{mind.nick}_")
            self._speaking.hello()
        else:
            mind.phase, self._close_by = Phase.CLOSING, now + DRAIN

    def _go_on(self, now: float) -> None:
        """Send what may be sent now, and settle what is due."""
        if self._mind.phase in TALKING:
            self._backoff.talking()
            self._renamed = False
            self._speaking.go_on(now)
        self._leave(now)
        if self.phase is Phase.OVER:
            self._speaking.give_up()

    def _beat(self, now: float) -> None:
        mind = self._mind
        if mind.heartbeat.dead(now):
            self.link_down(DEAD, now)
        elif mind.heartbeat.ping_due(now):
            self._speaking.ping(now)

    def _retry_in(self, now: float) -> float | None:
        """Return the seconds until the next attempt; None where there is to be none."""
        mind, bye, error = self._mind, self._listening.goodbye, self._listening.refused
        if self._renamed and self._renames < RENAMES:
            return 0.0
        asked_for = bye.retry_after if bye else error.retry_after if error else 0.0
        if asked_for is None or not mind.ever_talked or self._is_fault():
            return None
        wait = self._backoff.failed(now, asked_for)
        return None if self._backoff.gives_up(now, wait, mind.settings.patience) else wait

    def _is_fault(self) -> bool:
        return not self._mind.understood and (
            self._deframer.pending > 0 or self._listening.malformed
        )

    def _explain(self, reason: str) -> str:
        start = self._deframer.rest[:24]
        return f"that is no chat server; it sent {start!r}" if start else reason
