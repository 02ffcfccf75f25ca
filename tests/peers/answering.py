"""A server for a test that leaves nothing open: not the accepted sockets either."""

import asyncio
import contextlib

from chatctl.transport.address import Address


@contextlib.asynccontextmanager
async def answering(handle, **how):
    """Serve *handle* to every connection; yield the address. At the end all of it is closed."""
    writers, tasks = [], []

    async def accept(reader, writer):
        writers.append(writer)
        tasks.append(asyncio.current_task())
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await handle(reader, writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, **how)
    try:
        yield Address("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for _ in range(3):
            for writer in writers:
                writer.transport.abort()
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
