"""A store with companies that are easily taken for each other, shared by all tests of a process, which only read it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.shared.settings import Settings
from tests.conftest import DATABASES, empty_store, serving
from tests.factories import put
from tests.search.world import world


@pytest.fixture(scope="session", params=DATABASES)
async def known(request: pytest.FixtureRequest, templates: Path, postgresql_server: str) -> AsyncIterator[Database]:
    async with empty_store(request.param, templates, postgresql_server) as url:
        database = Database(Settings(database_url=url))
        await put(database, **world())
        yield database
        await database.close()


@pytest.fixture(scope="session")
async def searching(known: Database) -> AsyncIterator[AsyncClient]:
    """Asks that store over HTTP."""
    async with serving(known.writer.url.render_as_string(hide_password=False)) as client:
        yield client
