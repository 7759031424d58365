"""Migrations while both versions of the code run: what the code before writes, and what is left after down and up."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, delete, insert, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.cli.store import migrate_store
from app.ledger.check import check
from app.models import metadata
from app.models.ledger import store as store_table
from app.models.search import search_entries
from app.shared.database import Database
from app.shared.migration import alembic_config, downgrade, migrate
from app.shared.schema import newest
from app.shared.settings import Settings
from app.transfer.resources import IN_ORDER
from benchmarks.transfer import record
from tests.cli.test_cli import COMMAND
from tests.factories import put
from tests.factories.rewriting import allow_rewriting
from tests.ledger.test_check import lived_in

RECORDS = int(os.environ.get("DEALGRAPH_TEST_SCALE", "1")) * 200
SECONDS = 240
FIRST_WITH_ALL = "0002"
"""The first schema that has a place for all that a store says now: a step down to one before loses some of it."""

Rows = list[dict[str, Any]]


class Old(NamedTuple):
    """What the code before wrote: its tables, and rows of their columns."""

    tables: list[Table]
    rows: dict[str, Rows]


def steps() -> list[str]:
    """The revisions of the schema that keep all, the newest first."""
    found = [one.revision for one in ScriptDirectory.from_config(alembic_config()).walk_revisions()]
    return found[: found.index(FIRST_WITH_ALL) + 1]


async def whole(store: Database) -> str:
    """The digest of a store in which nothing is wrong."""
    async with store.snapshot() as connection:
        report = await check(connection, IN_ORDER)
    assert [str(finding) for finding in report.findings] == []
    return report.digest


async def filled(store: Database) -> None:
    """A store with a history, and with so many records more."""
    await lived_in(store)
    records: dict[str, Rows] = {}
    for one in (dict(record(number)) for number in range(RECORDS)):
        records.setdefault(str(one.pop("type")), []).append(one)
    await put(store, **records)


@pytest.fixture
async def patient(store_url: str) -> AsyncIterator[Database]:
    """The store of this test, in which a statement may take as long as a large store needs."""
    store = Database(Settings(database_url=store_url, statement_timeout_ms=600_000))
    yield store
    await store.close()


async def test_down_and_up_again_from_each_step_keep_the_digest(patient: Database) -> None:
    await filled(patient)
    before = await whole(patient)
    assert steps()[0] == newest()
    for step in steps()[1:]:
        assert await downgrade(patient, step) == (newest(), step)
        await migrate_store(patient)
        assert await whole(patient) == before, step


@pytest.mark.parametrize("number", [1, 2])
async def test_processes_that_migrate_at_once_do_it_once(store: Database, store_url: str, number: int) -> None:
    """From nothing, and from the step before, with all that the store holds kept."""
    before = ""
    if number == 1:
        await downgrade(store)
    else:
        await filled(store)
        before = await whole(store)
        await downgrade(store, steps()[1])
    await store.close()
    said = await asyncio.gather(*(asyncio.to_thread(migrating, store_url) for _ in range(2)))
    assert sorted("(was" in one for one in said) == [False, True], said
    assert before in {"", await whole(store)}


def migrating(url: str) -> str:
    """What ``dealgraph migrate`` says in a process of its own."""
    environment = os.environ | {"DEALGRAPH_DATABASE_URL": url}
    done = subprocess.run(
        [COMMAND, "migrate"], env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def written_before(store: Database, step: str) -> Old:
    """What a store holds, in the tables and columns that the schema of a step has."""
    await downgrade(store, step)
    async with store.writing() as connection:
        tables = await connection.run_sync(old_tables)
    await migrate(store)
    await lived_in(store)
    async with store.snapshot() as connection:
        rows = {
            table.name: [dict(row) for row in (await connection.execute(select(table))).mappings()] for table in tables
        }
    return Old(tables, rows)


def old_tables(connection: Connection) -> list[Table]:
    """The tables as they are there, each column with the type that our models know it by."""
    found, there = MetaData(), inspect(connection)
    return [
        Table(
            table.name,
            found,
            *(
                Column(one["name"], table.c[one["name"]].type if one["name"] in table.c else one["type"])
                for one in there.get_columns(table.name)
            ),
        )
        for table in metadata.sorted_tables
        if table.name in there.get_table_names()
    ]


async def rewritten(store: Database, old: Old) -> None:
    """Empty the store, and write what it held as the code before would: with no column that it does not know."""
    async with store.writing() as connection:
        await allow_rewriting(connection)
        for table in reversed(metadata.sorted_tables):
            if table is not store_table:
                await connection.execute(delete(table))
    async with store.writing() as connection:
        for table in old.tables:
            if table.name == store_table.name:
                counted = {name: old.rows[table.name][0][name] for name in ("revision", "position")}
                await connection.execute(table.update().values(counted))
            elif old.rows[table.name] and table.name != search_entries.name:
                await connection.execute(insert(table), old.rows[table.name])
    async with store.snapshot() as connection:
        for table in old.tables:
            await connection.execute(select(table))


async def test_what_the_code_before_writes_is_whole_in_the_newest_schema(store: Database) -> None:
    """Expand before contract: nothing that it writes is refused, and nothing that it leaves out is missed."""
    old = await written_before(store, steps()[1])
    before = await whole(store)
    await rewritten(store, old)
    await migrate_store(store)
    assert await whole(store) == before
    await put(store, companies=[{"slug": "new", "name": "New", "kind": "software"}])
    await whole(store)


AT_ONCE = {
    "a column that has to be filled": """
    op.add_column("changes", sa.Column("why", sa.String(), server_default="", nullable=False))
    with op.batch_alter_table("changes") as table:
        table.alter_column("why", server_default=None)
""",
    "a column with another name": """
    op.alter_column("companies", "website", new_column_name="site")
""",
    "a column that is gone": """
    op.drop_column("revisions", "request_id")
""",
    "a vocabulary that is narrower": """
    with op.batch_alter_table("versions") as table:
        table.create_check_constraint("shorter", "length(document) < 20")
""",
}


@pytest.mark.parametrize("step", AT_ONCE)
async def test_a_migration_that_leaves_no_time_for_both_is_found(
    store: Database, next_step: Callable[[str], None], step: str
) -> None:
    old = await written_before(store, steps()[1])
    await rewritten(store, Old(old.tables, {name: [] for name in old.rows} | {"store": old.rows["store"]}))
    before = newest()
    next_step(AT_ONCE[step])
    await migrate(store)
    async with store.reading() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) != before
    with pytest.raises(SQLAlchemyError):
        await rewritten(store, old)
