"""What is searched follows the records: cheaply, in their transaction, and the same when it is made anew."""

from typing import Any

from sqlalchemy import delete, event, select

from app.cli.store import migrate_store
from app.models.search import name_keys, search_entries
from app.projection.search import fill, rebuild
from app.shared.database import Database
from tests.factories import company, one_of_each, put


async def kept(store: Database) -> list[Any]:
    """All that is kept for search."""
    async with store.reading() as connection:
        entries = await connection.execute(select(search_entries).order_by(search_entries.c.record_id))
        names = await connection.execute(select(name_keys).order_by(name_keys.c.company_id, name_keys.c.position))
        return [*entries, *names]


async def test_a_rebuild_and_the_filling_of_an_old_store_give_what_writes_have_kept(store: Database) -> None:
    await put(store, **one_of_each())
    await put(store, companies=[company("openai", name="OpenAI Group", aliases=["Open A.I."])])
    before = await kept(store)
    assert len(before) == 9 + 6
    async with store.writing() as connection:
        assert await rebuild(connection) == 9
        assert await fill(connection) == 0
    assert await kept(store) == before
    async with store.writing() as connection:
        await connection.execute(delete(search_entries))
        await connection.execute(delete(name_keys))
    await migrate_store(store)
    assert await kept(store) == before


async def test_a_batch_costs_as_many_statements_as_one_record(store: Database) -> None:
    said: list[str] = []
    event.listen(store.writer.sync_engine, "before_cursor_execute", lambda *told: said.append(told[2]))

    async def cost(name: str, *slugs: str) -> int:
        said.clear()
        await put(store, companies=[company(slug, name=name) for slug in slugs])
        return sum("search_entries" in statement or "name_keys" in statement for statement in said)

    many = [f"c-{n}" for n in range(10)]
    # What is new is inserted into both tables; what was there is deleted from both before.
    assert [await cost("One", "a"), await cost("One", *many)] == [2, 2]
    assert [await cost("Two", "a"), await cost("Two", *many)] == [4, 4]
