"""How a client and a server find out what they have in common. docs/protocol.md, "Negotiation"."""

from collections.abc import Iterable

from chatctl.session.client.events import Negotiated
from chatctl.session.client.mind import Mind
from chatctl.session.client.settings import TALKING, Phase
from chatctl.wire.packets import LOBBY, Capability, Enter, Welcome

CATCH_UP_TIME = 10.0


def take_for_base(mind: Mind) -> None:
    """Carry on with a server that gave no welcome."""
    mind.phase, mind.welcome, mind.ever_talked = Phase.BASE, None, True
    mind.tell(Negotiated(mind.nick, extended=False))


def welcome(mind: Mind, packet: Welcome, now: float) -> None:
    """Take the extension the server grants, and what it knows of us."""
    if mind.phase not in TALKING | {Phase.GREETING} or mind.settings.base:
        return
    returning = mind.ever_talked
    mind.phase, mind.welcome, mind.ever_talked = Phase.EXTENDED, packet, True
    mind.token = packet.token
    mind.outbox.window = _window(packet, mind.settings.window)
    mind.called(packet.nick)
    mind.heartbeat.start(now, at_once=mind.settings.lag)
    mind.tell(
        Negotiated(
            packet.nick,
            extended=True,
            server=packet.server,
            caps=packet.caps,
            limits=packet.limits,
            resumed=packet.resumed,
        )
    )
    if returning and packet.resumed:
        _return_to_friends(mind)
    elif returning:
        _return_to_strangers(mind, now)


def _return_to_friends(mind: Mind) -> None:
    """Enter again the rooms our hello did not name: the server takes us to have left them."""
    known = mind.places.cursors()
    _enter(mind, (room for room in mind.places.joined() if room not in known))


def _return_to_strangers(mind: Mind, now: float) -> None:
    """Enter our rooms again and ask for what was missed: the server knows nothing of us."""
    _enter(mind, (room for room in mind.places.joined() if room != LOBBY))
    if not mind.grants(Capability.HISTORY):
        return
    mind.catchup.until = now + CATCH_UP_TIME
    for room in {*mind.places.cursors(), *mind.outbox.rooms()}:
        mind.send(mind.catchup.ask(room, mind.places[room].last, mind.new_id()))


def _enter(mind: Mind, rooms: Iterable[str]) -> None:
    for room in rooms:
        mind.send(Enter(room, id=mind.new_id()))


def _window(welcome: Welcome, most: int) -> int:
    """Return how many words may be on their way, so that the server has to refuse none of them.

    It holds back what is over its rate for so long and then refuses it; what came later may then be
    let in before, and the order is lost.
    """
    rate, delay = welcome.limits.get("rate", 0.0), welcome.limits.get("rate_delay", 0.0)
    return most if rate <= 0 else max(1, min(most, int(min(rate * delay, most))))
