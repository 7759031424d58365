"""Brings a store to the newest schema: all steps in one transaction, so that a failure leaves it as it was."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.shared.database import Database
from app.shared.files import travelling


def alembic_config() -> Config:
    """Alembic's configuration, pointing at the migrations that came with the code."""
    config = Config()
    config.set_main_option("script_location", str(travelling("migrations")).replace("%", "%%"))
    return config


async def migrate(database: Database) -> tuple[str | None, str | None]:
    """Run what is missing; return the schema's revision before and after, ``None`` for an empty store."""

    def run(connection: Connection) -> tuple[str | None, str | None]:
        before = _current(connection)
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return before, _current(connection)

    async with database.writing() as connection:
        return await connection.run_sync(run)


async def is_current(database: Database) -> bool:
    """Whether the store has the schema that this code was written for."""
    async with database.reading() as connection:
        return await connection.run_sync(_current) == newest()


def newest() -> str | None:
    """The schema revision that this code was written for."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
