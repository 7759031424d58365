"""Runs migrations on the connection that app/migrate.py hands over, or on the store that the settings name."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from app.models import metadata
from app.shared.settings import Settings


def run(connection: Connection) -> None:
    """Run all steps in one transaction: a migration that fails leaves the store as it was."""
    context.configure(connection=connection, target_metadata=metadata, compare_type=True, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    """Connect to the store of the settings, for `alembic` on the command line."""
    engine = create_async_engine(Settings().database_url)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
elif context.is_offline_mode():
    context.configure(url=Settings().database_url, target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(run_online())
