"""A proxy that stands between clients and servers, and does to replies what networks do: cut, delay and drop them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Literal

Harm = Literal["none", "before", "inside", "late", "never"]
"""Where a reply is cut: before its first byte, inside; or it comes late, or never and the connection ends."""
LATE = 0.5


@asynccontextmanager
async def proxy(ports: Sequence[int], harm: Callable[[], Harm]) -> AsyncIterator[int]:
    """A port that leads to the servers on some ports in turn; each reply is harmed as ``harm`` says."""
    turn = 0
    open_ones = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turn
        task = asyncio.current_task()
        assert task
        open_ones.add(task)
        turn += 1
        # A server that is not there, or goes away, ends the connection, as a balancer without retries does.
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await _one_after_the_other(reader, writer, ports[turn % len(ports)], harm)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            open_ones.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


async def _one_after_the_other(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, harm: Callable[[], Harm]
) -> None:
    behind, to_it = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            to_it.write(await _message(reader))
            # The whole reply is here before anything is done to it: what it tells of is committed.
            reply, done = await _message(behind), harm()
            if done == "late":
                await asyncio.sleep(LATE)
            if done == "never":
                await asyncio.sleep(LATE)
                return
            writer.write(reply if done in {"none", "late"} else reply[: len(reply) // 2] if done == "inside" else b"")
            await writer.drain()
            if done in {"before", "inside"}:
                return
    finally:
        to_it.close()
        with suppress(OSError):
            await to_it.wait_closed()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """A request or reply of ours whole: its header, and the body of the length that it says."""
    header = await reader.readuntil(b"\r\n\r\n")
    lines = header.lower().split(b"\r\n")
    length = next((int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")), 0)
    return header + await reader.readexactly(length)
