"""What goes wrong is said on a page where a page was asked for, and as problem details everywhere else."""

import pytest
from httpx import AsyncClient
from sqlalchemy.exc import OperationalError

from app.shared.database import Database
from tests.conftest import serving
from tests.ledger.keyed import bearer
from tests.web.reading import opened


async def test_an_unknown_company_offers_the_nearest(reader: AsyncClient) -> None:
    for page in ("", "/exposure", "/about", "/dependents?depth=2"):
        seen = await opened(reader, f"/companies/opnai{page}", 404)
        assert "/companies/openai" in seen.links, page
    assert "/contracts" in (await opened(reader, "/contracts/nothing-like-it", 404)).links


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/companies/openai?as_of=2025-13-01", "13 is not a month"),
        ("/companies/openai?as_of=0999-01-01", "years run from 1000"),
        ("/companies/openai?depth=9", "at most 8 is needed"),
        ("/companies/openai?dept=2", "unknown parameter 'dept'"),
        ("/companies/openai/timeline?from=x", "'x' is not a date"),
        ("/contracts/openai-coreweave-compute-2025?known_at=yesterday", "known_at"),
        ("/timeline?from=2025-02-01&to=2025-01-01", "from is later than to"),
        ("/paths?from=openai", "it is missing: give it"),
        ("/paths?from=openai&to=nvida", "no 'nvida'"),
        ("/compare?company=openai", "give company 2 to 10 times"),
        ("/contracts?kindd=compute", "kind"),
        ("/rankings?by=size", "size"),
        ("/contracts/openai-coreweave-compute-2025?as_of=2025-01-01", "unknown parameter 'as_of'"),
        ("/companies/openai/records?kind=compute", "unknown parameter 'kind'"),
        ("/companies/openai/exposure?format=svg", "a page has one shape"),
        ("/?x=1", "unknown parameter 'x'"),
    ],
)
async def test_what_cannot_be_asked_is_named(reader: AsyncClient, address: str, said: str) -> None:
    assert said in (await opened(reader, address, 400)).text


async def test_a_slip_is_one_click_away_from_what_was_meant(reader: AsyncClient) -> None:
    assert "/paths?from=openai&to=nvidia" in (await opened(reader, "/paths?from=openai&to=nvida", 400)).links


async def test_a_slip_in_a_parameter_is_one_click_away_and_asked_as_a_question(reader: AsyncClient) -> None:
    seen = await opened(reader, "/contracts?stage=signed&knd=compute", 400)
    assert "Did you mean kind?" in seen.text
    assert "/contracts?stage=signed&kind=compute" in seen.links
    seen = await opened(reader, "/contracts?kind=comptue", 400)
    assert "Did you mean compute?" in seen.text
    assert "/contracts?kind=compute" in seen.links


async def test_the_api_and_unknown_addresses_are_answered_as_before(reader: AsyncClient) -> None:
    for address in ("/v1/companies/opnai", "/nothing", "/v1", "/companiesx"):
        reply = await reader.get(address, headers={"Accept": "text/html, */*;q=0.8"})
        assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json"), address
    reply = await reader.post("/companies", json={})
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"]


async def test_an_alias_leads_to_the_page_of_the_company(reader: AsyncClient) -> None:
    reply = await reader.get("/companies/OpenAI/exposure?as_of=2025-03-12")
    assert (reply.status_code, reply.headers["location"]) == (308, "/companies/openai/exposure?as_of=2025-03-12")


async def test_a_retracted_record_says_so_and_leads_to_its_history(store: Database, client: AsyncClient) -> None:
    from tests.factories import company, put  # noqa: PLC0415 - only here

    await put(store, companies=[company("gone")])
    etag = (await client.get("/v1/companies/gone")).headers["etag"]
    headers = await bearer(store) | {"If-Match": etag}
    assert (await client.delete("/v1/companies/gone?reason=test", headers=headers)).status_code < 300
    seen = await opened(client, "/companies/gone", 410)
    assert {"href": "/v1/companies/gone/history"} in seen.all("a")


async def test_a_database_that_is_away_gives_a_page_that_says_so(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_self: Database) -> None:
        raise OperationalError("SELECT", {}, ConnectionRefusedError("connection refused"), connection_invalidated=True)

    async with serving(store_url) as client:
        monkeypatch.setattr(Database, "reading", away)
        seen = await opened(client, "/companies/openai", 503)
        assert "cannot answer now" in seen.text
        reply = await client.get("/v1/companies")
        assert (reply.status_code, reply.headers["content-type"]) == (503, "application/problem+json")


async def test_where_reading_needs_a_key_a_page_says_so(store_url: str) -> None:
    async with serving(store_url, public_reads=False) as client:
        seen = await opened(client, "/companies/openai", 401)
        assert "key" in seen.text
        (style,) = [one["href"] for one in seen.all("link") if one["rel"] == "stylesheet"]
        assert (await client.get(style)).status_code == 200


async def test_an_empty_store_has_all_pages_too(client: AsyncClient) -> None:
    for address in (
        "/",
        "/companies",
        "/fleets",
        "/loops",
        "/timeline",
        "/rankings",
        "/rankings?by=gpus",
        "/search?q=x",
    ):
        await opened(client, address)
