"""What a client knows at a moment: the state that its listening and speaking share."""

from math import inf

from chatctl.errors import PayloadTooBig
from chatctl.session.client.catchup import CatchUp
from chatctl.session.client.events import Event, RawPacket, Receipt, Said
from chatctl.session.client.heartbeat import Heartbeat
from chatctl.session.client.outbox import Outbox, Outgoing
from chatctl.session.client.places import Places
from chatctl.session.client.roster import Roster
from chatctl.session.client.settings import ClientSettings, Phase
from chatctl.wire.codec import encode
from chatctl.wire.framing import frame
from chatctl.wire.packets import Capability, Direction, Packet, Welcome


class Mind:
    """Everything a ``ClientSession`` remembers, and its two ways out: ``tell`` and ``send``.

    Attributes:
        nick: what we are called, or hope to be.
        names: every nick that was ours in this session.
        welcome: the server's, of this link or the last; None on a base server.
        understood: whether the server ever sent a packet we could read.
        token: proves this session to a server that knows it; empty if none gave one.
        roster: who is known to be on a base server.
        asked: ids of our questions without an answer yet.
        probes: questions of our own about where a room stands, by their id.
    """

    def __init__(self, settings: ClientSettings) -> None:
        self.settings = settings
        self.raw = settings.raw
        self.phase = Phase.DIALLING
        self.nick = settings.nick
        self.names = {settings.nick}
        self.welcome: Welcome | None = None
        self.token = ""
        self.ever_talked = False
        self.understood = False
        self.outbox = Outbox(settings.window)
        self.places = Places()
        self.roster = Roster()
        self.catchup = CatchUp()
        self.heartbeat = Heartbeat(settings.ping_after, settings.dead_after)
        self.asked: set[str] = set()
        self.probes: dict[str, str] = {}
        self.events: list[Event] = []
        self.frames: list[bytes] = []
        self._ids = 0

    def new_id(self) -> str:
        """Return an id no packet of ours has had."""
        self._ids += 1
        return f"{self.settings.nonce}-{self._ids}"

    def grants(self, capability: Capability) -> bool:
        """Say whether the server we are linked to granted *capability*."""
        return self.welcome is not None and capability in self.welcome.caps

    def limit(self, name: str) -> float:
        """Return a limit the server announced; infinite where it announced none."""
        return self.welcome.limits.get(name, inf) if self.welcome else inf

    def called(self, nick: str) -> None:
        """Note that *nick* is our name now."""
        self.nick = nick
        self.names.add(nick)

    def tell(self, event: Event) -> None:
        """Let the front know."""
        self.events.append(event)

    def send(self, packet: Packet, most: float = inf) -> None:
        """Put *packet* on its way, as one whole frame.

        Raises:
            PacketError: it cannot be sent: its payload has over *most* octets, or does not fit a
                frame, or its text is not Unicode.
        """
        payload = encode(packet)
        if (size := len(payload)) > most:
            raise PayloadTooBig(f"a payload has at most {most:.15g} octets, this one {size}")
        self.frames.append(frame(payload))
        if self.raw:
            self.tell(RawPacket(Direction.TO_SERVER, payload))

    def receipt(self, item: Outgoing, entry: Said | None = None) -> None:
        """Tell what became of *item*; *entry* is the server's copy, if that is what came."""
        seq, time = (entry.seq, entry.time) if entry else (0, 0)
        self.tell(Receipt(item.id, item.state, item.room, seq, time))

    def fail(self, item: Outgoing, code: str, reason: str) -> None:
        """Give *item* up and tell why."""
        self.outbox.fail(item)
        self.tell(Receipt(item.id, item.state, item.room, code=code, reason=reason))
