"""``chatctl serve``."""

import asyncio
from typing import Annotated

import typer

from chatctl import node
from chatctl.session.house import Rules
from chatctl.transport.address import Address


def serve(
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", help="Listen on this host.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65535, help="... and this port.")
    ] = 3490,
) -> None:
    """Run the chat."""
    asyncio.run(node.run(node.NodeConfig(listen=(Address(host, port),), rules=Rules())))
