"""What is written once: the database itself lets nobody rewrite the log of changes, or who made a revision."""

import pytest
from sqlalchemy import Table, delete, func, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from app.models import metadata
from app.shared.database import Database
from tests.factories import one_of_each, put
from tests.factories.rewriting import APPEND_ONLY

TABLES = [metadata.tables[name] for name in APPEND_ONLY]


async def rows(store: Database, table: Table) -> int:
    """How many rows a table has."""
    async with store.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


@pytest.mark.parametrize("table", TABLES, ids=APPEND_ONLY)
async def test_no_row_can_be_updated_or_deleted(store: Database, table: Table) -> None:
    await put(store, **one_of_each())
    before = await rows(store, table)
    same = {column.name: column for column in table.columns}
    for statement in (update(table).values(same), delete(table)):
        with pytest.raises(IntegrityError, match=f"{table.name} is append-only"):
            async with store.writing() as connection:
                await connection.execute(statement)
    assert await rows(store, table) == before > 0


@pytest.mark.parametrize("table", TABLES, ids=APPEND_ONLY)
async def test_a_table_cannot_be_emptied_at_once(store: Database, table: Table) -> None:
    await put(store, **one_of_each())
    # SQLite has no such statement: there a DELETE is the only way, which is refused above.
    refusal = IntegrityError if store.writer.dialect.name == "postgresql" else OperationalError
    for statement in (f"TRUNCATE {table.name} CASCADE", "TRUNCATE records CASCADE"):
        with pytest.raises(refusal, match=r"is append-only|syntax error"):
            async with store.writing() as connection:
                await connection.execute(text(statement))
    assert await rows(store, table) > 0


async def test_a_row_can_be_added_by_every_later_write(store: Database) -> None:
    await put(store, **one_of_each())
    changed = one_of_each()["companies"][0] | {"name": "Another"}
    await put(store, companies=[changed])
    assert [await rows(store, table) for table in TABLES] == [10, 2]
