"""Draws the README's pictures of the full screen, as it is.

docs/screen.svg: on a real server, three people talking. docs/replay.svg: a capture of the examples.

python docs/make_screen.py
"""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

from chatctl.capture.replay.cause import Causes
from chatctl.capture.replay.loading import load
from chatctl.capture.replay.pace import Window
from chatctl.capture.replay.scenes import scenes, viewers
from chatctl.cli.linking import jitter, nonce
from chatctl.node import NodeConfig, serving
from chatctl.session.client.session import ClientSession
from chatctl.session.client.settings import ClientSettings
from chatctl.transport.address import Address
from chatctl.transport.dialling import Route
from chatctl.tui.desk import Desk
from chatctl.tui.screen.app import ChatApp
from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.program import Program
from chatctl.tui.screen.watching import Show, Watching

TALK = (
    ("bob", "hi everyone!"),
    ("alice", "hello bob"),
    ("carol", "日本語も読めますか？ wide text keeps its columns 👍"),
    ("bob", "alice: are you there? we ship on friday"),
    ("alice", "/me is here"),
    ("bob", "*** carol has left the chat \x1b[31m(this is what an impostor looks like)"),
    ("alice", "the wire of all this is in demo.pcapng"),
)
DOCS = Path(__file__).parent
CAPTURE = DOCS.parent / "examples" / "captures" / "three-people.pcapng"
SIZE = (104, 20)


async def talk() -> None:
    """Let three people talk and take the picture."""
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(serving(NodeConfig(listen=(Address(port=0),))))
        address = node.addresses[0]
        desks = {}
        for nick in ("alice", "bob", "carol"):
            settings = ClientSettings(nick, nonce(), jitter, lag=True)
            desk = Desk(ClientSession(settings), Route(address))
            desks[nick] = await stack.enter_async_context(desk)
        seen = Conversations("alice", time.time)
        seen.link.secure = False
        alice = desks["alice"]
        app = ChatApp(seen, alice, server="127.0.0.1:3490")
        async with app.run_test(size=SIZE) as pilot:
            for nick, text in TALK:
                if text.startswith("/me "):
                    app.chat.obey(text)
                else:
                    desks[nick].say(text)
                await pilot.pause(0.15)
            app.chat.composer.write("see you on friday")
            await pilot.pause(0.5)
            picture = app.export_screenshot(title="chatctl connect alice")
            (DOCS / "screen.svg").write_text(picture, "utf-8")


async def replay() -> None:
    """Stop a replay before its end and take the picture."""
    steps = load(str(CAPTURE), 0).steps.steps
    viewer = viewers(steps)[0]
    show = Show(
        list(scenes(steps, viewer, Window())),
        nick=Causes(steps).nicks[viewer],
        start=steps[0].at * 1e-9,
    )
    app = Program(Watching(show, paused=True))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("end", "left", "left", "left")
        await pilot.pause()
        picture = app.export_screenshot(title=f"chatctl replay {CAPTURE.name}")
        (DOCS / "replay.svg").write_text(picture, "utf-8")


async def main() -> None:
    """Take all pictures."""
    await talk()
    await replay()


asyncio.run(main())
