"""Claims in the store and over HTTP: a record shows the preferred value, and its claims stand side by side."""

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from app.projection.rebuild import compare
from app.shared.database import Database
from app.transfer.load import ImportRefused
from app.transfer.resources import BY_TYPE
from tests.factories import citation, company, contract, metric, one_of_each, put, source
from tests.ledger.asking import get, refusal

USD_5 = {"qualifier": "exact", "amount": 5, "unit": "USD"}
USD_7 = {"qualifier": "at_least", "amount": 7, "unit": "USD"}
CONTRACT = "/v1/contracts/openai-coreweave"


def told(**overrides: object) -> dict[str, Any]:
    """A contract of whose value an older source says 5 and a newer one at least 7."""
    older = citation(source="older", locator="page 1", asserts={"value": USD_5, "term_months": 60})
    newer = citation(source="newer", asserts={"value": USD_7}, attributed_to="older")
    return contract(value=USD_5, citations=[older, newer]) | overrides


def two_sources(older: str | None = "2025-03-10", newer: str | None = "2025-03-12") -> list[dict[str, Any]]:
    """The two sources, and the one that everything else cites."""
    return [source(), source(slug="older", published_on=older), source(slug="newer", published_on=newer)]


async def tell(store: Database, **overrides: object) -> None:
    """Put the contract with all that it needs."""
    await put(store, **one_of_each() | {"sources": two_sources(), "contracts": [told(**overrides)]})


async def test_the_preferred_value_is_shown_filtered_by_and_drawn(store: Database, client: AsyncClient) -> None:
    await tell(store)
    shown = await get(client, CONTRACT)
    assert (shown["value"]["text"], shown["term_months"]) == ("at least USD 7", 60)
    assert (shown["disputed"], shown["preferred"]) == (["value"], {})
    assert [one["asserts"].get("value") for one in shown["citations"]] == [USD_5, USD_7]
    assert len((await get(client, "/v1/contracts?value=7&term_months=60"))["data"]) == 1
    graph = await get(client, "/v1/companies/openai/dependencies")
    assert [one["amount"]["text"] for one in graph["edges"] if one["to"] == "coreweave"] == ["at least USD 7"]
    async with store.reading() as connection:
        assert (await compare(connection)).clean


async def test_what_is_shown_loads_again_as_it_is(store: Database, client: AsyncClient) -> None:
    await tell(store, preferred={"value": "older"})
    shown = await get(client, CONTRACT)
    assert shown["value"]["text"] == "USD 5"
    assert (await put(store, contracts=[shown])).revision is None
    assert (await put(store, contracts=[told(preferred={"value": "older"})])).revision is None


async def test_claims_stand_side_by_side(store: Database, client: AsyncClient) -> None:
    await tell(store)
    found = await get(client, f"{CONTRACT}/claims")
    assert found["next"] is None
    value, term = found["data"]
    assert (value["field"], value["disputed"]) == ("value", True)
    assert value["why"] == "Its source is the newest, published on 2025-03-12."
    assert value["preferred"] == value["claims"][1]
    assert value["preferred"] == {
        "value": {**USD_7, "low": 7, "high": None, "approximate": False, "text": "at least USD 7"},
        "source": "newer",
        "locator": None,
        "claim": "The article says so.",
        "evidence": "reported",
        "confidence": "medium",
        "published_on": "2025-03-12",
        "attributed_to": "older",
    }
    assert (value["claims"][0]["source"], value["claims"][0]["locator"]) == ("older", "page 1")
    assert (term["field"], term["disputed"], term["why"]) == ("term_months", False, "Nothing else is said of it.")


async def test_a_source_that_is_dated_anew_changes_what_counts(store: Database, client: AsyncClient) -> None:
    await tell(store)
    before = await get(client, CONTRACT)
    report = await put(store, sources=two_sources(older="2025-04"))
    after = await get(client, CONTRACT)
    assert (after["value"]["text"], after["version"]) == ("USD 5", 2)
    assert (await get(client, f"{CONTRACT}/claims"))["data"][0]["preferred"]["source"] == "older"
    then = await get(client, f"{CONTRACT}/claims", known_at=before["recorded_at"])
    assert then["data"][0]["preferred"]["source"] == "newer"
    assert then["data"][0]["claims"][0]["published_on"] == "2025-03-10"
    async with store.reading() as connection:
        assert (await compare(connection)).clean
    assert report.revision == 2


async def test_a_date_and_the_record_that_rests_on_it_may_come_together(store: Database, client: AsyncClient) -> None:
    await tell(store)
    await put(store, sources=two_sources(older="2025-04"), contracts=[told(description="Both at once.")])
    shown = await get(client, CONTRACT)
    assert (shown["value"]["text"], shown["version"], shown["description"]) == ("USD 5", 2, "Both at once.")


async def test_a_source_that_is_dated_anew_leaves_what_it_does_not_decide(store: Database, client: AsyncClient) -> None:
    await tell(store)
    await put(store, sources=two_sources(newer="2025-05"))
    assert (await get(client, CONTRACT))["version"] == 1


async def test_a_date_by_which_a_claim_without_its_company_would_count_is_refused(store: Database) -> None:
    claims = [
        citation(source="older", asserts={"parent": "nowhere"}),
        citation(source="newer", asserts={"parent": "a"}),
    ]
    await put(store, sources=two_sources(), companies=[company("a"), company("b", citations=claims)])
    with pytest.raises(ImportRefused) as refused:
        await put(store, sources=two_sources(older="2025-04"))
    assert "companies/b: there is no 'nowhere' in companies" in str(refused.value)


async def test_a_source_may_tell_of_itself(store: Database, client: AsyncClient) -> None:
    itself = citation(source="post", asserts={"published_on": "2025-03", "author": "Ann"})
    for _ in range(2):
        await put(store, sources=[source(slug="post", published_on=None, citations=[itself])])
    shown = await get(client, "/v1/sources/post")
    assert (shown["published_on"], shown["author"], shown["version"]) == ("2025-03", "Ann", 1)


async def test_every_flaw_of_a_claim_is_told_with_its_place(store: Database) -> None:
    wrong = contract(slug="b", citations=[citation(asserts={"value": 1}), citation(asserts={"colour": "red"})])
    batch = one_of_each() | {"contracts": [contract(), wrong]}
    with pytest.raises(ImportRefused) as refused:
        await put(store, **batch)
    assert [(one.position, one.flaw.pointer) for one in refused.value.refusals] == [
        (1, "/citations/0/asserts/value"),
        (1, "/citations/1/asserts/colour"),
    ]


@pytest.mark.parametrize("resource", BY_TYPE)
async def test_every_resource_shows_its_claims(store: Database, client: AsyncClient, resource: str) -> None:
    asserted = {"metrics": {"period": "2023"}, "fleets": {"as_of": "2023"}, "companies": {"country": "US"}}
    asserts = asserted.get(resource, {"title": "As asserted"})
    every = one_of_each()
    every[resource] = [one | {"citations": [citation(asserts=asserts)]} for one in every[resource]]
    await put(store, **every)
    url = f"/v1/{resource}/{every[resource][0]['slug']}"
    (one,) = (await get(client, f"{url}/claims"))["data"]
    assert {one["field"]: one["preferred"]["value"]} == asserts
    shown = await get(client, url)
    assert {name: shown[name] for name in asserts} == asserts
    assert shown["disputed"] == []


async def test_a_record_without_assertions_has_no_claims(store: Database, client: AsyncClient) -> None:
    await put(store, **one_of_each())
    assert await get(client, f"{CONTRACT}/claims") == {"data": [], "next": None}


async def test_claims_are_found_where_their_record_is(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("openai", aliases=["Open AI"])])
    moved = await client.get("/v1/companies/Open-AI/claims")
    assert (moved.status_code, moved.headers["Location"]) == (308, "/v1/companies/openai/claims")
    assert (await client.get("/v1/companies/nowhere/claims")).status_code == 404


async def test_an_unknown_parameter_is_named(many: AsyncClient) -> None:
    flaw = await refusal(many, "/v1/companies/openai/claims?knwon_at=2025")
    assert (flaw["parameter"], flaw["suggestion"]) == ("knwon_at", "known_at")


async def test_claims_of_before_they_were_checked_are_shown_as_far_as_they_are_valid(
    store: Database, client: AsyncClient
) -> None:
    asserts = {"period": "2024"}
    await put(store, **one_of_each() | {"metrics": [metric(citations=[citation(asserts=asserts)])]})
    async with store.writing() as connection:
        odd = '"asserts":{"colour":"red","value":5,"period":"2024"}'
        replaced = 'UPDATE versions SET document = replace(document, \'"asserts":{"period":"2024"}\', :odd)'
        await connection.execute(text(replaced), {"odd": odd})
    found = await get(client, "/v1/metrics/coreweave-revenue-2024/claims")
    assert [one["field"] for one in found["data"]] == ["period"]
    assert (await put(store, sources=[source(published_on="2026")])).revision == 2
