"""A desk over a real link: what it does at the end of a session, and after it."""

import pytest

from chatctl.errors import ErrorCode, LinkError
from chatctl.node import NodeConfig, serving
from chatctl.session.client.events import Delivery, Negotiated, Receipt
from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import ClientSettings
from chatctl.transport.address import Address
from chatctl.transport.dialling import Route
from chatctl.tui.desk import Desk


async def until(desk, wanted):
    """Take events until *wanted* says that one is it; return that."""
    async for batch in desk.events():
        for event in batch:
            if wanted(event):
                return event
    raise AssertionError("the session ended before")


async def test_a_session_that_is_over_begins_anew_where_it_was():
    async with serving(NodeConfig((Address("127.0.0.1", 0),))) as node:
        session = ClientSession(ClientSettings("alice", "n", lambda: 0.0))
        async with Desk(session, Route(node.addresses[0])) as desk:
            await until(desk, lambda event: isinstance(event, Negotiated))
            assert not desk.try_now()
            house = node.server.hub.house
            for peer in list(house.peers.values()):
                house.expel(peer, ErrorCode.REPLACED, "elsewhere")
            node.server.run_pass()
            with pytest.raises(LinkError):
                await until(desk, lambda event: False)
            key = desk.say("lost")
            assert desk.try_now()
            await until(desk, lambda event: isinstance(event, Negotiated))
            assert desk.retry(key)
            confirmed = (key, Delivery.CONFIRMED)
            await until(desk, lambda e: isinstance(e, Receipt) and (e.id, e.state) == confirmed)
            assert desk.outcome.error() is None
