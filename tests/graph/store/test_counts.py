"""Who has how many dependents, read from one index, by as many processes as the database gives it."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import Column, text
from sqlalchemy.sql.visitors import iterate

from app.graph.analysis.rankings import Count
from app.graph.question import EdgeFilter
from app.graph.store.counts import PARTS, counted, dependents_of_all
from app.graph.store.found import form_of, values_of
from app.models.edges import edges
from app.shared.database import Database
from tests.graph import large_world
from tests.graph.deals import supply, tell
from tests.plans import explained, steps

DAY = date(2025, 6, 1)


@pytest.mark.parametrize(
    "only",
    [
        EdgeFilter(DAY),
        EdgeFilter(DAY, kinds=("compute",), stages=("signed",), evidence=("reported",), published_by=DAY),
        EdgeFilter(DAY, not_kinds=("compute",), not_stages=("signed",), not_evidence=("reported",)),
    ],
)
def test_whatever_narrows_a_count_of_dependents_stands_in_the_index(only: EdgeFilter) -> None:
    """A column that it lacks would have the whole table read: 4.4 s for 5,000,000 edges, more than a read may take."""
    (index,) = (one for one in edges.indexes if one.name == "ix_edges_dependents")
    asked = {one.name for one in iterate(counted(form_of(only))) if isinstance(one, Column)}
    assert {"on_id", "dependent_id", "from_revision", "start_latest", "end_latest"} <= asked
    assert asked <= set(index.columns.keys())


@pytest.mark.parametrize("number", [1, PARTS - 1, PARTS + 1, 3 * PARTS + 2])
async def test_each_company_is_counted_in_one_of_the_parts(
    store: Database, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Every company depends on all that were recorded before it, whose ids are at the bounds of parts and between."""
    hops = [(f"c{later}", f"c{earlier}") for later in range(number + 1) for earlier in range(later)]
    monkeypatch.setattr(large_world, "_hops", lambda: iter(hops))
    await large_world.fill(store)
    async with store.reading() as connection:
        found, _ = await dependents_of_all(connection, EdgeFilter(DAY, revision=1), number)
    assert {slug: count.high for slug, count in found.items()} == Counter(on for _, on in hops)


async def test_dependents_are_counted_by_whether_they_bind_and_are_certain(store: Database) -> None:
    deals = [
        *(supply("a", "hub"), supply("a", "hub", slug="more", stage="intended")),
        *(supply("b", "hub", ends_on="2025"), supply("b", "hub", slug="plan", stage="rumoured")),
        *(supply("c", "hub", stage="rumoured"), supply("c", "hub", slug="maybe", stage="intended", ends_on="2025")),
        *(supply("d", "hub", stage="intended", ends_on="2025"), supply("e", "hub", ends_on="2024")),
        *(supply("a", one) for one in ("y", "x", "z")),
    ]
    await tell(store, *"abcde", "hub", *"xyz", contracts=deals)
    async with store.reading() as connection:
        found = await dependents_of_all(connection, EdgeFilter(DAY, revision=1))
    one = Count(1, 1)
    assert found == ({"hub": Count(1, 2, 0, 2), "x": one, "y": one, "z": one}, False)


async def test_nobody_is_left_out_who_may_be_before_one_that_is_not(store: Database) -> None:
    """Each that is left out may have two: who may have three, and certainly has none, has no certain place."""
    certain = [supply(dependent, on) for on in ("two", "one") for dependent in "ab"]
    possible = [supply(dependent, "maybe", ends_on="2025") for dependent in "abc"]
    await tell(store, *"abc", "maybe", "one", "two", contracts=[*certain, *possible])
    async with store.reading() as connection:
        found = await dependents_of_all(connection, EdgeFilter(DAY, revision=1), 3)
    assert found == ({"two": Count(2, 2), "one": Count(2, 2)}, True)


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_processes_of_postgresql_count_side_by_side(store: Database) -> None:
    only = EdgeFilter(DAY, revision=1)
    async with store.reading() as connection:
        for cost in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_index_scan_size"):
            await connection.execute(text(f"SET {cost} = 0"))
        values = values_of(only) | {"newest": 1_000, "most": 50}
        plan = await explained(connection, counted(form_of(only)), values)
        await connection.execute(text("RESET ALL"))
    (side_by_side,) = [step for step in steps(plan) if step["Node Type"] == "Append" and step["Parallel Aware"]]
    assert len(side_by_side["Plans"]) == PARTS
    looks = [step for step in steps(plan) if step.get("Relation Name") == "edges"]
    assert len(looks) == PARTS, "all of it is one walk of the index"
