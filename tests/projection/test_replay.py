"""The edges that are kept equal a replay of the history, whatever was written; what does not is found, and mended."""

from contextlib import suppress
from copy import deepcopy
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, insert, select, update

from app.ledger.transaction import Author, Refused, transaction
from app.models.base import metadata
from app.models.edges import edges
from app.models.ledger import OPEN
from app.models.ledger import store as store_table
from app.projection.rebuild import Difference, compare, rebuild
from app.projection.row import COMPARED
from app.shared.database import Database
from app.transfer.load import ImportRefused
from app.transfer.resources import BY_TYPE
from tests.factories import company, contract, fleet, investment, metric, put, source
from tests.factories.rewriting import allow_rewriting
from tests.projection.histories import Change, Records, Step, beginning, changed, histories, later
from tests.projection.stating import PERCENT_62, USD_10

Row = dict[str, Any]


async def differences(store: Database, at_once: int = 1_000) -> Difference:
    async with store.snapshot() as connection:
        return await compare(connection, at_once)


async def kept(store: Database) -> list[Row]:
    async with store.reading() as connection:
        rows = (await connection.execute(select(edges).order_by(edges.c.id))).mappings()
        return [dict(row) for row in rows]


async def emptied(store: Database) -> None:
    async with store.writing() as connection:
        await allow_rewriting(connection)
        for table in reversed(metadata.sorted_tables):
            if table is not store_table:
                await connection.execute(delete(table))
        await connection.execute(update(store_table).values(revision=0, position=0))


async def written(store: Database) -> None:
    """A history in which edges were closed, of every kind of record that has any."""
    names = ("openai", "coreweave", "nvidia", "microsoft")
    rented = contract(value=USD_10, starts_on="2025-03-10", ends_on="2030")
    share = metric(counterparty="microsoft", name="revenue_share", value=PERCENT_62)
    await put(
        store,
        sources=[source()],
        companies=[company(slug=slug) for slug in names],
        contracts=[rented],
        investments=[investment(amount=USD_10)],
        fleets=[fleet(users=["openai"], hardware=[{"vendor": "nvidia"}])],
        metrics=[share],
    )
    await put(store, contracts=[rented | {"stage": "active"}], metrics=[share | {"slug": "n", "period": "2025"}])
    await put(store, sources=[source(published_on="2025-02")], companies=[company(slug="openai", parent="microsoft")])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories())
async def test_whatever_is_written_the_kept_edges_equal_a_replay_and_a_rebuild(
    store: Database, history: list[Step]
) -> None:
    await emptied(store)
    await put(store, **beginning())
    state = beginning() | later()
    await put(store, **later())
    for changes, turned in history:
        state = await told(store, state, changes)
        for resource, slug in turned:
            await turn(store, state, resource, slug)
    for at_once in (1, 3, 1_000):
        # However the records are parted, each part has all that their edges hang on.
        assert await differences(store, at_once) == Difference(len(await kept(store)))
    before = {tuple(sorted((row | {"id": 0}).items())) for row in await kept(store)}
    async with store.writing() as connection:
        assert await rebuild(connection) == len(before)
    assert {tuple(sorted((row | {"id": 0}).items())) for row in await kept(store)} == before


async def told(store: Database, state: Records, changes: list[Change]) -> Records:
    """Put what has changed; the state after it, which is as it was where that names something retracted."""
    after = deepcopy(state)
    try:
        await put(store, **changed(after, changes))
    except ImportRefused:
        return state
    return after


async def turn(store: Database, state: Records, resource: str, slug: str) -> None:
    """Retract a record, or restore a retracted one; neither where a reference forbids it."""
    with suppress(Refused):
        async with transaction(store, Author("test")) as write:
            kind = BY_TYPE[resource]
            if (await write.known(kind, [slug]))[slug].document:
                await write.retract(kind, slug)
            else:
                record = next(one for one in state[resource] if one["slug"] == slug)
                await write.put(kind, [kind.schema.model_validate(record)])


async def test_a_store_without_edges_is_clean(store: Database) -> None:
    assert await differences(store) == Difference()


ANOTHER_DAY = date(2001, 1, 1)
TAMPERED = {
    "record_id": 1,
    "record_type": "fleets",
    "record_slug": "another",
    "dependent_id": 1,
    "on_id": 1,
    "kind": "colocation",
    "from_revision": 1,
    "to_revision": 4,
    "start_earliest": ANOTHER_DAY,
    "start_latest": date.max,
    "end_earliest": ANOTHER_DAY,
    "end_latest": date.max,
    "stage": "lapsed",
    "evidence": "confirmed",
    "evidenced_from": ANOTHER_DAY,
    "evidenced_to": ANOTHER_DAY,
    "flow": "against",
    "summary": "{dependent} needs {on}.",
    "document": "{}",
}


def test_every_column_of_an_edge_but_its_id_is_tampered_with_below() -> None:
    assert set(TAMPERED) == {column.name for column in edges.columns} - {"id"}
    assert set(COMPARED) <= set(TAMPERED)


async def test_a_kept_edge_that_was_changed_is_found_and_a_rebuild_restores_it(store: Database) -> None:
    await written(store)
    for column, value in TAMPERED.items():
        rows = await kept(store)
        target = next(
            row for row in rows if (row["from_revision"], row["to_revision"], row["kind"]) == (2, 3, "compute")
        )
        async with store.writing() as connection:
            await connection.execute(update(edges).where(edges.c.id == target["id"]).values({column: value}))
        found = await differences(store)
        assert [row[column] for row in found.surplus.first] == [value], column
        assert [row[column] for row in found.missing.first] == [target[column]], column
        assert not found.clean
        await restored(store, rows)


async def test_an_edge_that_is_missing_is_found(store: Database) -> None:
    await written(store)
    rows = await kept(store)
    async with store.writing() as connection:
        await connection.execute(delete(edges).where(edges.c.id == rows[-1]["id"]))
    found = await differences(store)
    assert (found.kept, found.surplus.number, found.missing.number) == (len(rows) - 1, 0, 1)
    await restored(store, rows)


async def test_a_closed_edge_that_is_there_twice_is_found(store: Database) -> None:
    await written(store)
    rows = await kept(store)
    closed = next(row for row in rows if row["to_revision"] != OPEN)
    async with store.writing() as connection:
        await connection.execute(insert(edges).values(closed | {"id": 9_999}))
    found = await differences(store)
    assert (found.kept, found.surplus.number, found.missing.number) == (len(rows) + 1, 1, 0)
    await restored(store, rows)


async def restored(store: Database, rows: list[Row]) -> None:
    async with store.writing() as connection:
        assert await rebuild(connection) == len(rows)
    assert (await differences(store)).clean
    again = [row | {"id": 0} for row in await kept(store)]
    assert sorted(again, key=str) == sorted((row | {"id": 0} for row in rows), key=str)
