"""A store to look at, shared by all tests of a process, which only read it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.shared.settings import Settings
from tests.conftest import DATABASES, empty_store, serving
from tests.web.world import settle


@pytest.fixture(scope="session", params=DATABASES)
async def visitor(
    request: pytest.FixtureRequest, templates: Path, postgresql_server: str
) -> AsyncIterator[AsyncClient]:
    """Somebody who looks at a company with 60 neighbours, at sources that disagree, and at names meant to do harm."""
    async with empty_store(request.param, templates, postgresql_server) as url:
        database = Database(Settings(database_url=url))
        await settle(database)
        await database.close()
        async with serving(url) as client:
            yield client
