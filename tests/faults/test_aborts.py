"""Clients that go away in the middle of what they asked: no connection to the store stays taken."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from fastapi import FastAPI

from app.cli.connection import Serving
from app.cli.serve import listen
from app.main import create_app
from app.shared.database import Database
from app.shared.settings import Settings
from tests.factories import company, put
from tests.faults.figures import FULL, tell
from tests.faults.writing import HEALTHY, clients, is_whole
from tests.ledger.keyed import bearer

ABORTS = 1_000 if FULL else 120
AT_ONCE = 20

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults: aborts")]

BODY = b'{"name": "Aborted", "kind": "other"}'
ASKED = (
    b"GET /v1/companies?count=true HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v1/companies/acme/dependencies?depth=8 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v1/loops HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v1/export HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v1/changes/stream?after=0 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v1/search?q=acme HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /companies/acme HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /v1/companies HTTP/1.1\r\nHost: a\r\n%sContent-Type: application/json\r\nContent-Length: 36\r\n\r\n" + BODY,
    b"POST /v1/match HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
)


@asynccontextmanager
async def serving_here(url: str) -> AsyncIterator[tuple[int, FastAPI]]:
    """A server with real sockets in this process, so that its pools can be looked at: its port, and its app."""
    settings = Settings(database_url=url, deliver_webhooks=False)
    app = create_app(settings)
    config = Serving(settings, log_level="warning")
    config.app = app
    config.factory = False
    server, listener = uvicorn.Server(config), listen("127.0.0.1", 0)
    task = asyncio.create_task(server._serve([listener]))  # noqa: SLF001 - serve() would take the signals of the tests
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield listener.getsockname()[1], app
    finally:
        server.should_exit = True
        await task


async def abort(port: int, asked: bytes) -> None:
    """Ask something, and go away before the reply, in the middle of it, or before all was asked."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(asked if random.random() < 0.8 else asked[: len(asked) // 2])  # noqa: S311 - no secret
    with suppress(OSError):
        await writer.drain()
        await asyncio.sleep(random.random() / 50)  # noqa: S311 - the same
    writer.transport.abort()


def taken(store: Database) -> int:
    """How many connections to the store somebody has."""
    return sum(engine.pool.checkedout() for engine in {store.reader, store.writer, store.primary})  # type: ignore[attr-defined]


async def all_given_back(store: Database) -> None:
    """Wait until nobody has a connection: what looks for changes now and then has one for a moment."""
    async with asyncio.timeout(HEALTHY):
        while taken(store):  # noqa: ASYNC110 - a pool has no event for it
            await asyncio.sleep(0.05)


async def test_clients_that_go_away_leave_no_connection_taken(store: Database, store_url: str) -> None:
    await put(store, companies=[company("acme")])
    key = await bearer(store)
    header = f"Authorization: {key['Authorization']}\r\n".encode()
    async with serving_here(store_url) as (port, app):
        for _ in range(ABORTS // AT_ONCE):
            asked = [random.choice(ASKED) for _ in range(AT_ONCE)]  # noqa: S311 - no secret
            await asyncio.gather(*(abort(port, one.replace(b"%s", header)) for one in asked))
        await all_given_back(app.state.database)
        async with clients([port], key) as (one,):
            replies = await asyncio.gather(*(one.get("/v1/companies?count=true") for _ in range(30)))
        assert {reply.status_code for reply in replies} == {200}
        await all_given_back(app.state.database)
    await is_whole(store)
    tell("clients that go away", store_url, aborted=ABORTS // AT_ONCE * AT_ONCE, connections_left=0)
