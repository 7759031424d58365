"""What the lists inside a record lack: kept with it, and told of rows that an older version wrote."""

from zlib import crc32

import pytest
from sqlalchemy import null, select, update

from app.contracts.repository import CONTRACTS
from app.ledger.filters import conditions, read_filters
from app.ledger.lacking import codes_of, fill
from app.shared.database import Database
from app.transfer.resources import IN_ORDER
from tests.factories import one_of_each, put

QUESTIONS = [
    "role__not=guarantor",
    "role__not=supplier",
    "evidence__not=rumoured",
    "used_in__empty=true",
    "locator__empty=true",
]


async def listed(store: Database, question: str) -> list[str]:
    name, _, value = question.partition("=")
    async with store.reading() as connection:
        asked = await conditions(connection, CONTRACTS, read_filters(CONTRACTS, [(name, value)]))
        return list(await connection.scalars(select(CONTRACTS.table.c.slug).where(*asked)))


def test_no_two_lacks_of_a_resource_have_one_code() -> None:
    for resource in IN_ORDER:
        codes = codes_of(resource)
        assert len(set(codes.values())) == len(codes) > 0


def test_a_vocabulary_that_grows_needs_a_migration_that_sets_lacks_to_null() -> None:
    """Rows of before would not be found by a word that is new: change the number with the migration."""
    known = ",".join(str(code) for resource in IN_ORDER for code in sorted(codes_of(resource).values()))
    assert crc32(known.encode()) == 3_335_012_661


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_row_of_an_older_version_is_looked_at_itself_until_it_is_filled(store: Database, question: str) -> None:
    await put(store, **one_of_each())
    kept = await listed(store, question)
    async with store.writing() as connection:
        await connection.execute(update(CONTRACTS.table).values(lacks=null()))
    assert await listed(store, question) == kept
    assert await fill(store, CONTRACTS) > 0
    assert await fill(store, CONTRACTS) == 0
    assert await listed(store, question) == kept


async def test_a_filled_row_is_what_a_write_would_have_kept(store: Database) -> None:
    await put(store, **one_of_each())
    codes = select(CONTRACTS.table.c.slug, CONTRACTS.table.c.lacks).order_by("slug")
    async with store.reading() as connection:
        before = (await connection.execute(codes)).all()
    async with store.writing() as connection:
        await connection.execute(update(CONTRACTS.table).values(lacks=null()))
    await fill(store, CONTRACTS)
    async with store.reading() as connection:
        assert (await connection.execute(codes)).all() == before
    assert before
    assert all(row.lacks for row in before)
