"""Which schema a store has, and whether this code can work on it.

Alembic keeps the one, and the names of the migrations tell the other: Alembic itself takes 0.1 s to import, and is for
stores that need it (app/shared/migration.py).
"""

import re
from functools import cache
from typing import Final

from sqlalchemy import Connection, inspect, text

from app.shared.database import Database
from app.shared.files import travelling

OUTDATED: Final = "the schema of the store is older than this code: run dealgraph migrate"


async def schema_of(database: Database) -> str | None:
    """The revision of the schema that the store has, ``None`` where it has none."""
    async with database.reading() as connection:
        return await connection.run_sync(current)


def suits(revision: str | None) -> bool:
    """Whether this code can work on a schema: its own, or a later one."""
    return revision == newest() or is_later(revision)


def is_later(revision: str | None) -> bool:
    """Whether a schema is later than this code: the revisions of ours are numbers of four digits."""
    return revision is not None and re.fullmatch("[0-9]{4}", revision) is not None and revision > newest()


@cache
def newest() -> str:
    """The schema revision that this code was written for."""
    return max(file.name[:4] for file in (travelling("migrations") / "versions").glob("[0-9]*_*.py"))


def current(connection: Connection) -> str | None:
    """The revision of the schema that is there, ``None`` where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
