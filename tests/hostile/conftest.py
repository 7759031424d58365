"""A store that holds the article and a webhook, and a client that may do everything."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.transfer.seed import seed
from tests.conftest import serving
from tests.ledger.keyed import bearer


@pytest.fixture
async def admin(store: Database, store_url: str) -> AsyncIterator[AsyncClient]:
    await seed(store)
    async with serving(store_url, statement_timeout_ms=60_000) as client:
        client.headers.update(await bearer(store, "admin"))
        yield client


@pytest.fixture
async def webhook(admin: AsyncClient) -> str:
    """The id of a webhook."""
    reply = await admin.post("/v1/webhooks", json={"url": "https://dashboards.example.com/"})
    made: str = reply.json()["id"]
    return made
