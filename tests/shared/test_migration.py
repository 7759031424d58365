"""Migrations: up, down and up again, what the models say, and a failure that leaves the store as it was."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.models import metadata
from app.models.ledger import versions
from app.models.search import is_compared
from app.shared import migration
from app.shared.database import Database
from app.shared.migration import alembic_config, migrate
from app.shared.schema import newest, schema_of, suits
from tests.factories import one_of_each, put

HALFWAY = """
    op.create_table("halfway", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("UPDATE store SET revision = 77")
    op.execute("SELECT nothing FROM nowhere")
"""
REBUILDING = """
    with op.batch_alter_table("companies") as table:
        table.alter_column("name", nullable=True)
"""
ORPHANING = """
    op.execute("DELETE FROM companies WHERE slug = 'coreweave'")
"""


def test_the_newest_schema_is_told_from_the_names_of_the_migrations_as_by_what_is_in_them() -> None:
    assert newest() == ScriptDirectory.from_config(alembic_config()).get_current_head()


async def inside(store: Database, work: Callable[[Connection], Any]) -> Any:  # noqa: ANN401 - what the work gives
    """Do something synchronous in one transaction."""
    async with store.writing() as connection:
        return await connection.run_sync(work)


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def spelt(part: dict[str, Any]) -> str:
    """A part of a schema as text; the condition of a partial index is an object without one of its own."""
    options = {name: str(value) for name, value in part.pop("dialect_options", {}).items()}
    if "referred_table" in part:
        # SQLite does not tell the name of one that came with its column.
        del part["name"]
    return str(sorted((part | options).items(), key=str))


def schema(connection: Connection) -> dict[str, Any]:
    """Columns, checks, keys and indexes of every table, in an order of our own."""
    looked = inspect(connection)
    return {
        name: [
            sorted(spelt(dict(part)) for part in parts)
            for parts in (
                looked.get_columns(name),
                looked.get_check_constraints(name),
                looked.get_foreign_keys(name),
                looked.get_indexes(name),
                looked.get_unique_constraints(name),
            )
        ]
        for name in looked.get_table_names()
    }


def configured(connection: Connection) -> Config:
    config = alembic_config()
    config.attributes["connection"] = connection
    return config


def downgrade(connection: Connection, to: str = "base") -> None:
    command.downgrade(configured(connection), to)


async def test_down_takes_everything_away_and_up_brings_it_back(store: Database) -> None:
    await put(store, **one_of_each())
    before = await inside(store, schema)
    await inside(store, downgrade)
    assert await inside(store, tables) == {"alembic_version"}
    assert await migrate(store) == (None, newest())
    assert await inside(store, schema) == before
    await put(store, **one_of_each())


async def test_records_of_before_claims_are_shown_as_if_they_were_put_now(store: Database) -> None:
    await put(store, **one_of_each())
    shown = select(versions.c.record_id, versions.c.version, versions.c.document).order_by(versions.c.record_id)

    def back_and_forth(connection: Connection) -> tuple[list[Any], list[Any], list[Any]]:
        now = connection.execute(shown).all()
        downgrade(connection, "0001")
        then = connection.execute(shown).all()
        command.upgrade(configured(connection), "head")
        return list(now), list(then), list(connection.execute(shown).all())

    now, then, again = await inside(store, back_and_forth)
    assert now == again
    assert not any('"preferred"' in row.document or '"disputed"' in row.document for row in then)
    assert (await put(store, **one_of_each())).revision is None


# What texts begin with is indexed on PostgreSQL only.
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
async def test_the_migrated_schema_is_what_the_models_say(store: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True, "include_object": is_compared}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    assert await inside(store, differences) == []


async def test_what_alembic_does_not_compare_is_the_same_too(store: Database) -> None:
    """Checks, deferred foreign keys and partial indexes: the models' own DDL makes the schema that migrations make."""

    def rebuilt(connection: Connection) -> dict[str, Any]:
        metadata.drop_all(connection)
        metadata.create_all(connection)
        return schema(connection)

    migrated = await inside(store, schema)
    assert await inside(store, rebuilt) == migrated


async def test_a_second_run_changes_nothing(store: Database) -> None:
    assert await migrate(store) == (newest(), newest())
    assert await schema_of(store) == newest()


@pytest.mark.parametrize("upgrade", [HALFWAY, ORPHANING])
async def test_a_migration_that_fails_leaves_the_store_as_it_was(
    store: Database, next_step: Callable[[str], None], upgrade: str
) -> None:
    await put(store, **one_of_each())
    before = await inside(store, schema)
    next_step(upgrade)
    with pytest.raises((SQLAlchemyError, ValueError)):
        await migrate(store)
    assert await inside(store, schema) == before
    assert await schema_of(store) == newest()
    async with store.reading() as connection:
        assert await connection.scalar(text("SELECT revision FROM store")) == 1
        assert await connection.scalar(text("SELECT count(*) FROM companies")) == 3


async def test_a_migration_may_rebuild_a_table_that_others_refer_to(
    store: Database, next_step: Callable[[str], None]
) -> None:
    await put(store, **one_of_each())
    next_step(REBUILDING)
    await migrate(store)
    async with store.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM contract_parties")) == 2
    assert (await put(store, **one_of_each())).revision is None
    with pytest.raises(SQLAlchemyError):
        await inside(store, lambda connection: connection.execute(text("DELETE FROM companies")))


async def marked(store: Database, revision: str) -> None:
    """A store whose schema bears the name of some revision."""
    async with store.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


async def test_a_schema_that_the_code_does_not_know_is_said_so(store: Database) -> None:
    for stranger in ("3f2a", "99999", "0000"):
        await marked(store, stranger)
        assert not suits(await schema_of(store))
        with pytest.raises(ValueError, match=rf"a schema that this code does not know \({stranger}\)"):
            await migrate(store)


async def test_a_schema_that_is_later_is_left_as_it_is(store: Database) -> None:
    await marked(store, "9999")
    assert suits(await schema_of(store))
    assert await migrate(store) == ("9999", "9999")
    await put(store, **one_of_each())


async def test_replicas_that_start_together_do_not_trip_over_each_other(store: Database) -> None:
    await inside(store, downgrade)
    found = await asyncio.gather(*(migrate(store) for _ in range(4)))
    assert sorted(before or "" for before, _ in found) == ["", *[newest()] * 3]
    await put(store, **one_of_each())


def test_a_percent_sign_in_the_path_is_no_interpolation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "100%(here)s"
    monkeypatch.setattr(migration, "travelling", lambda _name: folder)
    assert alembic_config().get_main_option("script_location") == str(folder)
