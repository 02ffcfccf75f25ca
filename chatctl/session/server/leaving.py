"""How peers leave by their own will: with a goodbye, or by closing their side."""

from chatctl.session.names import brief
from chatctl.session.server.house import House
from chatctl.session.server.peer import Peer

FAREWELL = "bye: "
"""Begins what a peer gave as its reason: nobody is to take it for one of ours."""


def say_goodbye(house: House, peer: Peer, reason: str) -> None:
    """Close *peer*, who said goodbye, and tell the others its *reason*, if it gave one."""
    house.depart(peer, f"{FAREWELL}{brief(reason)}" if reason else "", hold=False)
    house.close(peer, "", hold=False)


def see_out(house: House, peer: Peer) -> None:
    """Take *peer*, who has no more to say, out of its rooms; close it when it has read the rest.

    That is what was said before, its own last words among it; who is catching up does not wait.
    """
    if any(member.catching_up for member in peer.memberships.values()):
        house.close(peer, "", hold=False)
        return
    peer.ended = True
    house.nicks.vacate(peer)
    for key in list(peer.memberships):
        house.exit(peer, house.rooms[key], hears_it=False)
    house.close_if_seen_out(peer)
