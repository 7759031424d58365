"""A store in which the same things were told in several ways over time, shared by all tests of a process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.shared.database import Database
from app.shared.settings import Settings
from tests.conftest import DATABASES, empty_store, serving
from tests.graph.small_world import World, tell_it


@pytest.fixture(scope="session", params=DATABASES)
async def world(request: pytest.FixtureRequest, templates: Path, postgresql_server: str) -> AsyncIterator[World]:
    """The small world, told in three revisions."""
    async with empty_store(request.param, templates, postgresql_server) as url:
        database = Database(Settings(database_url=url))
        moments = await tell_it(database)
        await database.close()
        async with serving(url) as client:
            yield World(url, client, *moments)
