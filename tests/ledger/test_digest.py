"""The digest of a store: one for the same facts in either database, another as soon as any of them is another."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Table, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.check import check, digest
from app.models import metadata
from app.models.edges import edges
from app.models.ledger import OPEN, changes, records, revisions, store, versions
from app.models.search import search_entries
from app.shared.database import Database
from app.shared.settings import Settings
from app.shared.types import UtcDateTime
from app.transfer.resources import IN_ORDER
from tests.conftest import empty_store
from tests.factories import company, one_of_each, put
from tests.factories.rewriting import allow_rewriting
from tests.ledger.test_check import lived_in

_IDS = {records.c.id, edges.c.id, versions.c.record_id, changes.c.record_id, edges.c.record_id, store.c.id}
_SECRET = {store.c.secret}
_DROP_CHECKS = """
DO $$ DECLARE one name; BEGIN
    FOR one IN SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = '{table}'::regclass LOOP
        EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', one);
    END LOOP;
END $$
"""


def told() -> Iterator[Column[Any]]:
    """All columns of which the digest tells."""
    for table in (store, revisions, records, versions, changes, edges):
        yield from (column for column in table.c if column not in _IDS | _SECRET)


@asynccontextmanager
async def opened(kind: str, templates: Path, server: str) -> AsyncIterator[Database]:
    async with empty_store(kind, templates, server) as url:
        database = Database(Settings(database_url=url))
        yield database
        await database.close()


async def copied(source: Database, target: Database) -> None:
    """Every row of one store in another, whichever databases they are."""
    async with source.snapshot() as reads, target.writing() as writes:
        await writes.execute(delete(store))
        if writes.dialect.name == "postgresql":
            await writes.execute(text("SET LOCAL session_replication_role = replica"))
        for table in metadata.sorted_tables:
            rows = [dict(row) for row in (await reads.execute(select(table))).mappings()]
            if rows and table is not search_entries:
                await writes.execute(insert(table), rows)


@pytest.mark.parametrize(("there", "here"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
async def test_a_store_has_the_same_digest_in_the_other_database(
    templates: Path, postgresql_server: str, there: str, here: str
) -> None:
    async with (
        opened(there, templates, postgresql_server) as source,
        opened(here, templates, postgresql_server) as target,
    ):
        await lived_in(source)
        # Sorted by code points: a locale would put them in another order, and fold the first.
        await put(source, companies=[company(slug) for slug in ("z", "a-b", "ab", "a1")])
        await copied(source, target)
        assert await of(target) == await of(source)
        async with target.snapshot() as connection:
            wrong = (await check(connection, IN_ORDER)).findings
        assert [one.what for one in wrong] == ["records that search does not find"]


async def of(database: Database) -> str:
    async with database.snapshot() as connection:
        return await digest(connection)


async def test_a_digest_tells_when_anything_is_another(store: Database) -> None:
    await lived_in(store)
    async with store.writing() as connection:
        await allow_rewriting(connection)
    before = await of(store)
    async with store.writer.connect() as connection:
        for column in told():
            await forge(connection, column)
            assert await digest(connection) != before, column
            await connection.rollback()
    assert await of(store) == before


async def forge(connection: AsyncConnection, column: Column[Any]) -> None:
    """Give a column of one row another value, past all that would refuse it."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(_DROP_CHECKS.format(table=column.table.name)))
    else:
        await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        await connection.execute(text("PRAGMA ignore_check_constraints = ON"))
    table: Table = column.table
    keys = list(table.primary_key)
    *_, last = (await connection.execute(select(*keys, column).order_by(*keys))).all()
    same = [key == value for key, value in zip(keys, last[:-1], strict=True)]
    await connection.execute(update(table).where(*same).values({column: another(column, last[-1])}))


def another(column: Column[Any], value: Any) -> Any:  # noqa: ANN401 - what a column holds
    if isinstance(column.type, UtcDateTime):
        return datetime(2001, 1, 1, tzinfo=UTC)
    kind = column.type.python_type
    if kind is bool:
        return not value
    if column.name.endswith("_id"):
        return "another" if kind is str else 2 if value == 1 else 1
    if kind is int:
        return value - 1 if value == OPEN else value + 1_000
    return date(2001, 1, 1) if kind is date else "another"


async def test_a_digest_says_nothing_of_keys_and_of_the_numbers_of_rows(store: Database) -> None:
    await put(store, **one_of_each())
    before = await of(store)
    async with store.writing() as connection:
        await connection.execute(update(edges).values(id=edges.c.id + 1_000))
    assert await of(store) == before
