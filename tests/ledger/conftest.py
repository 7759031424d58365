"""A store with many records of every resource, shared by all tests of a process, which only read it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.shared.settings import Settings
from tests.conftest import DATABASES, empty_store, serving
from tests.factories import put
from tests.ledger.several import everything


@pytest.fixture(scope="session", params=DATABASES)
async def many_url(request: pytest.FixtureRequest, templates: Path, postgresql_server: str) -> AsyncIterator[str]:
    async with empty_store(request.param, templates, postgresql_server) as url:
        database = Database(Settings(database_url=url))
        await put(database, **everything())
        await database.close()
        yield url


@pytest.fixture(scope="session")
async def many(many_url: str) -> AsyncIterator[AsyncClient]:
    """Asks the store with many records over HTTP."""
    async with serving(many_url) as client:
        yield client
