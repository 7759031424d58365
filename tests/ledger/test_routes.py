"""One record by its slug: now, as it was known, and by the other names that it goes by."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.transfer.resources import BY_TYPE
from tests.factories import company, contract, one_of_each, put, source
from tests.ledger.asking import get, refusal

CONTRACT = {
    "slug": "openai-coreweave",
    "version": 1,
    "title": "OpenAI rents from CoreWeave",
    "kind": "compute",
    "parties": [{"company": "openai", "role": "customer"}, {"company": "coreweave", "role": "supplier"}],
    "value": {
        "qualifier": "more_than",
        "amount": 11900000000.125,
        "low": 11900000000.125,
        "high": None,
        "unit": "USD",
        "approximate": False,
        "text": "more than USD 11,900,000,000.125",
    },
    "capacities": [],
    "announced_on": "2025-03~",
    "signed_on": None,
    "starts_on": None,
    "ends_on": None,
    "term_months": None,
    "exclusive": None,
    "exclusive_until": None,
    "stage": "signed",
    "conditions": None,
    "amends": None,
    "products": [],
    "used_in": [],
    "description": None,
    "citations": [
        {
            "source": "the-article",
            "locator": None,
            "claim": "The article says so.",
            "excerpt": None,
            "evidence": "reported",
            "confidence": "medium",
            "attributed_to": None,
            "asserts": {},
        }
    ],
    "preferred": {},
    "disputed": [],
}


async def test_a_record_shows_all_its_fields_as_they_were_stated(store: Database, client: AsyncClient) -> None:
    value = {"qualifier": "more_than", "amount": Decimal("11900000000.125"), "unit": "USD"}
    every = one_of_each() | {"contracts": [contract(value=value, announced_on="2025-03~")]}
    await put(store, **every)
    reply = await client.get("/v1/contracts/openai-coreweave")
    assert reply.headers["Content-Type"] == "application/json"
    shown = reply.json()
    assert shown.pop("recorded_at").endswith("Z")
    assert shown == CONTRACT
    assert '"amount":11900000000.125,' in reply.text


@pytest.mark.parametrize("resource", BY_TYPE)
async def test_every_resource_shows_one_record_as_its_list_does(many: AsyncClient, resource: str) -> None:
    (listed,) = (await get(many, f"/v1/{resource}?limit=1&sort=-slug"))["data"]
    assert await get(many, f"/v1/{resource}/{listed['slug']}") == listed


async def in_two_versions(store: Database, client: AsyncClient) -> tuple[dict[str, Any], dict[str, Any]]:
    """A company that was renamed, before and after."""
    await put(store, companies=[company("acme", name="Before")])
    before = await get(client, "/v1/companies/acme")
    await put(store, companies=[company("acme", name="After")])
    return before, await get(client, "/v1/companies/acme")


async def test_known_at_shows_the_version_of_that_instant(store: Database, client: AsyncClient) -> None:
    before, after = await in_two_versions(store, client)
    just = timedelta(microseconds=1)
    for recorded, shown in ((before, before), (after, after)):
        at = datetime.fromisoformat(recorded["recorded_at"])
        assert await get(client, "/v1/companies/acme", known_at=at.isoformat()) == shown
        assert await get(client, "/v1/companies/acme", known_at=(at + just).isoformat()) == shown
    last_moment = datetime.fromisoformat(after["recorded_at"]) - just
    assert await get(client, "/v1/companies/acme", known_at=last_moment.isoformat()) == before
    assert (before["version"], after["version"]) == (1, 2)


async def test_known_at_is_an_instant_in_any_zone(store: Database, client: AsyncClient) -> None:
    before, after = await in_two_versions(store, client)
    at = datetime.fromisoformat(after["recorded_at"]) - timedelta(microseconds=1)
    for zone in ("+14:00", "-11:30"):
        there = at.astimezone(datetime.fromisoformat(f"2025-01-01T00:00:00{zone}").tzinfo)
        assert await get(client, "/v1/companies/acme", known_at=there.isoformat()) == before


async def test_before_it_was_recorded_a_record_is_not_found(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("first")])
    await put(store, companies=[company("acme")])
    first = await get(client, "/v1/companies/first")
    for known_at in ("1999-12-31T23:59:59Z", first["recorded_at"]):
        reply = await client.get("/v1/companies/acme", params={"known_at": known_at})
        assert reply.status_code == 404
        assert reply.json()["detail"] == f"'acme' was not known in companies at {known_at}"


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-12",
        "2025-03-12T09:00:00",
        "2025-03-12T09:00:00+00:00",  # an unescaped + is a space in a URL
        "2025-02-30T00:00:00Z",
        "0001-01-01T00:00:00%2B14:00",
        "9999-12-31T23:59:59-14:00",
        "1741770000",
        "now",
        "",
        "٢٠٢٥-03-12T09:00:00Z",
    ],
)
async def test_a_malformed_known_at_is_refused_by_name(many: AsyncClient, text: str) -> None:
    flaw = await refusal(many, f"/v1/companies/openai?known_at={text}")
    assert flaw["parameter"] == "known_at"
    assert "2026-11-23T12:00:00Z" in flaw["detail"]


async def test_known_at_given_twice_is_refused(many: AsyncClient) -> None:
    twice = "known_at=2025-01-01T00:00:00Z&known_at=2026-01-01T00:00:00Z"
    flaw = await refusal(many, f"/v1/companies/openai?{twice}")
    assert flaw == {"parameter": "known_at", "detail": "give it once"}


async def test_an_unknown_parameter_is_named_with_what_there_is(many: AsyncClient) -> None:
    flaw = await refusal(many, "/v1/companies/openai?knownat=2025-01-01T00:00:00Z")
    assert (flaw["parameter"], flaw["suggestion"]) == ("knownat", "known_at")


async def test_an_unknown_slug_is_not_found_with_the_nearest(many: AsyncClient) -> None:
    reply = await many.get("/v1/companies/coreweve")
    assert reply.status_code == 404
    assert reply.json()["detail"] == "there is no 'coreweve' in companies"
    assert reply.json()["errors"][0] == {"detail": "did you mean 'coreweave'?", "suggestion": "coreweave"}


@pytest.mark.parametrize("slug", ["zzzzzz", "%F0%9F%98%80", "%25", "a" * 5_000, "%00", "..%2Fopenai"])
async def test_what_is_like_no_slug_is_not_found_with_no_suggestion(many: AsyncClient, slug: str) -> None:
    reply = await many.get(f"/v1/companies/{slug}")
    assert reply.status_code == 404
    assert reply.json()["errors"] == []


async def test_in_an_empty_store_nothing_is_found(client: AsyncClient) -> None:
    assert (await client.get("/v1/companies/openai")).status_code == 404


async def test_a_slug_of_another_resource_is_not_found(many: AsyncClient) -> None:
    assert (await many.get("/v1/contracts/openai")).status_code == 404


async def moved_to(client: AsyncClient, url: str) -> str:
    """Where a request is sent on to."""
    reply = await client.get(url)
    assert reply.status_code == 308, reply.text
    return reply.headers["Location"]


@pytest.mark.parametrize(
    "spelling", ["OpenAI", "OPENAI", "openai-", "%20openai", "Ope%CC%81nAI", "Open-AI-Inc.", "open%20ai%20inc"]
)
async def test_an_alias_and_another_spelling_are_sent_on(store: Database, client: AsyncClient, spelling: str) -> None:
    await put(store, companies=[company("openai", aliases=["Open AI, Inc."])])
    assert await moved_to(client, f"/v1/companies/{spelling}") == "/v1/companies/openai"


async def test_another_spelling_is_sent_on_in_every_resource(many: AsyncClient) -> None:
    assert await moved_to(many, "/v1/contracts/Contract-00") == "/v1/contracts/contract-00"


async def test_path_and_query_are_kept_on_the_way(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("openai"), company("companies", aliases=["c"])])
    query = "known_at=2030-01-01T00%3A00%3A00%2B01%3A00"
    assert await moved_to(client, f"/v1/companies/OpenAI?{query}") == f"/v1/companies/openai?{query}"
    assert await moved_to(client, "/v1/companies/c") == "/v1/companies/companies"
    there = await moved_to(client, "/v1/companies/OpenAI/dependencies?depth=2&kind=compute&kind=capital")
    assert there == "/v1/companies/openai/dependencies?depth=2&kind=compute&kind=capital"


async def test_an_alias_that_two_companies_share_is_not_a_guess(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("meta", aliases=["FB"]), company("friendly-bank", aliases=["FB"])])
    assert (await client.get("/v1/companies/fb")).status_code == 404


async def test_the_name_of_one_company_and_an_alias_of_another_are_not_a_guess(
    store: Database, client: AsyncClient
) -> None:
    await put(store, companies=[company("nm1", aliases=["Cloud Nine"]), company("nm2", name="Cloud Nine")])
    for spelling in ("Cloud%20Nine", "cloud-nine"):
        reply = await client.get(f"/v1/companies/{spelling}")
        assert (reply.status_code, [one["suggestion"] for one in reply.json()["errors"]]) == (404, ["nm1", "nm2"])


async def test_a_name_finds_its_company_in_any_writing_system(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("one", name="東京"), company("two", aliases=["大阪"])])
    assert await moved_to(client, "/v1/companies/東京") == "/v1/companies/one"
    assert await moved_to(client, "/v1/companies/大阪") == "/v1/companies/two"
    assert (await client.get("/v1/companies/京都")).status_code == 404


async def test_a_slug_wins_over_the_alias_of_another(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("meta"), company("other", aliases=["Meta"])])
    assert (await get(client, "/v1/companies/meta"))["slug"] == "meta"


async def test_an_alias_that_was_taken_away_is_no_longer_sent_on(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("acme", aliases=["Old Name", "New Name"])])
    await put(store, companies=[company("acme", aliases=["New Name"])])
    assert (await client.get("/v1/companies/old-name")).status_code == 404
    assert await moved_to(client, "/v1/companies/new-name") == "/v1/companies/acme"


async def test_an_alias_holds_for_companies_only(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("openai", aliases=["the-other"])], sources=[source()])
    assert (await client.get("/v1/sources/the-other")).status_code == 404


async def test_a_retracted_record_is_gone_and_its_history_is_named(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("acme"), company("other")])
    await writer.delete("/v1/companies/acme", headers={"If-Match": "*"})
    reply = await writer.get("/v1/companies/acme")
    assert reply.status_code == 410
    assert reply.json()["history"] == "/v1/companies/acme/history"
    assert reply.json()["detail"] == "'acme' was retracted"
