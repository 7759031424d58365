"""The edges between the companies that were found, read from an index that holds them in their order."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import form_of, values_of
from app.graph.store.near import caps, near_statement
from app.shared.database import Database
from app.shared.driver import spell
from tests.graph import large_world
from tests.ledger.test_plans import steps

SPOKES = 3_000


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_the_other_edges_of_a_hub_that_one_depends_on_are_not_read(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hops = [("asker", "hub"), *(("hub", f"s{number}") for number in range(SPOKES))]
    monkeypatch.setattr(large_world, "_hops", lambda: iter(hops))
    await large_world.fill(store)
    only = EdgeFilter(date.fromisoformat(large_world.DAY))
    form = form_of(only, asks=True)
    spelt = spell(near_statement("depends_on", 1, form, at="newest", lateral=True), store.reader.dialect)
    async with store.reading() as connection:
        await connection.execute(text("ANALYZE"))
        driver: Any = (await connection.get_raw_connection()).driver_connection
        values = caps(Limits(500, 5_000)) | {"slug": "asker"} | values_of(only)
        (explained,) = await driver.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {spelt.sql}", *spelt.arguments(values))
    looks = [step for step in steps(explained["Plan"]) if step.get("Relation Name") == "edges"]
    read = [step["Actual Loops"] * (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) for step in looks]
    assert [step["Index Name"] for step in looks][-1] == "ix_edges_dependent_id"
    assert read == [1, 1]
