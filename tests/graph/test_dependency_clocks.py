"""When: what held in the world on a day, what the store knew at an instant, what had been published by a day."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.companies.repository import COMPANIES
from app.contracts.repository import CONTRACTS
from app.ledger.transaction import Author, transaction
from app.shared.database import Database
from tests.factories import citation, company, fleet, put, source
from tests.graph.networks import Answer, ask, depths, hops, network, supply


async def recorded_at(client: AsyncClient, slug: str) -> str:
    """When the newest version of a contract was recorded."""
    when: str = (await client.get(f"/v1/contracts/{slug}")).json()["recorded_at"]
    return when


def standing(answer: Answer) -> list[tuple[str, bool]]:
    """Each hop, and whether it only may hold."""
    return [(hop, edge["possible"]) for hop, edge in zip(hops(answer), answer["edges"], strict=True)]


async def test_an_edge_holds_from_its_first_day_to_its_last_and_where_that_is_open_it_may(
    client: AsyncClient, store: Database
) -> None:
    await network(store, ["a b"], starts_on="2025-03", ends_on="2030")
    may, does = [("a b", True)], [("a b", False)]
    for day, found in {
        "2025-02-28": [],
        "2025-03-01": may,
        "2025-03-30": may,
        "2025-03-31": does,
        "2030-01-01": does,
        "2030-01-02": may,
        "2030-12-31": may,
        "2031-01-01": [],
    }.items():
        assert standing(await ask(client, "a", as_of=day)) == found, day


async def test_a_start_and_an_end_that_are_days_leave_nothing_open(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b"], starts_on="2025-03-10", ends_on="2025-03-12")
    for day, found in (("09", []), ("10", [("a b", False)]), ("12", [("a b", False)]), ("13", [])):
        assert standing(await ask(client, "a", as_of=f"2025-03-{day}")) == found


async def test_what_was_never_dated_may_have_held_before_it_was_published(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b"])
    assert standing(await ask(client, "a", as_of="1999-01-01")) == [("a b", True)]
    assert standing(await ask(client, "a", as_of="2025-03-11")) == [("a b", True)]
    assert standing(await ask(client, "a", as_of="2025-03-12")) == [("a b", False)]
    assert standing(await ask(client, "a", as_of="9999-12-31")) == [("a b", False)]


async def test_a_contract_that_was_terminated_may_have_held_until_the_report(
    client: AsyncClient, store: Database
) -> None:
    await network(store, ["a b"], starts_on="2024-01-01", ends_on="2030", stage="terminated")
    for day, found in (
        ("2023-12-31", []),
        ("2024-01-01", [("a b", False)]),
        ("2025-03-12", [("a b", True)]),
        ("2025-03-13", []),
    ):
        assert standing(await ask(client, "a", as_of=day)) == found


async def test_a_term_from_some_day_of_a_year_may_end_in_any_of_twelve_months(
    client: AsyncClient, store: Database
) -> None:
    await network(store, ["a b"], starts_on="2025", term_months=18)
    for day, found in (
        ("2026-06-30", [("a b", False)]),
        ("2026-07-01", [("a b", False)]),
        ("2026-07-02", [("a b", True)]),
        ("2026-12-01", [("a b", True)]),
        ("2027-06-30", [("a b", True)]),
        ("2027-07-01", []),
    ):
        answer = await ask(client, "a", as_of=day)
        assert standing(answer) == found, day
        assert {edge["until"] for edge in answer["edges"]} <= {"[2026-07..2027-06]"}


async def test_the_next_observation_takes_the_place_of_the_one_before(client: AsyncClient, store: Database) -> None:
    fleets = [
        fleet(slug="first", operator="b", as_of="2025-03-01", users=["a"]),
        fleet(slug="second", operator="b", as_of="2025-09-01", users=["a", "c"], supersedes="first"),
    ]
    await put(store, sources=[source()], companies=[*map(company, "abc")], fleets=fleets)
    assert hops(await ask(client, "b", "dependents", as_of="2025-08-31")) == ["a b"]
    later = await ask(client, "b", "dependents", as_of="2025-09-01")
    assert [(edge["from"], edge["record"]["slug"]) for edge in later["edges"]] == [("a", "second"), ("c", "second")]


async def test_what_cannot_be_reached_on_the_day_is_not_reached_through_what_can(
    client: AsyncClient, store: Database
) -> None:
    await network(store, ["a b", "b c"], starts_on="2025")
    await put(store, contracts=[supply("a", "b", starts_on="2026")])
    assert depths(await ask(client, "a", as_of="2025-12-31")) == {"a": 0}
    assert depths(await ask(client, "a", as_of="2026-12-31")) == {"a": 0, "b": 1, "c": 2}


async def test_nothing_was_known_before_the_first_record(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b"])
    answer = await ask(client, "a", known_at="2001-02-03T04:05:06Z")
    assert (depths(answer), answer["edges"], answer["revision"]) == ({"a": 0}, [], 0)
    assert answer["known_at"] == "2001-02-03T04:05:06Z"
    (unknown,) = answer["unknowns"]
    assert "Nothing had been recorded by 2001-02-03" in unknown


async def test_what_was_known_then_is_still_answered_after_it_was_corrected(
    client: AsyncClient, store: Database
) -> None:
    await network(store, ["a b", "b c"], stage="announced")
    first, before = await recorded_at(client, "a-b"), await ask(client, "a", as_of="2025-03-12")
    await put(
        store,
        companies=[company("b", name="Bee", kind="energy"), company("d")],
        contracts=[supply("b", "c", stage="signed")],
    )
    await put(store, contracts=[supply("a", "b", parties=supply("a", "d")["parties"])])
    then = await ask(client, "a", as_of="2025-03-12", known_at=first)
    assert then == before | {"known_at": first}, "names, kinds, stages and the revision are of then"
    now = await ask(client, "a", as_of="2025-03-12")
    assert (hops(now), now["revision"]) == (["a d"], 3)


async def test_an_instant_between_two_revisions_is_answered_from_the_first(
    client: AsyncClient, store: Database
) -> None:
    await network(store, ["a b"])
    first = await recorded_at(client, "a-b")
    await put(store, contracts=[supply("b", "a")])
    second = await recorded_at(client, "b-a")
    assert (await ask(client, "a", known_at=first))["revision"] == 1
    assert hops(await ask(client, "a", known_at=first)) == ["a b"]
    assert hops(await ask(client, "a", known_at=second)) == ["a b", "b a"]
    assert (await ask(client, "a", known_at=second))["revision"] == 2


@pytest.mark.parametrize("question", ["dependencies", "dependents"])
async def test_what_is_known_now_is_what_is_known(client: AsyncClient, store: Database, question: str) -> None:
    await network(store, ["a b", "b a", "b c"])
    await put(store, companies=[company("b", name="Bee")], contracts=[supply("b", "c", stage="active")])
    plain = await ask(client, "b", question)
    now = "2999-01-01T00:00:00Z"
    assert await ask(client, "b", question, known_at=now) == plain | {"known_at": now}


async def test_a_zone_other_than_utc_is_understood(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b"])
    answer = await ask(client, "a", known_at="2999-01-01T02:00:00+02:00")
    assert (hops(answer), answer["known_at"]) == (["a b"], "2999-01-01T00:00:00Z")


async def test_only_what_some_source_had_published_by_a_day_counts(client: AsyncClient, store: Database) -> None:
    later, undated = source(slug="later", published_on="2025-06"), source(slug="undated", published_on=None)
    await network(store, ["a b"], citations=[citation(source="the-article"), citation(source="the-article")])
    cited: dict[str, list[dict[str, Any]]] = {
        "c": [citation(source="later")],
        "d": [citation(source="undated")],
        "e": [citation(source="later"), citation(source="the-article")],
    }
    contracts = [supply("a", on, citations=given) for on, given in cited.items()]
    await put(store, sources=[later, undated], companies=[*map(company, "cde")], contracts=contracts)
    asked = {"as_of": "2026-01-01"}
    assert hops(await ask(client, "a", **asked)) == ["a b", "a c", "a d", "a e"]
    assert hops(await ask(client, "a", published_by="2025-03-11", **asked)) == []
    assert hops(await ask(client, "a", published_by="2025-03-12", **asked)) == ["a b", "a e"]
    assert hops(await ask(client, "a", published_by="2025-06-29", **asked)) == ["a b", "a e"], "June may not be over"
    assert hops(await ask(client, "a", published_by="2025-06-30", **asked)) == ["a b", "a c", "a e"]


async def test_the_clocks_are_asked_together(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b"], starts_on="2025-01-01")
    first = await recorded_at(client, "a-b")
    await put(store, contracts=[supply("a", "b", starts_on="2026-01-01")])
    assert hops(await ask(client, "a", as_of="2025-06-01")) == []
    assert hops(await ask(client, "a", as_of="2025-06-01", known_at=first)) == ["a b"]
    assert hops(await ask(client, "a", as_of="2025-06-01", known_at=first, published_by="2025-03-11")) == []
    assert hops(await ask(client, "a", as_of="2024-12-31", known_at=first)) == []


async def test_what_was_retracted_since_stands_in_answers_about_the_past(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b", "b c"])
    first = await recorded_at(client, "a-b")
    before = await ask(client, "a", as_of="2025-03-12")
    async with transaction(store, Author("test")) as write:
        await write.retract(CONTRACTS, "b-c")
        await write.retract(COMPANIES, "c")
    assert depths(await ask(client, "a", as_of="2025-03-12")) == {"a": 0, "b": 1}
    assert await ask(client, "a", as_of="2025-03-12", known_at=first) == before | {"known_at": first}
