"""``chatctl`` as a program of its own, driven from a test's event loop."""

import asyncio
import os
import sys

PATIENCE = 30


def environment(**more):
    """Return an environment in which no setting of this machine's user counts."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CHATCTL_")}
    nowhere = {"CHATCTL_CONFIG": os.devnull, "CHATCTL_STATE": os.devnull}
    return clean | nowhere | {"LOGNAME": "somebody"} | more


class Program:
    """One running ``chatctl``; its output is read line by line."""

    def __init__(self, process):
        self.process = process
        self.seen = []

    @classmethod
    async def start(cls, *args, **more):
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "chatctl",
                *map(str, args),
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                env=environment(**more),
            )
        )

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def write(self, text):
        self.process.stdin.write(text.encode())
        await self.process.stdin.drain()

    async def until(self, wanted):
        """Read lines until one is, or holds, *wanted*; return it."""
        async with asyncio.timeout(PATIENCE):
            while line := (await self.process.stdout.readline()).decode():
                self.seen.append(line.rstrip("\n"))
                if wanted in line:
                    return self.seen[-1]
        raise AssertionError(f"ended without {wanted!r}: {self.seen} {await self.errors()}")

    async def errors(self):
        return (await self.process.stderr.read()).decode()

    async def end(self, text=None):
        """Give *text* and the end of input; return the status, all output lines and the errors."""
        async with asyncio.timeout(PATIENCE):
            out, err = await self.process.communicate(text.encode() if text is not None else None)
        lines = self.seen + out.decode().splitlines()
        return self.process.returncode, lines, err.decode()


async def run(*args, text="", **more):
    """Run ``chatctl ARGS`` with *text* as its input; return status, output lines and errors."""
    async with await Program.start(*args, **more) as program:
        return await program.end(text)
