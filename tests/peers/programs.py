"""``chatctl`` as a person's shell would start it, but with a clean environment and no terminal."""

import asyncio
import contextlib
import os
import subprocess
import sys

CHATCTL = (sys.executable, "-m", "chatctl")
PATIENCE = 30


def environment(**more):
    """Return this process's environment without any setting of ours, plus *more*."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CHATCTL_")}
    for name in ("FORCE_COLOR", "PYTHONUNBUFFERED"):
        clean.pop(name, None)
    nowhere = {"CHATCTL_CONFIG": os.devnull, "CHATCTL_STATE": os.devnull}
    return clean | nowhere | {"LOGNAME": "somebody", "COLUMNS": "80"} | more


def run(*args, stdin="", code=None, **env):
    """Run ``chatctl ARGS``, or Python *code*, and return what came of it."""
    command = [sys.executable, "-c", code] if code else [*CHATCTL, *map(str, args)]
    return subprocess.run(
        command, env=environment(**env), capture_output=True, text=True, timeout=60, input=stdin
    )


@contextlib.contextmanager
def server(*options, port=0):
    """Run ``chatctl serve`` on 127.0.0.1; yield its address and its process."""
    command = [*CHATCTL, "serve", "--port", str(port), "--no-history", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        try:
            for line in process.stderr:
                if " server.listening " in line:
                    break
            yield line.rpartition("address=")[2].strip(), process
        finally:
            process.terminate()


class Program:
    """One running ``chatctl``, driven from a test's event loop; its output is read line by line."""

    def __init__(self, process):
        self.process = process
        self.seen = []

    @classmethod
    async def start(cls, *args, **more):
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(
                *CHATCTL,
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


async def play(*args, text="", **more):
    """Run ``chatctl ARGS`` beside the test; return status, output lines and errors."""
    async with await Program.start(*args, **more) as program:
        return await program.end(text)
