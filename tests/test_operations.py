"""docs/operations.md names every event and every metric, and none that is not there."""

import asyncio
import re
from pathlib import Path

from chatctl.node import NodeConfig, serving
from chatctl.transport.address import Address
from chatctl.transport.metrics import collect

ROOT = Path(__file__).parents[1]
DOCS = (ROOT / "docs/operations.md").read_text("utf-8")
SERVER_CODE = [ROOT / "chatctl/node.py", *(ROOT / "chatctl").glob("session/**/*.py")]
SERVER_CODE += [*(ROOT / "chatctl").glob("log/*.py"), ROOT / "chatctl/transport/server.py"]


def test_every_event_is_documented_and_every_documented_event_exists():
    calls = r"(?:note|_notice|info|warning|error|exception)\(\s*\"([a-z]+(?:\.[a-z]+)?)\""
    logged = {name for path in SERVER_CODE for name in re.findall(calls, path.read_text("utf-8"))}
    documented = set(re.findall(r"^\| `([a-z.]+)` \| (?:info|warning|error)", DOCS, re.MULTILINE))
    assert logged == documented


def test_every_metric_is_documented():
    async def names():
        async with serving(NodeConfig((Address(port=0),))) as node:

            class Kept:
                commits = 0
                commit_seconds = 0.0
                packets = 0
                dropped = 0
                failure = ""

            return {
                metric.name + ("_total" if metric.type == "counter" else "")
                for metric in collect(node.server, Kept, Kept)
            }

    documented = set(re.findall(r"`(chatctl_\w+?)(?:\{code\})?`", DOCS.split("## systemd")[0]))
    assert asyncio.run(names()) == documented
