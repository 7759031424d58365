"""What is read next to a company that has thousands of edges: from an index that holds them in their order, no more."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pytest
from sqlalchemy import Select, select, text

from app.graph.question import EdgeFilter, Limits
from app.graph.store.both_ends import among, around
from app.graph.store.found import form_of, values_of
from app.graph.store.near import caps, circle_statement, near_statement
from app.graph.store.whole import touching_statement
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
    # The asker's, and no edge of the hub to one of the two companies.
    assert read == [1, 1, 0]


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_levels_are_read_one_after_the_other(hub: Database) -> None:
    """Read side by side they would be in no order, and the cap would cut the closest."""
    statement = near_statement("depends_on", 2, form_of(ONLY, asks=True), at="newest", lateral=True)
    async with hub.reading() as connection:
        for cost in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_index_scan_size"):
            await connection.execute(text(f"SET {cost} = 0"))
        values = caps(Limits(500, 5_000)) | {"slug": "asker"} | values_of(ONLY)
        plan = await explained(connection, statement, values)
        await connection.execute(text("RESET ALL"))
    levels = [step for step in steps(plan) if step["Node Type"] == "Append" and len(step["Plans"]) == 3]
    assert levels
    assert not any(step.get("Parallel Aware") for step in steps(plan))


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_value_that_a_hub_passes_on_is_not_sought_among_what_depends_on_it(hub: Database) -> None:
    """To read all of them, and find no value that comes back, took 4.2 s in a store with 20 hubs."""
    by_slug = await ids_of(hub)
    values = caps(Limits(500, 5_000)) | {"root": by_slug["rim"]} | values_of(ONLY)
    found = await looks(hub, circle_statement("value", 5, form_of(ONLY), lateral=True), values)
    assert {step["Index Name"] for step in found} == {"ix_edges_along", "ix_edges_against", "ix_edges_dependent_id"}
    assert sum(step["Actual Rows"] + step.get("Rows Removed by Filter", 0) for step in found) == 0


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
    assert (back["Index Name"], back["Actual Rows"]) == ("ix_edges_dependents", 2)


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_a_hub_is_compared_by_as_many_of_its_edges_as_the_cap_allows(hub: Database) -> None:
    """To read and to sort all of them took more than 2 s for two hubs among a million companies."""
    by_slug = await ids_of(hub)
    values = caps(Limits(500, 100)) | {"company_0": by_slug["hub"], "company_1": by_slug["rim"]} | values_of(ONLY)
    found = await looks(hub, touching_statement(form_of(ONLY), 2), values)
    assert len(found) == 5
    assert max(step["Actual Rows"] for step in found) == 101
