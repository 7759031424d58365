"""Runs migrations on the connection that the app hands over, on the store of the settings, or offline into SQL."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from app.models import metadata
from app.models.search import is_compared
from app.shared.settings import Settings


def upgrade_in_one_transaction() -> None:
    """Run all steps together: a migration that fails leaves the store as it was."""
    with context.begin_transaction():
        if context.get_context().dialect.name == "postgresql":
            # Whoever waits for a table's lock makes all who come after wait too: rather fail, and try again.
            context.execute("SET LOCAL lock_timeout = '5s'")
        context.run_migrations()


def run(connection: Connection) -> None:
    """Run them on a connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        include_object=is_compared,
        transaction_per_migration=False,
    )
    upgrade_in_one_transaction()


async def run_online() -> None:
    """Connect to the store of the settings, for `alembic` on the command line."""
    engine = create_async_engine(Settings().database_url)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


def render() -> None:
    """Write the SQL for the database of the settings, which need not be there: `alembic upgrade head --sql`."""
    dialect = make_url(Settings().database_url).get_backend_name()
    context.configure(dialect_name=dialect, target_metadata=metadata, literal_binds=True)
    upgrade_in_one_transaction()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
elif context.is_offline_mode():
    render()
else:
    asyncio.run(run_online())
