"""What a server's packets mean to a client: its memory changed, its front told, pings answered."""

from chatctl.errors import ErrorCode, MalformedPayload
from chatctl.session.client import negotiating, translate
from chatctl.session.client.events import (
    Delivery,
    Goodbye,
    Lag,
    MalformedPacket,
    Said,
    UnknownPacket,
)
from chatctl.session.client.mind import Mind
from chatctl.session.client.outbox import Outgoing
from chatctl.session.client.roster import Roster
from chatctl.session.client.settings import Phase
from chatctl.session.client.translate import Numbered
from chatctl.wire.codec import decode_to_client
from chatctl.wire.packets import (
    LOBBY,
    Action,
    AskHistory,
    Bye,
    Capability,
    Chat,
    Direct,
    Error,
    Gap,
    History,
    Join,
    Leave,
    NickChange,
    Ping,
    Pong,
    Rooms,
    ToClient,
    Topic,
    Unknown,
    Welcome,
    Who,
)

RATE_LIMIT_WAIT = 1.0
_LETTERS = 32


class Listening:
    """Takes the payloads of one link after the other; all it learns goes into the mind.

    Attributes:
        goodbye: what the server said before it hangs up on the present link.
        refused: the hello was refused on this link, and why.
        malformed: something came on this link that was no packet.
    """

    def __init__(self, mind: Mind) -> None:
        self._mind = mind
        self.goodbye: Bye | None = None
        self.refused: Error | None = None
        self.malformed = False
        self._own_join_seen = False

    def link_up(self) -> None:
        """Forget what was of the last link alone."""
        self.goodbye = self.refused = None
        self.malformed = False
        self._own_join_seen = False
        self._mind.roster = Roster()

    def payload(self, payload: bytes, now: float) -> None:
        """Read one payload, whatever it is."""
        try:
            packet = decode_to_client(payload)
        except MalformedPayload as error:
            self.malformed = True
            self._mind.tell(MalformedPacket(payload, str(error)))
            return
        self._mind.understood = True
        if isinstance(packet, Unknown):
            self._mind.tell(UnknownPacket(packet, payload))
            return
        if self._mind.phase is Phase.GREETING and not isinstance(packet, Welcome | Error | Bye):
            negotiating.take_for_base(self._mind)
        self._packet(packet, now)

    def _packet(self, packet: ToClient, now: float) -> None:
        mind = self._mind
        match packet:
            case Chat() | Action() | Direct() | Topic():
                self._entry(packet, now)
            case Join() | Leave() | NickChange():
                self._presence(packet)
            case History() if packet.id in mind.catchup:
                self._missed(packet, now)
            case History() if packet.id in mind.probes:
                last = max((entry.seq for entry in packet.entries), default=0)
                mind.places.entered(mind.probes.pop(packet.id), last)
            case Who() | Rooms() | History():
                mind.asked.discard(packet.id)
                mind.tell(translate.answer(packet, mind.names))
            case Gap():
                mind.places.skip(packet.room or LOBBY, packet.last)
                mind.tell(translate.hole(packet))
            case Welcome():
                negotiating.welcome(mind, packet, now)
            case _:
                self._service(packet, now)

    def _service(self, packet: Ping | Pong | Bye | Error, now: float) -> None:
        mind = self._mind
        match packet:
            case Ping():
                mind.send(Pong(packet.id))
            case Pong():
                lag = mind.heartbeat.lag(packet.id, now)
                mind.asked.discard(packet.id)
                if lag is not None:
                    mind.tell(Lag(lag, packet.id))
            case Bye():
                self.goodbye = packet
                mind.tell(Goodbye(packet.code, packet.reason, packet.retry_after))
            case Error():
                self._error(packet, now)

    # ------------------------------------------------------------ messages

    def _entry(self, packet: Numbered, now: float, *, late: bool = False) -> None:
        mind = self._mind
        if not late and mind.catchup.wants(translate.place(packet, mind.names)):
            mind.catchup.held.append(packet)
            return
        late = late or (mind.welcome is not None and 0 < packet.time < mind.welcome.time)
        entry = translate.entry(packet, mind.names, late=late)
        if mind.phase is Phase.BASE:
            mind.roster.came(packet.nick)
        answer = entry.id in mind.asked
        mind.asked.discard(entry.id)
        if isinstance(entry, Said) and self._confirms(entry, now):
            return
        if entry.seq and self._numbered(entry.room, entry.seq, entry.time):
            return
        if answer or not (isinstance(entry, Said) and entry.own and mind.outbox.was_ours(entry.id)):
            mind.tell(entry)

    def _numbered(self, room: str, seq: int, time: int) -> bool:
        """Note that this message was read; return whether it had been before."""
        places = self._mind.places
        if places.seen(room, seq, time):
            return True
        if hole := places.advance(room, seq):
            self._mind.tell(hole)
        return False

    def _confirms(self, entry: Said, now: float) -> bool:
        """Say whether *entry* is the server's copy of words of ours, and tell of the receipt."""
        if not entry.own:
            return False
        outbox = self._mind.outbox
        item = outbox.get(entry.id)
        if item is None and not entry.id:
            item = outbox.find_text(entry.text)
        if item is None:
            return False
        outbox.confirm(item, now)
        self._mind.receipt(item, entry)
        last = self._mind.places[entry.room].last
        if entry.seq and (not last or entry.seq <= last + 1):
            self._numbered(entry.room, entry.seq, entry.time)
        return True

    def _missed(self, page: History, now: float) -> None:
        """Tell what was said while we were away; of a room never read, look for our words only."""
        mind = self._mind
        room = mind.catchup.answered(page.id)
        known = mind.places[room].last
        for packet in page.entries:
            if known or mind.outbox.get(packet.id):
                self._entry(packet, now, late=True)
        after = mind.catchup.next_after(page)
        if known and after:
            mind.send(mind.catchup.ask(room, after, mind.new_id()))
        elif not mind.catchup:
            self.caught_up(now)

    def caught_up(self, now: float) -> None:
        """Tell what was said live meanwhile."""
        for packet in self._mind.catchup.finish():
            self._entry(packet, now)

    # ------------------------------------------------------------ people

    def _presence(self, packet: Join | Leave | NickChange) -> None:
        mind = self._mind
        if mind.phase is Phase.BASE:
            self._base_presence(packet)
        event = translate.presence(packet, {mind.nick})
        mind.asked.discard(packet.id)
        if isinstance(packet, NickChange):
            if packet.nick == mind.nick:
                mind.called(packet.to)
            mind.places.moved(packet.nick, packet.to)
        elif packet.nick == mind.nick:
            self._own_presence(packet.room or LOBBY, came=isinstance(packet, Join))
        mind.tell(event)

    def _own_presence(self, room: str, *, came: bool) -> None:
        """Remember the rooms we are in, and learn where one stands: a link can be lost any time."""
        mind = self._mind
        if not came:
            mind.places.left(room)
            return
        place = mind.places[room]
        place.joined = True
        if mind.settings.track and mind.grants(Capability.HISTORY) and not place.last:
            request = mind.new_id()
            mind.probes[request] = room
            mind.send(AskHistory(room, limit=1, id=request))

    def _base_presence(self, packet: Join | Leave | NickChange) -> None:
        """Learn who is here, and what we are called."""
        if isinstance(packet, Join):
            self._learn_own_nick(packet.nick)
            self._mind.roster.came(packet.nick)
        else:
            self._mind.roster.went(packet.nick)

    def _learn_own_nick(self, nick: str) -> None:
        """Take a base server's first join for our own, if it can be: we may be renamed."""
        if not self._own_join_seen:
            self._own_join_seen = True
            if _could_be(nick, self._mind.nick):
                self._mind.called(nick)

    # ------------------------------------------------------------ errors

    def _error(self, packet: Error, now: float) -> None:
        mind = self._mind
        item = mind.outbox.get(packet.id) if packet.id else None
        if item is not None:
            self._refused_words(item, packet, now)
        elif mind.probes.pop(packet.id, ""):
            return
        elif packet.id in mind.catchup:
            mind.catchup.answered(packet.id)
            if not mind.catchup:
                self.caught_up(now)
        else:
            mind.asked.discard(packet.id)
            if mind.phase is Phase.GREETING:
                self.refused = packet
            mind.tell(translate.refusal(packet))

    def _refused_words(self, item: Outgoing, packet: Error, now: float) -> None:
        if packet.code == ErrorCode.RATE_LIMITED and item.state is Delivery.PENDING:
            wait = RATE_LIMIT_WAIT if packet.retry_after is None else packet.retry_after
            self._mind.outbox.hold(item, now + wait)
        else:
            self._mind.fail(item, packet.code, packet.message)


def _could_be(given: str, wanted: str) -> bool:
    """Say whether *given* looks like a server's way to write or number *wanted*."""
    one, other = _bare(given), _bare(wanted)
    return given == wanted or bool(
        one and other and (one.startswith(other) or other.startswith(one))
    )


def _bare(nick: str) -> str:
    return "".join(filter(str.isalnum, nick)).casefold()[:_LETTERS]
