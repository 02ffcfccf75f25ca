"""Draws docs/screen.svg: the real full screen on a real server, three people talking.

python docs/make_screen.py
"""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

from chatctl.cli.linking import jitter, nonce
from chatctl.node import NodeConfig, serving
from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import ClientSettings
from chatctl.transport.address import Address
from chatctl.transport.dialling import Route
from chatctl.tui.desk import Desk
from chatctl.tui.screen.app import ChatApp
from chatctl.tui.screen.conversations import Conversations

TALK = (
    ("bob", "hi everyone!"),
    ("alice", "hello bob"),
    ("carol", "日本語も読めますか？ wide text keeps its columns 👍"),
    ("bob", "alice: are you there? we ship on friday"),
    ("alice", "/me is here"),
    ("bob", "*** carol has left the chat \x1b[31m(this is what an impostor looks like)"),
    ("alice", "the wire of all this is in demo.pcapng"),
)
OUT = Path(__file__).with_name("screen.svg")


async def main() -> None:
    """Let three people talk and take the picture."""
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(serving(NodeConfig(listen=(Address(port=0),))))
        address = node.addresses[0]
        desks = {}
        for nick in ("alice", "bob", "carol"):
            settings = ClientSettings(nick, nonce(), jitter, lag=True)
            desk = Desk(ClientSession(settings), Route(address))
            desks[nick] = await stack.enter_async_context(desk)
        talk = Conversations("alice", time.time)
        alice = desks["alice"]
        app = ChatApp(talk, alice, server="127.0.0.1:3490")
        async with app.run_test(size=(104, 20)) as pilot:
            for nick, text in TALK:
                if text.startswith("/me "):
                    app.chat.obey(text)
                else:
                    desks[nick].say(text)
                await pilot.pause(0.15)
            app.chat.composer.write("see you on friday")
            await pilot.pause(0.5)
            OUT.write_text(app.export_screenshot(title="chatctl connect alice"), "utf-8")


asyncio.run(main())
