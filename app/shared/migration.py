"""Brings a store to the newest schema: all steps in one transaction, so that a failure leaves it as it was."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.shared.database import Database
from app.shared.files import travelling
from app.shared.schema import current, is_later

_LOCK: Final = 7_309_455_201
"""Our own among the advisory locks of a PostgreSQL database."""


def alembic_config() -> Config:
    """Alembic's configuration, pointing at the migrations that came with the code."""
    config = Config()
    config.set_main_option("script_location", str(travelling("migrations")).replace("%", "%%"))
    return config


async def migrate(database: Database) -> tuple[str | None, str | None]:
    """Run what is missing; return the schema's revision before and after, ``None`` for an empty store.

    A schema that is later than this code stays: the code that brought it left this one able to work
    (docs/decisions/migrations.md). Raises ValueError for a schema that is not ours.
    """
    return await _move(database, _upgrade)


def _upgrade(config: Config) -> None:
    if not is_later(current(config.attributes["connection"])):
        command.upgrade(config, "head")


async def downgrade(database: Database, to: str = "base") -> tuple[str | None, str | None]:
    """Take the schema back to one of its revisions, by default to none; the same of what is returned and raised.

    What a schema has no place for is lost: to none, all of it.
    """
    return await _move(database, lambda config: command.downgrade(config, to))


async def _move(database: Database, way: Callable[[Config], None]) -> tuple[str | None, str | None]:
    def run(connection: Connection) -> tuple[str | None, str | None]:
        before = current(connection)
        config = alembic_config()
        config.attributes["connection"] = connection
        try:
            way(config)
        except CommandError as error:
            raise ValueError(f"the store has a schema that this code does not know ({before}): {error}") from None
        return before, current(connection)

    async with _rebuilding(database) as connection:
        if connection.dialect.name == "postgresql":
            # Replicas that start together migrate one after the other, however long the first takes; SQLite's write
            # lock does the same.
            await connection.execute(text("SET LOCAL lock_timeout = 0"))
            await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        return await connection.run_sync(run)


@asynccontextmanager
async def _rebuilding(database: Database) -> AsyncIterator[AsyncConnection]:
    """A transaction in which a table that others refer to may be made anew; references are checked at its end.

    SQLite changes a constraint by replacing the table (its ALTER TABLE page, section 7), and would refuse to drop one.
    """
    async with database.writer.connect() as connection:
        if connection.dialect.name == "postgresql":
            async with connection.begin():
                yield connection
            return
        driver: Any = (await connection.get_raw_connection()).driver_connection
        # Ignored once a transaction has begun.
        await driver.execute("PRAGMA foreign_keys=OFF")
        try:
            async with connection.begin():
                yield connection
                if broken := (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all():
                    raise ValueError(f"the migration would leave {len(broken)} references to nothing")
        finally:
            await driver.execute("PRAGMA foreign_keys=ON")
