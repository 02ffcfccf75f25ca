"""Who a connection is: the nick its packets say it has."""

from chatctl.wire.packets import Hello, NickChange, Packet, Unknown, Welcome

NAMING = frozenset({Hello, Welcome, NickChange})
"""The packets that may change a connection's nick."""


def nick_after(nick: str, packet: Packet | Unknown) -> str:
    """Return the nick of a connection known as *nick* (or ``""``) once *packet* crossed it."""
    if isinstance(packet, Hello | Welcome):
        return packet.nick
    if isinstance(packet, NickChange) and packet.nick == nick:
        return packet.to
    return nick
