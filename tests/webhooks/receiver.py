"""A receiver of webhooks on this machine that answers as a test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HANG = "hang"
DROP = "drop"
ENDLESS = "endless"
_PATIENCE = 30
Answer = int | str | tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The id of the message."""
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """What came, and what is answered to the next that come: a status, one with headers, or worse; 204 at the end."""

    port: int = 0
    answers: list[Answer] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook?from=dealgraph"

    @property
    def ids(self) -> list[str]:
        """The ids of the messages in the order in which they came."""
        return [one.id for one in self.received]

    async def has_received(self, number: int) -> None:
        """Wait until so many requests came."""
        async with asyncio.timeout(_PATIENCE), self._more:
            await self._more.wait_for(lambda: len(self.received) >= number)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        self.connections += 1
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
        body = await reader.readexactly(int(headers["content-length"]))
        async with self._more:
            self.received.append(Received(line, headers, body))
            self._more.notify_all()
        try:
            await _answer(writer, self.answers.pop(0) if self.answers else 204)
        except ConnectionError:
            pass
        finally:
            writer.close()


async def _answer(writer: asyncio.StreamWriter, answer: Answer) -> None:
    if answer == HANG:
        await asyncio.sleep(3_600)
    if answer == DROP:
        return
    if answer == ENDLESS:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"400\r\n" + b"x" * 0x400 + b"\r\n")
            await writer.drain()
        return
    status, headers = answer if isinstance(answer, tuple) else (int(answer), {})
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n{lines}\r\n".encode())
    await writer.drain()


@asynccontextmanager
async def receiving(answers: Sequence[Answer] = ()) -> AsyncIterator[Receiver]:
    """A receiver that listens on a port of its own."""
    receiver = Receiver(answers=list(answers))
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(receiver.handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
