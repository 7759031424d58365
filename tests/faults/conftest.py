"""A store that a test may break, with a key to write to it: SQLite in a file, or a PostgreSQL server of its own."""

from collections.abc import Iterator

import pytest

from app.shared.database import Database
from app.shared.migration import migrate
from app.shared.settings import Settings
from tests.faults.postgresql import Postgresql, postgresql


@pytest.fixture
def own_server() -> Iterator[Postgresql]:
    with postgresql() as server:
        yield server


async def migrated(url: str) -> Database:
    """A store of the newest schema at a URL."""
    store = Database(Settings(database_url=url))
    await migrate(store)
    return store
