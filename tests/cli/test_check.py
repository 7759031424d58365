"""``dealgraph check``: what it says of a store, and how it ends."""

import re

from sqlalchemy import update

from app.models.companies import companies
from app.shared.database import Database
from tests.cli.test_cli import told
from tests.factories import one_of_each, put


async def test_a_good_store_ends_with_its_counts_and_its_digest(store: Database, store_url: str) -> None:
    await put(store, **one_of_each())
    result = await told(store_url, "check")
    counts, digest = result.stdout.splitlines()
    assert result.exit_code == 0
    assert counts == "9 records, 9 versions, 9 changes, 2 edges: all is as it should be"
    assert re.fullmatch("revision 1, sha256 [0-9a-f]{64}", digest)


async def test_a_broken_store_is_named_and_ends_with_1(store: Database, store_url: str) -> None:
    await put(store, **one_of_each())
    async with store.writing() as connection:
        await connection.execute(update(companies).where(companies.c.slug == "openai").values(name="Forged"))
    result = await told(store_url, "check")
    wrong, counts, _ = result.stdout.splitlines()
    assert result.exit_code == 1
    assert wrong == "wrong: companies whose rows say something else than their document: 1 (openai)"
    assert counts.endswith(": 1 thing is wrong")
