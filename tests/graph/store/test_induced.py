"""The edges between the companies that were found, read from an index that holds them in their order."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pytest
from sqlalchemy import Select, select, text

from app.graph.question import EdgeFilter, Limits
from app.graph.store.both_ends import among, around
from app.graph.store.found import form_of, values_of
from app.graph.store.near import caps, near_statement
from app.models.companies import companies
from app.shared.database import Database
from tests.graph import large_world
from tests.plans import Plan, explained, steps

SPOKES = 3_000
ONLY: Final = EdgeFilter(date.fromisoformat(large_world.DAY), revision=1)


@pytest.fixture
async def hub(store: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A store in which one company depends on a hub, the hub on thousands, and each of these on the rim."""
    spokes = [f"s{number}" for number in range(SPOKES)]
    hops = [("asker", "hub"), *(("hub", one) for one in spokes), *((one, "rim") for one in spokes)]
    monkeypatch.setattr(large_world, "_hops", lambda: iter(hops))
    await large_world.fill(store)
    async with store.reading() as connection:
        await connection.execute(text("ANALYZE"))
    return store


async def ids_of(store: Database) -> dict[str, int]:
    """The ids of all companies by their slugs."""
    async with store.reading() as connection:
        return dict((await connection.execute(select(companies.c.slug, companies.c.id))).all())


async def looks(store: Database, statement: Select[Any], values: Mapping[str, Any]) -> list[Plan]:
    """How PostgreSQL looks into the edges when it is asked."""
    async with store.reading() as connection:
        plan = await explained(connection, statement, values, analyze=True)
    return [step for step in steps(plan) if step.get("Relation Name") == "edges"]


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_the_other_edges_of_a_hub_that_one_depends_on_are_not_read(hub: Database) -> None:
    statement = near_statement("depends_on", 1, form_of(ONLY, asks=True), at="newest", lateral=True)
    found = await looks(hub, statement, caps(Limits(500, 5_000)) | {"slug": "asker"} | values_of(ONLY))
    read = [step["Actual Loops"] * (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) for step in found]
    assert [step["Index Name"] for step in found][-1] == "ix_edges_dependent_id"
    assert read == [1, 1]


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_companies_are_looked_at_until_the_cap_is_met(hub: Database) -> None:
    by_slug = await ids_of(hub)
    ids = [by_slug["hub"], by_slug["asker"], *(by_slug[f"s{number}"] for number in range(400))]
    values = caps(Limits(500, 100)) | {"ids": ids} | values_of(ONLY)
    (look,) = await looks(hub, among(form_of(ONLY), lateral=True), values)
    assert look["Actual Loops"] <= 2


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_the_neighbours_of_a_hub_are_not_read_where_the_other_end_has_few(hub: Database) -> None:
    by_slug = await ids_of(hub)
    values = caps(Limits(500, 5_000)) | {"source": by_slug["asker"], "target": by_slug["rim"]} | values_of(ONLY)
    ahead, back = await looks(hub, around(1, form_of(ONLY), lateral=True), values)
    assert (ahead["Index Name"], ahead["Actual Rows"]) == ("ix_edges_dependent_id", 1)
    # One more than the asker and the hub, but for the rim itself.
    assert (back["Index Name"], back["Actual Rows"]) == ("ix_edges_depended_on", 2)
