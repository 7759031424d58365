"""Lets a test rewrite what is append-only, as no client can."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

APPEND_ONLY = ("changes", "revisions")


async def allow_rewriting(connection: AsyncConnection) -> None:
    """Take the triggers away that refuse it, for good: for a store that the test has to itself."""
    for table in APPEND_ONLY:
        if connection.dialect.name == "postgresql":
            await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            continue
        for what in ("update", "delete"):
            await connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_refuse_{what}"))
