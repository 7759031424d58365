"""Stores of the newest schema to measure with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.ledger.keys import create
from app.shared.database import Database
from app.shared.migration import migrate
from app.shared.settings import Settings


@asynccontextmanager
async def migrated(url: str) -> AsyncIterator[Database]:
    """A store, brought to the newest schema, to put into it what is measured."""
    database = Database(Settings(database_url=url, statement_timeout_ms=600_000))
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


async def key_of(database: Database) -> str:
    """A key that may write."""
    return await create(database, "benchmark", "write")


async def keyed(url: str) -> str:
    """Migrate a store, and make a key of it that may write."""
    async with migrated(url) as database:
        return await key_of(database)
