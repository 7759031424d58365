"""Listens to a stream of events as far as it goes without a socket, and reads what it sends as a browser would."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI

from app.main import create_app
from app.shared.json import loads_own
from app.shared.settings import Settings

SECONDS = 30
"""How long a test waits before it fails."""


@dataclass
class Block:
    """What stands between two empty lines: its fields, with a comment under the empty name (WHATWG HTML, 9.2.6)."""

    fields: dict[str, str]

    @property
    def id(self) -> int:
        """The id, which every block of ours has."""
        return int(self.fields["id"])

    @property
    def change(self) -> dict[str, Any] | None:
        """The change that it carries."""
        if "data" not in self.fields:
            return None
        assert self.fields["event"] == "change"
        found: dict[str, Any] = loads_own(self.fields["data"])
        return found


@dataclass
class Listener:
    """A client that listens."""

    chunks: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 0
    text: str = ""

    async def receive(self) -> dict[str, Any]:
        """Tell the app that the client is gone, once it is (ASGI)."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Mapping[str, Any]) -> None:
        """Take what the app sends (ASGI)."""
        self.status = message.get("status", self.status)
        self.chunks.put_nowait(message.get("body", b""))

    async def block(self) -> Block:
        """The next block."""
        async with asyncio.timeout(SECONDS):
            while "\n\n" not in self.text:
                self.text += (await self.chunks.get()).decode()
        block, _, self.text = self.text.partition("\n\n")
        return Block(dict(line.split(": ", 1) for line in block.split("\n")))

    async def change(self) -> Block:
        """The next block that carries a change."""
        while (block := await self.block()).change is None:
            pass
        return block


@asynccontextmanager
async def app_on(url: str) -> AsyncIterator[FastAPI]:
    """An app on a store, started."""
    app = create_app(Settings(database_url=url, deliver_webhooks=False))
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def listening(app: FastAPI, query: str = "", **headers: str) -> AsyncIterator[Listener]:
    """Listen to the changes of an app's store; the app has ended its reply when the block ends."""
    listener = Listener()
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/changes/stream",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
        "scheme": "http",
        "root_path": "",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
    }
    task = asyncio.create_task(app(scope, listener.receive, listener.send))
    try:
        yield listener
    finally:
        listener.gone.set()
        async with asyncio.timeout(SECONDS):
            await task
